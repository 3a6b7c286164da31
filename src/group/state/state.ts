import { type Attributes, ValueType } from '@opentelemetry/api';
import type { InstrumentationScope } from '@opentelemetry/core';
import { attributeText } from '../../metric-data/attribute-text.ts';
import type { Kind } from '../../metric-data/kind.ts';
import { scopeKey } from '../../metric-data/scope.ts';

/**
 * `state/` is what a process has recorded, in a form that other processes can read and add up. A writer keeps the state
 * of this process in memory and in two files; a reader reads the files of another process; `merge` adds states up; and
 * `metricsOf` makes metrics of the result. Nothing here knows who the other processes are.
 *
 * A state is numbers in fixed places: every series of a metric has doubles of its own in one array, and keeps them for
 * as long as the process lives.
 *
 * | kind | doubles of a series |
 * |---|---|
 * | counter | when it changed last; the total |
 * | observableCounter | the total; 1 while it is observed, or if it was when the process ended, else 0 |
 * | upDownCounter, gauge | when it changed last, or 0 if it has no value now; the value |
 * | histogram | when it changed last; a count for each bucket, the sum (NaN if there is none) |
 * | exponentialHistogram | when it changed last; see `exponential-slot.ts` |
 *
 * Times are seconds since 1970; Infinity in a process whose series do not end.
 */
export interface State {
  readonly metrics: readonly StateMetric[];
  readonly values: Float64Array;
}

/** A state also records whether the total of an observable counter is still observed. */
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
  /** The boundaries that are served, where those are not all. */
  readonly shared?: readonly number[];
  /** For each series, what a counter's total or a histogram's sum lacks because of rounding; 0 by default. */
  readonly rests?: Float64Array;
}

export interface StateSeries {
  /** Equal for the same attributes in two processes: {@link seriesKey}. */
  readonly key: string;
  /** Where its doubles start. */
  readonly offset: number;
}

/** Buckets on each side of an exponential histogram: the SDK's default maximum. */
export const EXPONENTIAL_BUCKETS = 160;

/** Doubles of one series. */
export function widthOf({ kind, boundaries = [] }: MetricDefinition): number {
  switch (kind) {
    case 'counter':
    case 'observableCounter':
    case 'upDownCounter':
    case 'gauge':
      return 2;
    case 'histogram':
      return boundaries.length + 3;
    case 'exponentialHistogram':
      return 8 + 2 * EXPONENTIAL_BUCKETS;
  }
}

/** Whether its series end when nothing is recorded to them, and their doubles begin with the time of the last change. */
export function ends(kind: StateKind): boolean {
  return kind === 'counter' || kind === 'histogram' || kind === 'exponentialHistogram';
}

/** Whether a retired process still counts; what describes a moment ends with the process. */
export function isCumulative(kind: StateKind): boolean {
  return kind !== 'gauge' && kind !== 'upDownCounter';
}

export function identityOf({ scope, name, unit, integer, kind }: MetricDefinition): string {
  return JSON.stringify([
    scopeKey(scope),
    name,
    unit,
    kind,
    // A name may have both, as two instruments.
    integer ? ValueType.INT : ValueType.DOUBLE,
  ]);
}

type Scalar = string | number | boolean;

/** Attributes as text, sorted by name. Values other than strings, finite numbers and booleans become strings. */
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
