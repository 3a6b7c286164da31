import type { Attributes, HrTime } from '@opentelemetry/api';
import { millisToHrTime } from '@opentelemetry/core';
import { AggregationTemporality, type MetricData, type ResourceMetrics } from '@opentelemetry/sdk-metrics';

/** When the series with the same attributes have begun for one reader. */
interface Starts {
  /** When one of them ended last. */
  ended: HrTime | undefined;
  readonly byInstrument: Map<string, HrTime>;
}

/** The series of an instrument that a collection under way has ended. */
interface Ended {
  readonly hashes: Set<string>;
  readonly hashOf: (attributes: Attributes) => string;
}

interface Known {
  readonly starts: WeakMap<Attributes, Starts>;
  /** By the SDK's descriptor of the instrument. */
  readonly ended: Map<object, Ended>;
}

/** Where the SDK keeps a series. */
export interface EndedSeries {
  readonly descriptor: object;
  readonly attributes: Attributes;
  readonly hashOf: (attributes: Attributes) => string;
}

const knownBy = new WeakMap<object, Known>();

function knownOf(reader: object): Known {
  const known = knownBy.get(reader) ?? { starts: new WeakMap(), ended: new Map() };
  knownBy.set(reader, known);
  return known;
}

/** A series has ended for a reader, in the collection that is under way. */
export function noteEnd(reader: object, { descriptor, attributes, hashOf }: EndedSeries): void {
  const { starts: all, ended } = knownOf(reader);
  const starts = all.get(attributes);
  if (starts !== undefined) {
    starts.ended = millisToHrTime(Date.now());
    starts.byInstrument.delete(String(Reflect.get(descriptor, 'name')));
  }
  const series = ended.get(descriptor) ?? { hashes: new Set(), hashOf };
  ended.set(descriptor, series);
  series.hashes.add(hashOf(attributes));
}

/** The collection that has ended series is over: what has come back can be seen from now on. */
export function showReturned(reader: object): void {
  knownBy.get(reader)?.ended.clear();
}

/**
 * Makes the start of a cumulative series of a synchronous instrument tell whether it has begun anew. The SDK moves it
 * otherwise, when a reader of deltas has collected the series as well. A series that comes back while the collection
 * that has ended it waits for callbacks is left out, so that each is absent once before it begins anew.
 */
export function keepStarts(reader: object, { scopeMetrics }: ResourceMetrics): void {
  const { starts: known, ended } = knownOf(reader);
  for (const metric of scopeMetrics.flatMap(({ metrics }) => metrics)) {
    const { descriptor, aggregationTemporality } = metric;
    const isObserved = String(Reflect.get(descriptor, 'type')).startsWith('OBSERVABLE_');
    if (isObserved || aggregationTemporality !== AggregationTemporality.CUMULATIVE) continue;
    const returned = ended.get(descriptor);
    if (returned !== undefined) leaveOut(metric, returned);
    for (const point of metric.dataPoints) {
      const starts = known.get(point.attributes) ?? { ended: undefined, byInstrument: new Map() };
      known.set(point.attributes, starts);
      const startTime = starts.byInstrument.get(descriptor.name) ?? latest(point.startTime, starts.ended);
      starts.byInstrument.set(descriptor.name, startTime);
      Object.assign(point, { startTime });
    }
  }
}

function leaveOut(metric: MetricData, { hashes, hashOf }: Ended): void {
  const left = [...metric.dataPoints].filter(({ attributes }) => !hashes.has(hashOf(attributes)));
  if (left.length < metric.dataPoints.length) Object.assign(metric, { dataPoints: left });
}

function latest(a: HrTime, b: HrTime | undefined): HrTime {
  if (b === undefined) return a;
  return a[0] > b[0] || (a[0] === b[0] && a[1] > b[1]) ? a : b;
}
