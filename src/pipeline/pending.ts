import type { Attributes, HrTime } from '@opentelemetry/api';
import { millisToHrTime } from '@opentelemetry/core';
import { emptyResource } from '@opentelemetry/resources';
import type { MetricData, MetricReader, ScopeMetrics } from '@opentelemetry/sdk-metrics';
import type { PendingReader } from '../exporters/exporter.ts';
import { isObject } from '../guest/shape.ts';
import type { Around } from './around-collect.ts';
import {
  type Accumulation,
  CUMULATIVE,
  collectorOf,
  isStorage,
  metersOf,
  type Storage,
} from './sdk-storage.ts';

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
    const collector = collectorOf(reader);
    const meters = collector && metersOf(collector);
    if (collector === undefined || meters === undefined) return undefined;
    const time = millisToHrTime(Date.now());
    const scopes: ScopeMetrics[] = [];
    for (const meter of meters) {
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
