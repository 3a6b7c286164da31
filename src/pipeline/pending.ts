import type { Attributes, HrTime } from '@opentelemetry/api';
import { millisToHrTime } from '@opentelemetry/core';
import { emptyResource } from '@opentelemetry/resources';
import type { MetricData, MetricReader, ScopeMetrics } from '@opentelemetry/sdk-metrics';
import type { PendingReader } from '../exporters/exporter.ts';
import { isObject, part } from '../guest/shape.ts';
import type { Around } from './around-collect.ts';

type Accumulation = object;

interface Accumulations {
  readonly size: number;
  entries(): Iterable<[attributes: Attributes, accumulation: Accumulation, hash: string]>;
  get(attributes: Attributes, hash: string): Accumulation | undefined;
}

interface Aggregator {
  merge(previous: Accumulation, delta: Accumulation): Accumulation;
  toMetricData(
    descriptor: unknown,
    temporality: number,
    accumulations: readonly (readonly [Attributes, Accumulation])[],
    time: HrTime,
  ): MetricData | undefined;
}

interface Storage {
  collect(collector: object, time: HrTime): MetricData | undefined;
  readonly _instrumentDescriptor: { readonly type: string };
  readonly _deltaMetricStorage: { readonly _activeCollectionStorage: Accumulations };
  readonly _temporalMetricStorage: {
    readonly _aggregator: Aggregator;
    readonly _unreportedAccumulations: ReadonlyMap<object, readonly Accumulations[]>;
    readonly _reportHistory: ReadonlyMap<object, { readonly accumulations: Accumulations }>;
  };
}

interface MeterState {
  readonly _instrumentationScope: ScopeMetrics['scope'];
  readonly metricStorageRegistry: { getStorages(collector: object): readonly unknown[] };
}

/** The SDK's `AggregationTemporality.CUMULATIVE`. */
const CUMULATIVE = 1;

/**
 * Reads what synchronous instruments have recorded out of the SDK at once: its own collection is asynchronous, and
 * nothing asynchronous runs in an 'exit' listener or while the app computes. These are private parts of the SDK, so
 * their shape is checked before they are read; if it is not the one that we know, nothing is read and
 * `pending.test.ts` fails.
 */
export function createPendingReader(reader: MetricReader, { before, after }: Around): PendingReader {
  /** Whether a storage is read: not if it is that of an observable, or has another shape. */
  const known = new WeakMap<object, boolean>();
  let shaped = true;

  /** @returns undefined if there is nothing to report */
  const dataOf = (
    storage: unknown,
    collector: object,
    time: HrTime,
    all: boolean,
  ): MetricData | undefined => {
    if (!isObject(storage)) return undefined;
    let isRead = known.get(storage);
    if (isRead === undefined) {
      const sound = isStorage(storage);
      if (!sound) shaped = false;
      isRead = sound && !storage._instrumentDescriptor.type.startsWith('OBSERVABLE_');
      known.set(storage, isRead);
      if (sound && !isRead) return nothing(storage, time);
    }
    if (!isRead) return undefined;
    const read = storage as Storage;
    return all ? read.collect(collector, time) : recorded(read, collector, time);
  };

  const scopesOf = (all: boolean): ScopeMetrics[] | undefined => {
    const collector: unknown = Reflect.get(reader, '_sdkMetricProducer');
    const meters = isObject(collector) ? part(collector, '_sharedState', 'meterSharedStates') : undefined;
    if (!isObject(collector) || !(meters instanceof Map)) return undefined;
    const time = millisToHrTime(Date.now());
    const scopes: ScopeMetrics[] = [];
    for (const meter of meters.values()) {
      if (!isMeterState(meter)) return undefined;
      let metrics: MetricData[] | undefined;
      for (const storage of meter.metricStorageRegistry.getStorages(collector)) {
        const data = dataOf(storage, collector, time, all);
        if (data === undefined) continue;
        metrics ??= [];
        metrics.push(data);
      }
      if (metrics !== undefined) scopes.push({ scope: meter._instrumentationScope, metrics });
    }
    return shaped ? scopes : undefined;
  };

  return {
    read(all) {
      for (const step of before) step();
      const scopeMetrics = scopesOf(all);
      if (scopeMetrics === undefined) return undefined;
      const metrics = { resource: emptyResource(), scopeMetrics };
      for (const step of after) step(metrics);
      return metrics.scopeMetrics;
    },
  };
}

/** The series that have been recorded to since the last collection; they stay to be collected. */
function recorded(storage: Storage, collector: object, time: HrTime): MetricData | undefined {
  const {
    _aggregator: aggregator,
    _unreportedAccumulations,
    _reportHistory,
  } = storage._temporalMetricStorage;
  const active = storage._deltaMetricStorage._activeCollectionStorage;
  // What other readers have collected meanwhile.
  const stashed = _unreportedAccumulations.get(collector) ?? [];
  if (active.size === 0 && stashed.length === 0) return undefined;
  const reported = _reportHistory.get(collector)?.accumulations;
  const sums = new Map<string, [attributes: Attributes, accumulation: Accumulation]>();
  for (const part of [...stashed, active]) {
    for (const [attributes, accumulation, hash] of part.entries()) {
      const sum = sums.get(hash);
      const before = sum?.[1] ?? reported?.get(attributes, hash);
      const after = before === undefined ? accumulation : aggregator.merge(before, accumulation);
      if (sum === undefined) sums.set(hash, [attributes, after]);
      else sum[1] = after;
    }
  }
  if (sums.size === 0) return undefined;
  return aggregator.toMetricData(storage._instrumentDescriptor, CUMULATIVE, [...sums.values()], time);
}

/** An instrument before it has any series. */
function nothing(
  { _instrumentDescriptor, _temporalMetricStorage }: Storage,
  time: HrTime,
): MetricData | undefined {
  return _temporalMetricStorage._aggregator.toMetricData(_instrumentDescriptor, CUMULATIVE, [], time);
}

function isMeterState(value: unknown): value is MeterState {
  return (
    isObject(part(value, '_instrumentationScope')) &&
    typeof part(value, 'metricStorageRegistry', 'getStorages') === 'function'
  );
}

function isStorage(value: unknown): value is Storage {
  return (
    typeof part(value, 'collect') === 'function' &&
    typeof part(value, '_instrumentDescriptor', 'type') === 'string' &&
    isAccumulations(part(value, '_deltaMetricStorage', '_activeCollectionStorage')) &&
    part(value, '_temporalMetricStorage', '_unreportedAccumulations') instanceof Map &&
    part(value, '_temporalMetricStorage', '_reportHistory') instanceof Map &&
    typeof part(value, '_temporalMetricStorage', '_aggregator', 'merge') === 'function' &&
    typeof part(value, '_temporalMetricStorage', '_aggregator', 'toMetricData') === 'function'
  );
}

function isAccumulations(value: unknown): boolean {
  return (
    typeof part(value, 'size') === 'number' &&
    typeof part(value, 'entries') === 'function' &&
    typeof part(value, 'get') === 'function'
  );
}
