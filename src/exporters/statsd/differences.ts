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
import { frameOf, type NameOptions, scaleOf } from './names.ts';
import { decimal } from './numbers.ts';
import type { Piece } from './packets.ts';
import { totalsOf } from './totals.ts';

/** Everything that shapes the lines. */
export interface DifferencesOptions extends NameOptions {
  readonly instruments: Instruments;
  /** In bytes; a histogram's samples are spread over pieces that are not longer. */
  readonly packetSize: number;
}

/** How much of a series has been sent: of its value, or of its buckets and the sum of their values. */
interface Sent {
  readonly frame: Frame | undefined;
  /** A counter's value in the last collection, and its total from before its last reset. */
  seen: number;
  before: number;
  value: number;
  count: number;
  sum: number;
  /** The sum is that of the recorded values, not of the samples sent for them. */
  exact: boolean;
  counts: number[];
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
  const seriesByMetric = new Map<string, ReturnType<typeof createSeries>>();
  const seriesOf = (scope: InstrumentationScope, metric: MetricData): ReturnType<typeof createSeries> => {
    const { name, unit, valueType } = metric.descriptor;
    // The SDK keeps two counters of one name apart if one of them is observable.
    const type: unknown = Reflect.get(metric.descriptor, 'type');
    const own = [name, unit, valueType, type, metric.dataPointType];
    const key = JSON.stringify([scopeKey(scope), ...own]);
    let series = seriesByMetric.get(key);
    if (series === undefined) {
      series = createSeries(options, !isMomentary(metric));
      seriesByMetric.set(key, series);
    }
    return series;
  };

  return function* pieces({ scopeMetrics }) {
    const all = scopeMetrics
      .flatMap(({ scope, metrics }) => {
        const totals = dialect.names === 'hierarchy' ? totalsOf(metrics, config.nameOrder) : [];
        return [...metrics, ...totals].map((metric) => ({
          metric,
          series: seriesOf(scope, metric),
          place: instruments.place(scope, metric),
        }));
      })
      .sort((a, b) => (a.place === b.place ? 0 : a.place - b.place));
    const moments = createMoments();
    for (const { metric, series } of all) {
      if (!hasNumbers(metric) || !isMomentary(metric)) continue;
      for (const { attributes, value } of metric.dataPoints) {
        moments.note(metric, series(metric, attributes).frame, value);
      }
    }
    // Before anything is sent: sending may stop halfway, and a reset can be seen in one collection only.
    for (const { metric, series } of all) {
      if (!hasNumbers(metric) || isMomentary(metric)) continue;
      for (const { attributes, value } of metric.dataPoints) see(series(metric, attributes), value);
    }
    for (const { metric, series } of all) {
      switch (metric.dataPointType) {
        case DataPointType.HISTOGRAM: {
          const scale = scaleOf(metric.descriptor.unit, dialect);
          for (const { attributes, value } of metric.dataPoints) {
            const sent = series(metric, attributes);
            if (sent.frame !== undefined) yield* distribution(sent, sent.frame, value, scale, options);
          }
          break;
        }
        case DataPointType.SUM:
        case DataPointType.GAUGE:
          for (const { attributes, value } of metric.dataPoints) {
            const sent = series(metric, attributes);
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

type Attributes = MetricData['dataPoints'][number]['attributes'];

/**
 * Finds what is known of a metric's series; first by the attributes' object, which the SDK mostly reuses.
 *
 * @param lasting whether to remember series across collections
 */
function createSeries(
  options: NameOptions,
  lasting: boolean,
): (metric: MetricData, attributes: Attributes) => Sent {
  const byObject = new WeakMap<Attributes, Sent>();
  const byValue = new Map<string, Sent>();
  return (metric, attributes) => {
    let sent = byObject.get(attributes);
    if (sent !== undefined) return sent;
    const key = JSON.stringify(Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1)));
    sent = byValue.get(key);
    if (sent === undefined) {
      const frame = frameOf(metric, attributes, options);
      sent = { frame, seen: 0, before: 0, value: 0, count: 0, sum: 0, exact: true, counts: [] };
      if (lasting) byValue.set(key, sent);
    }
    byObject.set(attributes, sent);
    return sent;
  };
}

/** A server would add a signed value to the one before, so a zero goes first, in the same piece. */
function gauge({ before, after }: Frame, value: number): Piece {
  const line = `${before}:${decimal(value)}|g${after}`;
  return { text: value < 0 ? `${before}:0|g${after}\n${line}` : line, commit: () => undefined };
}

/** A value lower than before means that an observable counter was reset. */
function see(sent: Sent, value: number): void {
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
