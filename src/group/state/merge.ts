import type { Attributes } from '@opentelemetry/api';
import type { GaugeAggregation } from '../../config/types.ts';
import { bucketsOf, sharedOf, unionOf } from './boundaries.ts';
import { commonLabels } from './description.ts';
import { addExactly } from './exact-sum.ts';
import { mergeExponential } from './exponential.ts';
import { readExponential, writeExponential } from './exponential-slot.ts';
import {
  createMergedMetric,
  type MergedMetric,
  OVERFLOW,
  OVERFLOW_KEY,
  placeOf,
  type SeriesLimit,
  stateOf,
} from './merged-metric.ts';
import { attributesOf, isCumulative, type State, type StateMetric, seriesKey, widthOf } from './state.ts';

/** What one process adds to the whole, or what the retired have left. */
export interface Source {
  readonly state: State;
  /** Gauges and up-down counters of the retired do not count. */
  readonly living: boolean;
  /** What tells its series apart where a gauge has a series per process. */
  readonly process: Attributes;
}

export interface MergeOptions {
  readonly aggregationOf: (gauge: string) => GaugeAggregation;
  /** Series of one metric; what comes when there are as many is added to the overflow series. No limit by default. */
  readonly cardinalityLimit?: number | undefined;
  /** Whether a series has a place whatever the limit; none has by default. */
  readonly isExempt?: ((identity: string, key: string) => boolean) | undefined;
}

const SERIES_PER_SLICE = 500;

/**
 * Adds processes up, series by series, and yields now and then so that the caller can let the event loop go on.
 * Histograms that differ only in their boundaries get the boundaries of both: a bucket counts where its own upper bound
 * is, so that no count is lost and none goes down. Only those boundaries are served that all living processes have: at
 * any other, what a process counted further up would be missing.
 */
export function* merge(
  sources: readonly Source[],
  options: MergeOptions,
): Generator<undefined, State, undefined> {
  const merged = mergedMetricsOf(sources);
  let left = SERIES_PER_SLICE;
  for (const [identity, total] of merged) {
    const width = widthOf(total.definition);
    for (const source of sources) {
      const earlier: StateMetric[] = [];
      for (const metric of countingMetrics(source)) {
        if (metric.identity !== identity) continue;
        const add = adderOf(metric, total, source, options);
        const ownWidth = widthOf(metric.definition);
        const { values } = source.state;
        const taken = total.definition.kind === 'gauge' ? keysWithValue(earlier, values) : NO_KEYS;
        earlier.push(metric);
        let number = 0;
        for (const { key, offset } of metric.series) {
          // A series may be known whose doubles are not written yet.
          if (offset + ownWidth <= values.length && !taken.has(key))
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
  return stateOf(merged.values());
}

function countingMetrics({ state, living }: Source): readonly StateMetric[] {
  return living ? state.metrics : state.metrics.filter(({ definition }) => isCumulative(definition.kind));
}

/** By identity, in the order in which the sources have them, and without any series yet. */
function mergedMetricsOf(sources: readonly Source[]): ReadonlyMap<string, MergedMetric> {
  const found = new Map<
    string,
    { first: StateMetric; all: (readonly number[])[]; living: (readonly number[])[] }
  >();
  for (const source of sources) {
    for (const metric of countingMetrics(source)) {
      const same = found.get(metric.identity) ?? { first: metric, all: [], living: [] };
      found.set(metric.identity, same);
      const { boundaries = [] } = metric.definition;
      same.all.push(boundaries);
      if (source.living) same.living.push(boundaries);
    }
  }
  const merged = new Map<string, MergedMetric>();
  for (const [identity, { first, all, living }] of found) {
    const { definition } = first;
    const union = unionOf(all);
    const whole = union.length === 0 ? definition : { ...definition, boundaries: union };
    merged.set(identity, createMergedMetric(first, whole, sharedOf(union, living)));
  }
  return merged;
}

const NO_KEYS: ReadonlySet<string> = new Set();

/** The series that have a value already: of two gauges of one name in a process, the first counts. */
function keysWithValue(metrics: readonly StateMetric[], values: Float64Array): ReadonlySet<string> {
  if (metrics.length === 0) return NO_KEYS;
  const set = metrics.flatMap(({ series }) => series.filter(({ offset }) => (values[offset] ?? 0) !== 0));
  return new Set(set.map(({ key }) => key));
}

type Adder = (key: string, offset: number, width: number, rest: number) => void;

function adderOf(
  { definition, identity }: StateMetric,
  total: MergedMetric,
  { state, process }: Source,
  { aggregationOf, cardinalityLimit: limit = Number.POSITIVE_INFINITY, isExempt }: MergeOptions,
): Adder {
  const { values } = state;
  const bound: SeriesLimit =
    limit < Number.POSITIVE_INFINITY
      ? {
          limit,
          overflow: seriesKey({ ...commonLabels(state), ...OVERFLOW }),
          isExempt: (key) => isExempt?.(identity, key) === true,
        }
      : { limit, overflow: OVERFLOW_KEY, isExempt: () => true };
  switch (definition.kind) {
    case 'counter':
      return (key, offset, width, rest) => {
        const place = placeOf(total, key, width, bound);
        takeLater(total, place, values[offset]);
        addExactly(total, place + 1, place / width, values[offset + 1] ?? 0, rest);
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
        takeLater(total, place, values[offset]);
        const sums = total.values;
        for (let i = 0; i < count; i++) {
          const bucket = place + 1 + (buckets === undefined ? i : (buckets[i] ?? 0));
          sums[bucket] = (sums[bucket] ?? 0) + (values[offset + 1 + i] ?? 0);
        }
        addExactly(total, place + width - 1, place / width, values[offset + 1 + count] ?? 0, rest);
      };
    }
    case 'exponentialHistogram':
      return (key, offset, width) => {
        const known = total.places.has(key);
        const place = placeOf(total, key, width, bound);
        takeLater(total, place, values[offset]);
        const own = readExponential(values, offset + 1);
        const sum = known ? mergeExponential(readExponential(total.values, place + 1), own) : own;
        writeExponential(sum, place + 1, (at, value) => {
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

/** When the series changed last in any of the processes. */
function takeLater({ values }: MergedMetric, place: number, time = 0): void {
  values[place] = Math.max(values[place] ?? 0, time);
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
