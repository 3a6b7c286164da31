import type { HrTime } from '@opentelemetry/api';
import {
  DataPointType,
  type MetricData,
  type ResourceMetrics,
  type ScopeMetrics,
} from '@opentelemetry/sdk-metrics';
import type { Labels } from '../../metric-data/labels.ts';
import { createChanges, type Range } from './changes.ts';
import { mergeExponential } from './exponential.ts';
import { exponentialOf, negated, readExponential, writeExponential } from './exponential-slot.ts';
import {
  createOwnSeries,
  type FindSeries,
  type OwnMetric,
  type OwnSeries,
  type Series,
} from './own-series.ts';
import { atOnce } from './slices.ts';
import { ends, isCumulative, type State, widthOf } from './state.ts';

/** Keeps the state of this process up to date with what is collected. */
export interface StateWriter extends Pick<OwnSeries, 'keys'> {
  readonly state: State;
  /**
   * Takes over a cumulative collection, one at a time; yields now and then so that the caller can let the event loop go
   * on.
   *
   * @param seconds since 1970
   */
  update(
    metrics: Pick<ResourceMetrics, 'scopeMetrics'>,
    seconds: number,
  ): Generator<undefined, void, undefined>;
  /**
   * Takes over series of synchronous instruments at once, also during an update; the others stay as they are.
   *
   * @param seconds since 1970
   */
  note(scopeMetrics: readonly ScopeMetrics[], seconds: number): void;
  /** The doubles that have changed since the last call; undefined when there are too many ranges to name. */
  takeChanges(): readonly Range[] | undefined;
  /** Counts only what comes from now on: what there is has been counted elsewhere. Forgets the series that have ended. */
  rebase(): void;
  /** Forgets the series that have ended, which count nowhere. */
  forgetEnded(): void;
  /**
   * Whether most of the places are those of series that have ended.
   *
   * @param most places of such series that do no harm, 1000 by default
   */
  isCrowded(most?: number): boolean;
}

export interface StateWriterOptions {
  /** Of this process: every series gets them unless it has one of that name itself. */
  readonly labels?: Labels;
  /** Whether series end when nothing is recorded to them: the start of each then tells whether it has begun anew. */
  readonly seriesEnd?: boolean;
}

const SERIES_PER_SLICE = 100;
const MOST_ENDED = 1000;

export function createStateWriter({ labels = {}, seriesEnd = false }: StateWriterOptions = {}): StateWriter {
  const own = createOwnSeries(labels);
  const changes = createChanges();
  let left = SERIES_PER_SLICE;
  let ended = 0;
  let living = 0;
  /** An update is under way: which series have ended is known at its end. */
  let updating = false;

  const isSliceOver = (): boolean => {
    left -= 1;
    if (left > 0) return false;
    left = SERIES_PER_SLICE;
    return true;
  };

  /** @returns whether that is a change */
  const put = (place: number, value: number): boolean => {
    if (Object.is(own.values[place], value)) return false;
    own.values[place] = value;
    changes.add(place);
    return true;
  };

  const shiftOf = (metric: OwnMetric, series: Series): Float64Array => {
    series.shift ??= new Float64Array(widthOf(metric.definition));
    return series.shift;
  };

  /** A lower value than before means that an observable counter has started anew. */
  const putTotal = (metric: OwnMetric, series: Series, at: number, value: number): boolean => {
    if (!Number.isFinite(value)) return false;
    const place = series.offset + at;
    const before = own.values[place] ?? 0;
    if (value + (series.shift?.[at] ?? 0) < before) {
      if (metric.steady) return false;
      shiftOf(metric, series)[at] = before;
    }
    return put(place, value + (series.shift?.[at] ?? 0));
  };

  const putMomentary = (offset: number, value: number, seconds: number): void => {
    if (own.values[offset] !== 0 && Object.is(own.values[offset + 1], value)) return;
    put(offset, seconds);
    put(offset + 1, value);
  };

  /** A series that has ended and comes back goes on from where it was. */
  const continueAnew = (metric: OwnMetric, series: Series): void => {
    const { definition } = metric;
    series.count = 0;
    if (definition.kind === 'exponentialHistogram') {
      series.exponentialShift = readExponential(own.values, series.offset + 1);
      return;
    }
    const { offset } = series;
    shiftOf(metric, series).set(own.values.subarray(offset, offset + widthOf(definition)));
  };

  const see = (metric: OwnMetric, series: Series, start: HrTime): void => {
    if (!seriesEnd || !metric.mortal) return;
    if (series.start !== undefined && !isSame(series.start, start)) continueAnew(metric, series);
    series.start = start;
  };

  const stamp = (metric: OwnMetric, { offset }: Series, changed: boolean, seconds: number): void => {
    const never = own.values[offset] === 0;
    if (changed || never) put(offset, seriesEnd && metric.mortal ? seconds : Number.POSITIVE_INFINITY);
  };

  const putCounts = (
    { offset, shift }: Series,
    counts: readonly number[],
    sum: number | undefined,
  ): boolean => {
    let changed = false;
    for (let i = 0; i < counts.length; i++) {
      if (put(offset + 1 + i, (counts[i] ?? 0) + (shift?.[1 + i] ?? 0))) changed = true;
    }
    const at = 1 + counts.length;
    return put(offset + at, (sum ?? Number.NaN) + (shift?.[at] ?? 0)) || changed;
  };

  function* take(
    metric: OwnMetric,
    data: MetricData,
    seconds: number,
    find: FindSeries,
  ): Generator<undefined, void, undefined> {
    switch (data.dataPointType) {
      case DataPointType.SUM:
      case DataPointType.GAUGE: {
        const { kind } = metric.definition;
        for (const { attributes, startTime, value } of data.dataPoints) {
          const series = find(metric, attributes);
          if (kind === 'counter') {
            see(metric, series, startTime);
            stamp(metric, series, putTotal(metric, series, 1, value), seconds);
          } else if (kind === 'observableCounter') {
            putTotal(metric, series, 0, value);
            put(series.offset + 1, 1);
          } else putMomentary(series.offset, value, seconds);
          if (isSliceOver()) yield;
        }
        break;
      }
      case DataPointType.HISTOGRAM:
        for (const { attributes, startTime, value } of data.dataPoints) {
          const series = find(metric, attributes);
          see(metric, series, startTime);
          if (!isOlder(series, value))
            stamp(metric, series, putCounts(series, value.buckets.counts, value.sum), seconds);
          if (isSliceOver()) yield;
        }
        break;
      case DataPointType.EXPONENTIAL_HISTOGRAM:
        for (const { attributes, startTime, value } of data.dataPoints) {
          const series = find(metric, attributes);
          see(metric, series, startTime);
          const { offset, exponentialShift: shift } = series;
          if (!isOlder(series, value)) {
            const given = exponentialOf(value);
            let changed = false;
            writeExponential(
              shift === undefined ? given : mergeExponential(given, shift),
              offset + 1,
              (at, each) => {
                if (put(at, each)) changed = true;
              },
            );
            stamp(metric, series, changed, seconds);
          }
          if (isSliceOver()) yield;
        }
        break;
    }
  }

  /** Whether the last whole collection did not have it, and nothing was noted of it since. */
  const hasEnded = ({ round, noted }: Series): boolean => Math.max(round, noted) !== own.round;

  /** An observable counter may be observed again, and goes on from where it was. */
  const isKept = ({ definition, mortal }: OwnMetric, series: Series): boolean => {
    if (definition.kind === 'observableCounter') return true;
    return ends(definition.kind) ? !mortal || !hasEnded(series) : own.values[series.offset] !== 0;
  };

  /** What is not in a whole collection is not there any more. */
  const seeAbsent = (): void => {
    ended = 0;
    living = 0;
    for (const metric of own.metrics) {
      const { definition, series } = metric;
      // The total of an observable counter stays: it may be observed again.
      const place = definition.kind === 'observableCounter' ? 1 : 0;
      for (const each of series) {
        if (each.round === own.round) living += 1;
        else if (!ends(definition.kind)) put(each.offset + place, 0);
        if (seriesEnd && !isKept(metric, each)) ended += 1;
      }
    }
  };

  const forgetEnded = (): void => {
    if (ended === 0 || updating) return;
    changes.forget();
    own.retain(isKept);
    ended = 0;
  };

  return {
    get state() {
      return { metrics: own.metrics, values: own.values.subarray(0, own.used) };
    },
    isCrowded: (most = MOST_ENDED) => ended > Math.max(most, living),
    keys: own.keys,
    *update({ scopeMetrics }, seconds) {
      own.round += 1;
      updating = true;
      for (const { scope, metrics } of scopeMetrics) {
        for (const data of metrics) yield* take(own.metricOf(scope, data), data, seconds, own.inRound);
      }
      seeAbsent();
      updating = false;
    },
    note(scopeMetrics, seconds) {
      for (const { scope, metrics } of scopeMetrics) {
        for (const data of metrics) atOnce(take(own.metricOf(scope, data), data, seconds, own.outOfRound));
      }
    },
    takeChanges: changes.take,
    rebase() {
      changes.forget();
      const { values } = own;
      for (const metric of own.metrics) {
        const { definition } = metric;
        if (!isCumulative(definition.kind)) continue;
        // When it changed last stays.
        const first = ends(definition.kind) ? 1 : 0;
        for (const series of metric.series) {
          const { offset } = series;
          const end = offset + widthOf(definition);
          if (definition.kind === 'exponentialHistogram') {
            const taken = negated(readExponential(values, offset + 1));
            const { exponentialShift: shift } = series;
            series.exponentialShift = shift === undefined ? taken : mergeExponential(shift, taken);
          } else {
            const shift = shiftOf(metric, series);
            for (let i = first; offset + i < end; i++) shift[i] = (shift[i] ?? 0) - (values[offset + i] ?? 0);
          }
          values.fill(0, offset + first, end);
        }
      }
      forgetEnded();
    },
    forgetEnded,
  };
}

function isSame(a: HrTime, b: HrTime): boolean {
  return a[0] === b[0] && a[1] === b[1];
}

/** Whether a histogram is older than what has been taken over: counts never go down. */
function isOlder(series: Series, { count }: { readonly count: number }): boolean {
  if (count < series.count) return true;
  series.count = count;
  return false;
}
