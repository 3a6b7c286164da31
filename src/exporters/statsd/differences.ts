import type { InstrumentationScope } from '@opentelemetry/core';
import {
  DataPointType,
  type Histogram,
  type MetricData,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import { hasNumbers, isMomentary } from '../../metric-data/kind.ts';
import { scopeKey } from '../../metric-data/scope.ts';
import type { Instruments } from '../exporter.ts';
import type { Frame } from './dialects/dialect.ts';
import { type Sample, samplesOf } from './distribution.ts';
import { sampleLines } from './lines.ts';
import { createMoments } from './moments.ts';
import { type NameOptions, scaleOf } from './names.ts';
import { decimal } from './numbers.ts';
import type { Piece } from './packets.ts';
import { createSentSeries, type Sent, type SentSeries } from './sent-series.ts';
import { createTotals, type ScopeMetric } from './totals.ts';

/** Everything that shapes the lines. */
export interface DifferencesOptions extends NameOptions {
  readonly instruments: Instruments;
  /** In bytes; a histogram's samples are spread over pieces that are not longer. */
  readonly packetSize: number;
}

/**
 * Turns cumulative collections into lines of what has not been sent yet. A piece counts as sent when it is committed;
 * until then, its content is part of the next collection's pieces, so that nothing is lost or sent twice.
 *
 * Counters and histograms are sent as differences, up-down counters and gauges as they are. Pieces are generated
 * lazily: those of one collection must be finished with before the next collection is turned.
 */
export function createDifferences(
  options: DifferencesOptions,
): (metrics: ResourceMetrics) => Generator<Piece> {
  const { dialect, config, instruments } = options;
  const totals = dialect.names === 'hierarchy' ? createTotals(config.nameOrder) : undefined;
  const seriesByMetric = new Map<string, SentSeries>();
  const seriesOf = (scope: InstrumentationScope, metric: MetricData): SentSeries => {
    const { name, unit, valueType } = metric.descriptor;
    // The SDK keeps two counters of one name apart if one of them is observable.
    const type: unknown = Reflect.get(metric.descriptor, 'type');
    const own = [name, unit, valueType, type, metric.dataPointType];
    const key = JSON.stringify([scopeKey(scope), ...own]);
    let series = seriesByMetric.get(key);
    if (series === undefined) {
      series = createSentSeries(options, metric, !isMomentary(metric));
      seriesByMetric.set(key, series);
    }
    return series;
  };
  let collection = 0;

  /** Sees what a collection has before anything is sent: sending may stop halfway, and a reset is seen only once. */
  const see = ({ scope, metric }: ScopeMetric): void => {
    if (isMomentary(metric)) return;
    const series = seriesOf(scope, metric);
    for (const point of metric.dataPoints) {
      const sent = series.in(collection, metric, point.attributes);
      if (hasNumbers(metric)) seeValue(sent, Number(point.value));
    }
  };

  const take = ({ scopeMetrics }: ResourceMetrics): ScopeMetric[] => {
    collection += 1;
    const own = scopeMetrics.flatMap(({ scope, metrics }) => metrics.map((metric) => ({ scope, metric })));
    for (const each of own) see(each);
    const added =
      totals?.(scopeMetrics, (scope, metric, point) => {
        const sent = seriesOf(scope, metric).of(metric, point.attributes);
        const { histogram } = sent;
        sent.histogram = point.value;
        return histogram;
      }) ?? [];
    for (const each of added) see(each);
    for (const series of seriesByMetric.values()) series.forgetEnded(collection);
    return [...own, ...added];
  };

  return function* pieces(metrics) {
    const all = take(metrics)
      .map(({ scope, metric }) => ({
        metric,
        series: seriesOf(scope, metric),
        place: instruments.place(scope, metric),
      }))
      .sort((a, b) => (a.place === b.place ? 0 : a.place - b.place));
    const moments = createMoments();
    for (const { metric, series } of all) {
      if (!hasNumbers(metric) || !isMomentary(metric)) continue;
      for (const { attributes, value } of metric.dataPoints) {
        moments.note(metric, series.of(metric, attributes).frame, value);
      }
    }
    for (const { metric, series } of all) {
      switch (metric.dataPointType) {
        case DataPointType.HISTOGRAM: {
          const scale = scaleOf(metric.descriptor.unit, dialect);
          for (const { attributes, value } of metric.dataPoints) {
            const sent = series.of(metric, attributes);
            if (sent.frame !== undefined) yield* distribution(sent, sent.frame, value, scale, options);
          }
          break;
        }
        case DataPointType.SUM:
        case DataPointType.GAUGE:
          for (const { attributes, value } of metric.dataPoints) {
            const sent = series.of(metric, attributes);
            if (sent.frame === undefined) continue;
            if (isMomentary(metric)) {
              const moment = moments.take(metric, sent.frame);
              if (Number.isFinite(moment)) yield gauge(sent.frame, Number(moment));
            } else if (Number.isFinite(value)) yield* counter(sent, sent.frame, dialect.wholeCounts === true);
          }
          break;
      }
    }
  };
}

/** A server would add a signed value to the one before, so a zero goes first, in the same piece. */
function gauge({ before, after }: Frame, value: number): Piece {
  const line = `${before}:${decimal(value)}|g${after}`;
  return { text: value < 0 ? `${before}:0|g${after}\n${line}` : line, commit: () => undefined };
}

/** A value lower than before means that an observable counter was reset. */
function seeValue(sent: Sent, value: number): void {
  if (!Number.isFinite(value)) return;
  if (value < sent.seen) sent.before += sent.seen;
  sent.seen = value;
}

function* counter(sent: Sent, { before, after }: Frame, whole: boolean): Generator<Piece> {
  const value = sent.before + sent.seen;
  const difference = value - sent.value;
  const due = whole ? Math.floor(difference) : difference;
  if (due <= 0) return;
  const next = whole ? sent.value + due : value;
  yield {
    text: `${before}:${decimal(due)}|c${after}`,
    commit: () => {
      sent.value = next;
    },
  };
}

function* distribution(
  sent: Sent,
  frame: Frame,
  { count, sum = Number.NaN, max, buckets }: Histogram,
  scale: number,
  options: DifferencesOptions,
): Generator<Piece> {
  if (count === sent.count) return;
  const pending = buckets.counts.map((each, bucket) => each - (sent.counts[bucket] ?? 0));
  const values = { sum: sum - sent.sum, exact: sent.exact, max };
  const samples = samplesOf(buckets.boundaries, pending, values, scale);
  // One less for the newline that ends it on a stream.
  const room = options.packetSize - 1 - Buffer.byteLength(frame.before + frame.after);
  const commit = (taken: readonly Sample[]): void => {
    for (const { bucket, value, count: times } of taken) {
      sent.counts[bucket] = (sent.counts[bucket] ?? 0) + times;
      sent.count += times;
      sent.sum += (times * value) / scale;
    }
    // The samples' sum only approximates the true one, which applies again once all of them have left.
    sent.exact = sent.count === count;
    if (sent.exact) sent.sum = sum;
  };
  for (const line of sampleLines(samples, options.dialect, room)) {
    yield { text: frame.before + line.text + frame.after, commit: () => commit(line.samples) };
  }
}
