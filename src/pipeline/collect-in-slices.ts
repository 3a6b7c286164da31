import type { HrTime } from '@opentelemetry/api';
import { millisToHrTime } from '@opentelemetry/core';
import type { CollectionResult, DataPoint, MetricData, MetricReader } from '@opentelemetry/sdk-metrics';
import { createQueue } from '../guest/one-at-a-time.ts';
import { isObject, part } from '../guest/shape.ts';
import { inSlices, type Steps } from '../guest/slices.ts';
import {
  type Accumulation,
  type Accumulations,
  CUMULATIVE,
  collectorOf,
  isStorage,
  type MeterState,
  metersOf,
  type Storage,
} from './sdk-storage.ts';

interface Collector {
  collect(options?: { readonly timeoutMillis?: number }): Promise<CollectionResult>;
  selectAggregationTemporality(instrumentType: string): number;
  readonly _sharedState: { readonly resource: CollectionResult['resourceMetrics']['resource'] };
}

interface ObservedMeter extends MeterState {
  readonly observableRegistry: {
    /** Calls all callbacks. @returns what they have thrown */
    observe(time: HrTime, timeoutMillis: number | undefined): Promise<readonly unknown[]>;
  };
}

export interface SliceOptions {
  /** After how many series it is looked whether a slice is over; 100 by default. */
  readonly series?: number;
  /** How long a slice takes, in milliseconds; 4 by default. */
  readonly millis?: number;
}

const SERIES = 100;

/**
 * Lets the event loop go on while a reader collects. The SDK adds up all series of all instruments and makes their data
 * points in one piece, which takes tens of milliseconds for ten thousand series. This does the same to the same private
 * parts of the SDK, whose shape is checked first: where it is another one, and for deltas, the SDK collects.
 *
 * What the SDK keeps is whole between two slices: whatever else collects then, or ends a series, needs to know nothing
 * of it. A measurement that comes meanwhile is in this collection or in the next one.
 */
export function collectInSlices(reader: MetricReader, { series = SERIES, millis }: SliceOptions = {}): void {
  const collector = collectorOf(reader);
  if (collector === undefined || !isCollector(collector)) return;
  const collectAtOnce = collector.collect.bind(collector);
  const inTurn = createQueue();
  collector.collect = async (options) => {
    const meters = metersOf(collector);
    if (meters === undefined || !meters.every(isObserved)) return collectAtOnce(options);
    const time = millisToHrTime(Date.now());
    const errors = await Promise.all(
      meters.map(({ observableRegistry }) => observableRegistry.observe(time, options?.timeoutMillis)),
    );
    const scopeMetrics = await inTurn(() => inSlices(collected(collector, meters, time, series), millis));
    return {
      resourceMetrics: { resource: collector._sharedState.resource, scopeMetrics },
      errors: errors.flat(),
    };
  };
}

function* collected(
  collector: Collector,
  meters: readonly MeterState[],
  time: HrTime,
  series: number,
): Steps<CollectionResult['resourceMetrics']['scopeMetrics']> {
  const scopes: CollectionResult['resourceMetrics']['scopeMetrics'] = [];
  for (const { _instrumentationScope: scope, metricStorageRegistry } of meters) {
    const metrics: MetricData[] = [];
    for (const storage of metricStorageRegistry.getStorages(collector)) {
      const data = isCumulative(storage, collector)
        ? yield* cumulativeOf(storage, collector, time, series)
        : (storage as Storage).collect(collector, time);
      if (data !== undefined) metrics.push(data);
      yield;
    }
    if (metrics.length > 0) scopes.push({ scope, metrics });
  }
  return scopes;
}

function isCumulative(storage: unknown, collector: Collector): storage is Storage {
  if (!isStorage(storage)) return false;
  const report = storage._temporalMetricStorage._reportHistory.get(collector);
  const temporality =
    report?.aggregationTemporality ??
    collector.selectAggregationTemporality(storage._instrumentDescriptor.type);
  return temporality === CUMULATIVE;
}

/** What `collect` of the storage returns. */
function* cumulativeOf(
  storage: Storage,
  collector: Collector,
  time: HrTime,
  series: number,
): Steps<MetricData | undefined> {
  const { _deltaMetricStorage: delta, _temporalMetricStorage: temporal } = storage;
  temporal._stashAccumulations(delta.collect());
  const report = {
    // Nothing has been recorded since it was called last, so that this one is empty.
    accumulations: temporal._reportHistory.get(collector)?.accumulations ?? delta.collect(),
    collectionTime: time,
    aggregationTemporality: CUMULATIVE,
  };
  temporal._reportHistory.set(collector, report);
  yield* addUp(storage, collector, report.accumulations, series);
  return yield* dataOf(storage, report.accumulations, time, series);
}

/** Moves what has not been reported to what has, a series after the other. */
function* addUp(
  { _temporalMetricStorage: { _aggregator: aggregator, _unreportedAccumulations: unreported } }: Storage,
  collector: Collector,
  sums: Accumulations,
  series: number,
): Steps<void> {
  const taken = unreported.get(collector) ?? [];
  for (let oldest = taken[0]; oldest !== undefined; oldest = taken[0]) {
    // What other readers have yet to report is theirs.
    const own = unreported.size > 1 ? copyOf(oldest) : oldest;
    taken[0] = own;
    let left = series;
    for (const [hash, accumulation] of own._valueMap) {
      const sum = sums._valueMap.get(hash);
      if (sum === undefined) begin(sums, own, hash, accumulation);
      else sums._valueMap.set(hash, aggregator.merge(sum, accumulation));
      own._valueMap.delete(hash);
      left -= 1;
      if (left > 0) continue;
      left = series;
      yield;
      // The SDK has meanwhile reported everything to this reader at once.
      if (unreported.get(collector) !== taken) return;
    }
    taken.shift();
  }
}

function begin(sums: Accumulations, own: Accumulations, hash: string, accumulation: Accumulation): void {
  const attributes = own._keyMap.get(hash);
  if (attributes !== undefined) sums.set(attributes, accumulation, hash);
}

function copyOf(accumulations: Accumulations): Accumulations {
  const copy: object = Object.create(Object.getPrototypeOf(accumulations));
  return Object.assign(copy, accumulations, { _valueMap: new Map(accumulations._valueMap) });
}

function* dataOf(
  { _instrumentDescriptor: descriptor, _temporalMetricStorage: { _aggregator: aggregator } }: Storage,
  sums: Accumulations,
  time: HrTime,
  series: number,
): Steps<MetricData | undefined> {
  let data: MetricData | undefined;
  let records: Parameters<typeof aggregator.toMetricData>[2][number][] = [];
  const add = (): void => {
    const more = aggregator.toMetricData(descriptor, CUMULATIVE, records, time);
    records = [];
    if (data === undefined) data = more;
    else if (more !== undefined) (data.dataPoints as DataPoint<unknown>[]).push(...more.dataPoints);
  };
  for (const [hash, sum] of sums._valueMap) {
    const attributes = sums._keyMap.get(hash);
    if (attributes === undefined) continue;
    records.push([attributes, sum]);
    if (records.length < series) continue;
    add();
    yield;
  }
  if (records.length > 0) add();
  return data;
}

function isCollector(value: object): value is Collector {
  return (
    typeof part(value, 'collect') === 'function' &&
    typeof part(value, 'selectAggregationTemporality') === 'function' &&
    isObject(part(value, '_sharedState', 'resource'))
  );
}

function isObserved(meter: MeterState): meter is ObservedMeter {
  return typeof part(meter, 'observableRegistry', 'observe') === 'function';
}
