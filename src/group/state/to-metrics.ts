import { type Attributes, type HrTime, ValueType } from '@opentelemetry/api';
import {
  AggregationTemporality,
  type DataPoint,
  DataPointType,
  type ExponentialHistogram,
  type Histogram,
  type MetricData,
  type ScopeMetrics,
} from '@opentelemetry/sdk-metrics';
import { scopeKey } from '../../metric-data/scope.ts';
import { readExponential } from './exponential-slot.ts';
import { attributesOf, type MetricDefinition, type State, type StateMetric } from './state.ts';

/** The attributes of a key, the same object each time. */
export type AttributesFor = (key: string) => Attributes;

/** @param most keys that are remembered, before all are forgotten at once */
export function createAttributesFor(most = 100_000): AttributesFor {
  const known = new Map<string, Attributes>();
  return (key) => {
    let attributes = known.get(key);
    if (attributes === undefined) {
      if (known.size >= most) known.clear();
      attributes = attributesOf(key);
      known.set(key, attributes);
    }
    return attributes;
  };
}

const SERIES_PER_SLICE = 200;

/** Metrics as the SDK would have collected them; yields now and then so that the caller can let the event loop go on. */
export function* metricsOf(
  { metrics, values }: State,
  attributesFor: AttributesFor,
): Generator<undefined, ScopeMetrics[], undefined> {
  const scopes = new Map<
    string,
    { readonly scope: MetricDefinition['scope']; readonly metrics: MetricData[] }
  >();
  for (const metric of metrics) {
    const { scope } = metric.definition;
    const key = scopeKey(scope);
    const own = scopes.get(key) ?? { scope, metrics: [] };
    scopes.set(key, own);
    own.metrics.push(yield* metricOf(metric, values, attributesFor));
  }
  return [...scopes.values()];
}

/** Unknown: a state has no times. */
const TIME: HrTime = [0, 0];

function* metricOf(
  { definition, series, shared }: StateMetric,
  values: Float64Array,
  attributesFor: AttributesFor,
): Generator<undefined, MetricData, undefined> {
  function* points<Value>(
    valueAt: (offset: number) => Value,
    isThere = (_offset: number): boolean => true,
  ): Generator<undefined, DataPoint<Value>[], undefined> {
    const all: DataPoint<Value>[] = [];
    for (const { key, offset } of series) {
      if (!isThere(offset)) continue;
      all.push({ attributes: attributesFor(key), startTime: TIME, endTime: TIME, value: valueAt(offset) });
      if (all.length % SERIES_PER_SLICE === 0) yield;
    }
    return all;
  }
  const { name, description, unit, integer, kind, boundaries = [] } = definition;
  const descriptor = { name, description, unit, valueType: integer ? ValueType.INT : ValueType.DOUBLE };
  const common = { descriptor, aggregationTemporality: AggregationTemporality.CUMULATIVE };
  // One array for all series, so that a writer can cache its texts.
  const served = [...(shared ?? boundaries)];
  switch (kind) {
    case 'counter':
    case 'observableCounter':
      return {
        ...common,
        dataPointType: DataPointType.SUM,
        isMonotonic: true,
        dataPoints: yield* points(
          (offset) => values[kind === 'counter' ? offset + 1 : offset] ?? 0,
          (offset) => kind === 'counter' || values[offset + 1] !== 0,
        ),
      };
    case 'upDownCounter':
      return {
        ...common,
        dataPointType: DataPointType.SUM,
        isMonotonic: false,
        dataPoints: yield* points((offset) => values[offset + 1] ?? 0),
      };
    case 'gauge':
      return {
        ...common,
        dataPointType: DataPointType.GAUGE,
        dataPoints: yield* points((offset) => values[offset + 1] ?? 0),
      };
    case 'histogram':
      return {
        ...common,
        dataPointType: DataPointType.HISTOGRAM,
        dataPoints: yield* points((offset) => histogramAt(values, offset + 1, boundaries, served)),
      };
    case 'exponentialHistogram':
      return {
        ...common,
        dataPointType: DataPointType.EXPONENTIAL_HISTOGRAM,
        dataPoints: yield* points((offset) => exponentialAt(values, offset + 1)),
      };
  }
}

/** A bucket whose boundary is not served counts in the next bucket that is. */
function histogramAt(
  values: Float64Array,
  offset: number,
  boundaries: readonly number[],
  served: number[],
): Histogram {
  const counts = new Array<number>(served.length + 1).fill(0);
  let count = 0;
  let bucket = 0;
  for (let i = 0; i <= boundaries.length; i++) {
    const each = values[offset + i] ?? 0;
    counts[bucket] = (counts[bucket] ?? 0) + each;
    count += each;
    if (boundaries[i] === served[bucket]) bucket += 1;
  }
  const sum = values[offset + boundaries.length + 1] ?? Number.NaN;
  return { buckets: { boundaries: served, counts }, count, ...(!Number.isNaN(sum) && { sum }) };
}

function exponentialAt(values: Float64Array, offset: number): ExponentialHistogram {
  const { scale, zeroCount, sum, positive, negative } = readExponential(values, offset);
  const total = (counts: readonly number[]): number => counts.reduce((a, b) => a + b, 0);
  return {
    count: zeroCount + total(positive.counts) + total(negative.counts),
    scale,
    zeroCount,
    positive: { offset: positive.offset, bucketCounts: [...positive.counts] },
    negative: { offset: negative.offset, bucketCounts: [...negative.counts] },
    ...(!Number.isNaN(sum) && { sum }),
  };
}
