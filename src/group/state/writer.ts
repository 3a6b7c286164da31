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
import { isCumulative, type State, widthOf } from './state.ts';

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
  /** Counts only what comes from now on: what there is has been counted elsewhere. */
  rebase(): void;
}

const SERIES_PER_SLICE = 100;

/** @param labels of this process, which every series gets unless it has one of that name itself */
export function createStateWriter(labels: Labels = {}): StateWriter {
  const own = createOwnSeries(labels);
  const changes = createChanges();
  /** By the place of a double: a counter's total before it started anew, less what a rebase takes off. */
  const shifts = new Map<number, number>();
  let left = SERIES_PER_SLICE;

  const isSliceOver = (): boolean => {
    left -= 1;
    if (left > 0) return false;
    left = SERIES_PER_SLICE;
    return true;
  };

  const put = (place: number, value: number): void => {
    if (Object.is(own.values[place], value)) return;
    own.values[place] = value;
    changes.add(place);
  };

  /** A lower value than before means that an observable counter has started anew. */
  const putTotal = (place: number, value: number, steady: boolean): void => {
    if (!Number.isFinite(value)) return;
    const before = own.values[place] ?? 0;
    let shift = shifts.get(place) ?? 0;
    if (value + shift < before) {
      if (steady) return;
      shift = before;
      shifts.set(place, shift);
    }
    put(place, value + shift);
  };

  /** Of a histogram, which never starts anew. */
  const putShifted = (place: number, value: number): void =>
    put(place, shifts.size === 0 ? value : value + (shifts.get(place) ?? 0));

  const putMomentary = (offset: number, value: number, seconds: number): void => {
    if (own.values[offset] !== 0 && Object.is(own.values[offset + 1], value)) return;
    put(offset, seconds);
    put(offset + 1, value);
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
        for (const point of data.dataPoints) {
          const { offset } = find(metric, point.attributes);
          if (isCumulative(kind)) putTotal(offset, point.value, metric.steady);
          else putMomentary(offset, point.value, seconds);
          if (kind === 'observableCounter') put(offset + 1, 1);
          if (isSliceOver()) yield;
        }
        break;
      }
      case DataPointType.HISTOGRAM:
        for (const point of data.dataPoints) {
          const series = find(metric, point.attributes);
          const { counts } = point.value.buckets;
          if (!isOlder(series, point.value)) {
            for (let i = 0; i < counts.length; i++) putShifted(series.offset + i, counts[i] ?? 0);
            putShifted(series.offset + counts.length, point.value.sum ?? Number.NaN);
          }
          if (isSliceOver()) yield;
        }
        break;
      case DataPointType.EXPONENTIAL_HISTOGRAM:
        for (const point of data.dataPoints) {
          const series = find(metric, point.attributes);
          const { offset, shift } = series;
          if (!isOlder(series, point.value)) {
            const value = exponentialOf(point.value);
            writeExponential(shift === undefined ? value : mergeExponential(value, shift), offset, put);
          }
          if (isSliceOver()) yield;
        }
        break;
    }
  }

  return {
    get state() {
      return { metrics: own.metrics, values: own.values.subarray(0, own.used) };
    },
    keys: own.keys,
    *update({ scopeMetrics }, seconds) {
      own.round += 1;
      for (const { scope, metrics } of scopeMetrics) {
        for (const data of metrics) yield* take(own.metricOf(scope, data), data, seconds, own.inRound);
      }
      for (const { definition, series } of own.metrics) {
        // The total of an observable counter stays: it may be observed again.
        const place = definition.kind === 'observableCounter' ? 1 : 0;
        if (place === 0 && isCumulative(definition.kind)) continue;
        for (const { round, offset } of series) if (round !== own.round) put(offset + place, 0);
      }
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
      for (const { definition, series } of own.metrics) {
        if (!isCumulative(definition.kind)) continue;
        const width = widthOf(definition);
        for (const each of series) {
          if (definition.kind === 'exponentialHistogram') {
            const taken = negated(readExponential(values, each.offset));
            each.shift = each.shift === undefined ? taken : mergeExponential(each.shift, taken);
          }
          for (let place = each.offset; place < each.offset + width; place++) {
            shifts.set(place, (shifts.get(place) ?? 0) - (values[place] ?? 0));
          }
          values.fill(0, each.offset, each.offset + width);
        }
      }
    },
  };
}

/** Whether a histogram is older than what has been taken over: counts never go down. */
function isOlder(series: Series, { count }: { readonly count: number }): boolean {
  if (count < series.count) return true;
  series.count = count;
  return false;
}
