import { type ExactSums, round } from './exact-sum.ts';
import {
  ends,
  type MetricDefinition,
  type State,
  type StateMetric,
  type StateSeries,
  seriesKey,
  widthOf,
} from './state.ts';

/** A metric while the processes that have it are added up. */
export interface MergedMetric extends ExactSums {
  readonly definition: MetricDefinition;
  readonly identity: string;
  /** The boundaries that are served, where they are not all. */
  readonly shared: readonly number[] | undefined;
  /** Where the doubles of each series start, by its key. */
  readonly places: Map<string, number>;
  values: Float64Array;
  used: number;
}

export function createMergedMetric(
  { identity, series }: StateMetric,
  definition: MetricDefinition,
  shared: readonly number[] | undefined,
): MergedMetric {
  const values = new Float64Array(series.length * widthOf(definition));
  return { definition, identity, shared, places: new Map(), values, used: 0, rests: [] };
}

/** How many series a metric may have. */
export interface SeriesLimit {
  readonly limit: number;
  /** The key of the overflow series, which has the labels of the process. */
  readonly overflow: string;
  /** Whether a series has a place whatever the limit. */
  readonly isExempt: (key: string) => boolean;
}

/** https://opentelemetry.io/docs/specs/otel/metrics/sdk/#overflow-attribute */
export const OVERFLOW = { 'otel.metric.overflow': true };
export const OVERFLOW_KEY = seriesKey(OVERFLOW);
/** In the key of an overflow series, whatever labels it has. */
const OVERFLOW_PART = OVERFLOW_KEY.slice(1, -1);

/** Where the doubles of a series start. A new series gets room, all zero; beyond the limit it is the overflow series. */
export function placeOf(metric: MergedMetric, key: string, width: number, bound: SeriesLimit): number {
  let place = metric.places.get(key);
  if (place !== undefined) return place;
  const { limit } = bound;
  const { size } = metric.places;
  if (key.includes(OVERFLOW_PART)) {
    // Every release may have labels of its own.
    if (size >= 2 * limit && key !== OVERFLOW_KEY) return placeOf(metric, OVERFLOW_KEY, width, bound);
  } else if (size >= limit - 1 && !bound.isExempt(key)) return placeOf(metric, bound.overflow, width, bound);
  place = metric.used;
  metric.used += width;
  if (metric.used > metric.values.length) {
    const larger = new Float64Array(Math.max(metric.used, metric.values.length * 2));
    larger.set(metric.values);
    metric.values = larger;
  }
  metric.places.set(key, place);
  return place;
}

/** The metrics as one state, one after the other. */
export function stateOf(merged: Iterable<MergedMetric>): State {
  const all = [...merged];
  const values = new Float64Array(all.reduce((length, { used }) => length + used, 0));
  let start = 0;
  const metrics = all.map((metric): StateMetric => {
    const { definition, identity, shared, places, used, rests } = metric;
    values.set(metric.values.subarray(0, used), start);
    const series = [...places].map(([key, place]): StateSeries => ({ key, offset: start + place }));
    const width = widthOf(definition);
    const last = start + (ends(definition.kind) ? width - 1 : 0);
    const rounded = Float64Array.from(rests, (rest, i) => round(values, last + i * width, rest));
    start += used;
    return {
      definition,
      identity,
      series,
      ...(shared && { shared }),
      ...(rests.length > 0 && { rests: rounded }),
    };
  });
  return { metrics, values };
}
