import type { Attributes, HrTime } from '@opentelemetry/api';
import { millisToHrTime } from '@opentelemetry/core';
import { AggregationTemporality, type ResourceMetrics } from '@opentelemetry/sdk-metrics';

/** When the series with the same attributes have begun for one reader. */
interface Starts {
  /** When they ended last. */
  readonly ended: HrTime | undefined;
  readonly byInstrument: Map<string, HrTime>;
}

const startsOf = new WeakMap<object, WeakMap<Attributes, Starts>>();

/** The series with these attributes have ended for a reader. */
export function noteEnd(reader: object, attributes: Attributes): void {
  const ended = millisToHrTime(Date.now());
  startsOf.get(reader)?.set(attributes, { ended, byInstrument: new Map() });
}

/**
 * Makes the start of a cumulative series of a synchronous instrument tell whether it has begun anew. The SDK moves it
 * otherwise, when a reader of deltas has collected the series as well.
 */
export function keepStarts(reader: object, { scopeMetrics }: ResourceMetrics): void {
  const known = startsOf.get(reader) ?? new WeakMap<Attributes, Starts>();
  startsOf.set(reader, known);
  for (const { descriptor, aggregationTemporality, dataPoints } of scopeMetrics.flatMap(
    ({ metrics }) => metrics,
  )) {
    const isObserved = String(Reflect.get(descriptor, 'type')).startsWith('OBSERVABLE_');
    if (isObserved || aggregationTemporality !== AggregationTemporality.CUMULATIVE) continue;
    for (const point of dataPoints) {
      const starts = known.get(point.attributes) ?? { ended: undefined, byInstrument: new Map() };
      known.set(point.attributes, starts);
      const startTime = starts.byInstrument.get(descriptor.name) ?? latest(point.startTime, starts.ended);
      starts.byInstrument.set(descriptor.name, startTime);
      Object.assign(point, { startTime });
    }
  }
}

function latest(a: HrTime, b: HrTime | undefined): HrTime {
  if (b === undefined) return a;
  return a[0] > b[0] || (a[0] === b[0] && a[1] > b[1]) ? a : b;
}
