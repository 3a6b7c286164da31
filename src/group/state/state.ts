import { type Attributes, ValueType } from '@opentelemetry/api';
import type { InstrumentationScope } from '@opentelemetry/core';
import { attributeText } from '../../metric-data/attribute-text.ts';
import type { Kind } from '../../metric-data/kind.ts';
import { scopeKey } from '../../metric-data/scope.ts';

/**
 * What a process has recorded, as numbers in fixed places: every series of a metric has a number of doubles of its
 * own in one array, and keeps them for as long as the process lives.
 *
 * | kind | doubles of a series |
 * |---|---|
 * | counter | the total |
 * | observableCounter | the total; 1 while it is observed, or if it was when the process ended, else 0 |
 * | upDownCounter, gauge | when it changed last, in seconds since 1970, 0 if it has no value now; the value |
 * | histogram | a count for each bucket, the sum (NaN if there is none) |
 * | exponentialHistogram | see `exponential-slot.ts` |
 */
export interface State {
  readonly metrics: readonly StateMetric[];
  readonly values: Float64Array;
}

/** Of a state: an observable counter's total may be observed no more, which is to be known. */
export type StateKind = Kind | 'observableCounter';

export interface MetricDefinition {
  readonly scope: InstrumentationScope;
  readonly name: string;
  readonly description: string;
  readonly unit: string;
  readonly integer: boolean;
  readonly kind: StateKind;
  /** Of a histogram's buckets, without +Inf. */
  readonly boundaries?: readonly number[];
}

export interface StateMetric {
  readonly definition: MetricDefinition;
  /** Equal for the same metric in two processes, whatever the boundaries of its buckets. */
  readonly identity: string;
  readonly series: readonly StateSeries[];
  /** The boundaries that are served, where they are not all. */
  readonly shared?: readonly number[];
  /** For each series, what the total of a counter or the sum of a histogram lacks because of rounding; 0 by default. */
  readonly rests?: Float64Array;
}

export interface StateSeries {
  /** Equal for the same attributes in two processes: {@link seriesKey}. */
  readonly key: string;
  /** Where its doubles start. */
  readonly offset: number;
}

/** Doubles of a side of an exponential histogram: the SDK's default for the most buckets of one. */
export const EXPONENTIAL_BUCKETS = 160;

/** Doubles of one series. */
export function widthOf({ kind, boundaries = [] }: MetricDefinition): number {
  switch (kind) {
    case 'counter':
      return 1;
    case 'observableCounter':
    case 'upDownCounter':
    case 'gauge':
      return 2;
    case 'histogram':
      return boundaries.length + 2;
    case 'exponentialHistogram':
      return 7 + 2 * EXPONENTIAL_BUCKETS;
  }
}

/** Totals of the dead count on; what describes a moment ends with the process. */
export function isCumulative(kind: StateKind): boolean {
  return kind !== 'gauge' && kind !== 'upDownCounter';
}

export function identityOf({ scope, name, unit, integer, kind }: MetricDefinition): string {
  return JSON.stringify([
    scopeKey(scope),
    name,
    unit,
    kind,
    // Of the two, only whole numbers are told apart: a name may have both, as two instruments.
    integer ? ValueType.INT : ValueType.DOUBLE,
  ]);
}

type Scalar = string | number | boolean;

/** Attributes as text, sorted by name; values other than texts, finite numbers and booleans as text. */
export function seriesKey(attributes: Attributes): string {
  const entries: [string, Scalar][] = [];
  for (const name of Object.keys(attributes).sort()) {
    const value: unknown = attributes[name];
    if (value !== undefined) entries.push([name, isScalar(value) ? value : attributeText(value)]);
  }
  return JSON.stringify(entries);
}

/** The attributes that {@link seriesKey} was made of. */
export function attributesOf(key: string): Attributes {
  const entries: [string, Scalar][] = JSON.parse(key);
  return Object.fromEntries(entries);
}

function isScalar(value: unknown): value is Scalar {
  return typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value);
}
