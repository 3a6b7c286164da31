import type { Attributes } from '@opentelemetry/api';
import type { GaugeAggregation } from '../../config/types.ts';
import { commonLabels } from './description.ts';
import { addExactly, type ExactSums, round } from './exact-sum.ts';
import { mergeExponential } from './exponential.ts';
import { readExponential, writeExponential } from './exponential-slot.ts';
import {
  attributesOf,
  isCumulative,
  type MetricDefinition,
  type State,
  type StateMetric,
  type StateSeries,
  seriesKey,
  widthOf,
} from './state.ts';

/** One process' part of the whole, or what the dead have left. */
export interface Source {
  readonly state: State;
  /** Gauges and up-down counters of the dead do not count. */
  readonly living: boolean;
  /** What tells its series apart where a gauge has a series a process. */
  readonly process: Attributes;
}

export interface MergeOptions {
  readonly aggregationOf: (gauge: string) => GaugeAggregation;
  /** Series of one metric; what comes when there are as many is added to the overflow series. No limit by default. */
  readonly cardinalityLimit?: number | undefined;
}

const SERIES_PER_SLICE = 500;
/** https://opentelemetry.io/docs/specs/otel/metrics/sdk/#overflow-attribute */
const OVERFLOW = { 'otel.metric.overflow': true };
const OVERFLOW_KEY = seriesKey(OVERFLOW);
/** In the key of an overflow series, whatever labels it has. */
const OVERFLOW_PART = OVERFLOW_KEY.slice(1, -1);

/**
 * Adds processes up, series by series, and yields now and then so that the caller can let the event loop go on.
 * What is the same metric in two processes but for the boundaries of its buckets gets the boundaries of both: a
 * bucket counts where its own upper bound is, so that no count is lost and none goes down. To be served are only those
 * that all living processes have: at another one what a process counted further up would be missing.
 */
export function* merge(
  sources: readonly Source[],
  options: MergeOptions,
): Generator<undefined, State, undefined> {
  const totals = new Map<string, Total>();
  for (const { state, living } of sources) {
    for (const metric of state.metrics) {
      if (!living && !isCumulative(metric.definition.kind)) continue;
      const total = totals.get(metric.identity);
      if (total === undefined) totals.set(metric.identity, createTotal(metric));
      else total.boundaries.push(metric.definition.boundaries);
      if (living) totals.get(metric.identity)?.living.push(metric.definition.boundaries ?? []);
    }
  }
  let left = SERIES_PER_SLICE;
  for (const [identity, total] of totals) {
    total.definition = withBoundaries(total.definition, total.boundaries);
    const width = widthOf(total.definition);
    for (const source of sources) {
      const earlier: StateMetric[] = [];
      for (const metric of source.state.metrics) {
        if (metric.identity !== identity || (!source.living && !isCumulative(metric.definition.kind)))
          continue;
        const add = adderOf(metric, total, source, options);
        const ownWidth = widthOf(metric.definition);
        const { length } = source.state.values;
        const said = total.definition.kind === 'gauge' ? keysSaid(earlier, source.state.values) : NO_KEYS;
        earlier.push(metric);
        let number = 0;
        for (const { key, offset } of metric.series) {
          // Known, but not yet written.
          if (offset + ownWidth <= length && !said.has(key))
            add(key, offset, width, metric.rests?.[number] ?? 0);
          number += 1;
          left -= 1;
          if (left === 0) {
            left = SERIES_PER_SLICE;
            yield;
          }
        }
      }
    }
  }
  return stateOf(totals);
}

const NO_KEYS: ReadonlySet<string> = new Set();

/** The series that have a value already: of two gauges of one name in a process, the first has it. */
function keysSaid(metrics: readonly StateMetric[], values: Float64Array): ReadonlySet<string> {
  if (metrics.length === 0) return NO_KEYS;
  const said = metrics.flatMap(({ series }) => series.filter(({ offset }) => (values[offset] ?? 0) !== 0));
  return new Set(said.map(({ key }) => key));
}

interface Total extends ExactSums {
  definition: MetricDefinition;
  readonly identity: string;
  readonly boundaries: (readonly number[] | undefined)[];
  /** Those of living processes among them. */
  readonly living: (readonly number[])[];
  readonly places: Map<string, number>;
  values: Float64Array;
  used: number;
}

function createTotal({ definition, identity, series }: StateMetric): Total {
  const values = new Float64Array(series.length * widthOf(definition));
  return {
    definition,
    identity,
    boundaries: [definition.boundaries],
    living: [],
    places: new Map(),
    values,
    used: 0,
    rests: [],
  };
}

/** The boundaries of all, in order. */
function withBoundaries(
  definition: MetricDefinition,
  all: readonly (readonly number[] | undefined)[],
): MetricDefinition {
  const [first = []] = all;
  if (all.every((boundaries = []) => equal(boundaries, first))) return definition;
  const union = new Set(all.flatMap((boundaries) => boundaries ?? []));
  return { ...definition, boundaries: [...union].sort((a, b) => a - b) };
}

/** What all living processes have; undefined if that is all there is, or if none of them lives. */
function sharedOf({ definition: { boundaries = [] }, living }: Total): readonly number[] | undefined {
  if (living.length === 0 || living.every((own) => equal(own, boundaries))) return undefined;
  return boundaries.filter((bound) => living.every((own) => own.includes(bound)));
}

function equal(a: readonly number[], b: readonly number[]): boolean {
  return a === b || (a.length === b.length && a.every((bound, i) => bound === b[i]));
}

/** Which series there may be. */
interface Bound {
  readonly limit: number;
  /** The key of the series for those that come when there are as many: that with the labels of their process. */
  readonly overflow: string;
}

/** Where the doubles of a series are; made room for, all zero, when it is new. */
function placeOf(total: Total, key: string, width: number, bound: Bound): number {
  let place = total.places.get(key);
  if (place !== undefined) return place;
  const { limit } = bound;
  const { size } = total.places;
  if (key.includes(OVERFLOW_PART)) {
    // Every release may have labels of its own.
    if (size >= 2 * limit && key !== OVERFLOW_KEY) return placeOf(total, OVERFLOW_KEY, width, bound);
  } else if (size >= limit - 1) return placeOf(total, bound.overflow, width, bound);
  place = total.used;
  total.used += width;
  if (total.used > total.values.length) {
    const larger = new Float64Array(Math.max(total.used, total.values.length * 2));
    larger.set(total.values);
    total.values = larger;
  }
  total.places.set(key, place);
  return place;
}

type Adder = (key: string, offset: number, width: number, rest: number) => void;

function adderOf(
  { definition }: StateMetric,
  total: Total,
  { state, process }: Source,
  { aggregationOf, cardinalityLimit: limit = Number.POSITIVE_INFINITY }: MergeOptions,
): Adder {
  const { values } = state;
  const bound: Bound =
    limit < Number.POSITIVE_INFINITY
      ? { limit, overflow: seriesKey({ ...commonLabels(state), ...OVERFLOW }) }
      : { limit, overflow: OVERFLOW_KEY };
  switch (definition.kind) {
    case 'counter':
      return (key, offset, width, rest) => {
        const place = placeOf(total, key, width, bound);
        addExactly(total, place, place / width, values[offset] ?? 0, rest);
      };
    case 'observableCounter':
      return (key, offset, width, rest) => {
        const place = placeOf(total, key, width, bound);
        addExactly(total, place, place / width, values[offset] ?? 0, rest);
        total.values[place + 1] = Math.max(total.values[place + 1] ?? 0, values[offset + 1] ?? 0);
      };
    case 'histogram': {
      const { boundaries = [] } = definition;
      const buckets = bucketsOf(boundaries, total.definition.boundaries ?? []);
      const count = boundaries.length + 1;
      return (key, offset, width, rest) => {
        const place = placeOf(total, key, width, bound);
        const sums = total.values;
        for (let i = 0; i < count; i++) {
          const bucket = place + (buckets === undefined ? i : (buckets[i] ?? 0));
          sums[bucket] = (sums[bucket] ?? 0) + (values[offset + i] ?? 0);
        }
        addExactly(total, place + width - 1, place / width, values[offset + count] ?? 0, rest);
      };
    }
    case 'exponentialHistogram':
      return (key, offset, width) => {
        const known = total.places.has(key);
        const place = placeOf(total, key, width, bound);
        const own = readExponential(values, offset);
        const sum = known ? mergeExponential(readExponential(total.values, place), own) : own;
        writeExponential(sum, place, (at, value) => {
          total.values[at] = value;
        });
      };
    case 'upDownCounter':
    case 'gauge': {
      const rule = definition.kind === 'gauge' ? aggregationOf(definition.name) : 'sum';
      return (key, offset, width) => {
        const time = values[offset] ?? 0;
        if (time === 0) return;
        const own = rule === 'process' ? seriesKey({ ...attributesOf(key), ...process }) : key;
        const place = placeOf(total, own, width, bound);
        const before = total.values[place] ?? 0;
        const value = values[offset + 1] ?? 0;
        total.values[place + 1] =
          before === 0 ? value : combined(rule, total.values[place + 1] ?? 0, value, time > before);
        total.values[place] = Math.max(before, time);
      };
    }
  }
}

function combined(rule: GaugeAggregation, before: number, value: number, newer: boolean): number {
  switch (rule) {
    case 'sum':
      return before + value;
    case 'max':
      return Math.max(before, value);
    case 'min':
      return Math.min(before, value);
    case 'newest':
    case 'process':
      return newer ? value : before;
  }
}

/** The bucket of the whole in which each bucket counts; undefined if they are the same. */
function bucketsOf(boundaries: readonly number[], all: readonly number[]): Int32Array | undefined {
  if (equal(boundaries, all)) return undefined;
  const last = all.length;
  const buckets = boundaries.map((bound) => all.indexOf(bound));
  return Int32Array.from([...buckets, last]);
}

function stateOf(totals: ReadonlyMap<string, Total>): State {
  let length = 0;
  for (const { used } of totals.values()) length += used;
  const values = new Float64Array(length);
  let start = 0;
  const metrics: StateMetric[] = [];
  for (const total of totals.values()) {
    const { definition, identity, places, values: own, used, rests } = total;
    const shared = sharedOf(total);
    values.set(own.subarray(0, used), start);
    const series: StateSeries[] = [];
    for (const [key, place] of places) series.push({ key, offset: start + place });
    const width = widthOf(definition);
    const last = start + (definition.kind === 'histogram' ? width - 1 : 0);
    const rounded = Float64Array.from(rests, (rest, i) => round(values, last + i * width, rest));
    metrics.push({
      definition,
      identity,
      series,
      ...(shared && { shared }),
      ...(rests.length > 0 && { rests: rounded }),
    });
    start += used;
  }
  return { metrics, values };
}
