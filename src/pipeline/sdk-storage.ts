import type { Attributes, HrTime } from '@opentelemetry/api';
import type { MetricData, MetricReader, ScopeMetrics } from '@opentelemetry/sdk-metrics';
import { isObject, part } from '../guest/shape.ts';

/**
 * What the SDK has of the series of its instruments on their way to its readers. These are private parts, whose shape
 * is checked before they are used.
 */

export type Accumulation = object;

export interface Accumulations {
  readonly size: number;
  readonly _valueMap: Map<string, Accumulation>;
  readonly _keyMap: Map<string, Attributes>;
  entries(): Iterable<[attributes: Attributes, accumulation: Accumulation, hash: string]>;
  get(attributes: Attributes, hash: string): Accumulation | undefined;
  set(attributes: Attributes, accumulation: Accumulation, hash: string): void;
}

interface Aggregator {
  /** Changes neither. */
  merge(previous: Accumulation, delta: Accumulation): Accumulation;
  toMetricData(
    descriptor: unknown,
    temporality: number,
    accumulations: readonly (readonly [Attributes, Accumulation])[],
    time: HrTime,
  ): MetricData | undefined;
}

/** What was reported to a reader last. */
interface Report {
  readonly accumulations: Accumulations;
  readonly collectionTime: HrTime;
  readonly aggregationTemporality: number;
}

/** The series of an instrument, for all readers if there is a view, else for one. */
export interface Storage {
  collect(collector: object, time: HrTime): MetricData | undefined;
  readonly _instrumentDescriptor: { readonly type: string };
  readonly _deltaMetricStorage: {
    readonly _activeCollectionStorage: Accumulations;
    /** Takes what has been recorded since the last call. */
    collect(): Accumulations;
  };
  readonly _temporalMetricStorage: {
    readonly _aggregator: Aggregator;
    /** What has been taken and not been reported, for each collector of the storage, the oldest first. */
    readonly _unreportedAccumulations: Map<object, Accumulations[]>;
    readonly _reportHistory: Map<object, Report>;
    /** Adds to what has not been reported to any of the collectors. */
    _stashAccumulations(taken: Accumulations): void;
  };
}

export interface MeterState {
  readonly _instrumentationScope: ScopeMetrics['scope'];
  readonly metricStorageRegistry: { getStorages(collector: object): readonly unknown[] };
}

/** The SDK's `AggregationTemporality.CUMULATIVE`. */
export const CUMULATIVE = 1;

/** What the SDK knows a reader by; undefined before there is a provider. */
export function collectorOf(reader: MetricReader): object | undefined {
  const collector: unknown = Reflect.get(reader, '_sdkMetricProducer');
  return isObject(collector) ? collector : undefined;
}

/** All meters; undefined if the SDK has another shape. */
export function metersOf(collector: object): readonly MeterState[] | undefined {
  const meters = part(collector, '_sharedState', 'meterSharedStates');
  if (!(meters instanceof Map)) return undefined;
  const all: unknown[] = [...meters.values()];
  return all.every(isMeterState) ? all : undefined;
}

function isMeterState(value: unknown): value is MeterState {
  return (
    isObject(part(value, '_instrumentationScope')) &&
    typeof part(value, 'metricStorageRegistry', 'getStorages') === 'function'
  );
}

/** Looking at the shape takes longer than what is then done in many collections. */
const known = new WeakMap<object, boolean>();

export function isStorage(value: unknown): value is Storage {
  if (!isObject(value)) return false;
  const found = known.get(value) ?? hasShape(value);
  known.set(value, found);
  return found;
}

function hasShape(value: object): boolean {
  const delta = part(value, '_deltaMetricStorage');
  const temporal = part(value, '_temporalMetricStorage');
  return (
    typeof part(value, 'collect') === 'function' &&
    typeof part(value, '_instrumentDescriptor', 'type') === 'string' &&
    isAccumulations(part(delta, '_activeCollectionStorage')) &&
    typeof part(delta, 'collect') === 'function' &&
    part(temporal, '_unreportedAccumulations') instanceof Map &&
    part(temporal, '_reportHistory') instanceof Map &&
    typeof part(temporal, '_stashAccumulations') === 'function' &&
    typeof part(temporal, '_aggregator', 'merge') === 'function' &&
    typeof part(temporal, '_aggregator', 'toMetricData') === 'function'
  );
}

function isAccumulations(value: unknown): boolean {
  return (
    typeof part(value, 'size') === 'number' &&
    part(value, '_valueMap') instanceof Map &&
    part(value, '_keyMap') instanceof Map &&
    ['entries', 'get', 'set'].every((method) => typeof part(value, method) === 'function')
  );
}
