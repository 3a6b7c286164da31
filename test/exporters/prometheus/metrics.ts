import { type Attributes, ValueType } from '@opentelemetry/api';
import type { InstrumentationScope } from '@opentelemetry/core';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  type DataPoint,
  DataPointType,
  type Histogram,
  type MetricData,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import { createMadeInstruments } from '../../../src/views/made-instruments.ts';

/** For a writer of what no process of ours has made. */
export const WITHOUT_MADE = { instruments: createMadeInstruments(), reserved: [], scopeLabels: false };

/** Attributes and value of each point. */
type Points<Value> = readonly (readonly [Attributes, Value])[];

interface Descriptor {
  readonly unit?: string;
  readonly description?: string;
}

function base(name: string, { unit = '', description = `Help of ${name}` }: Descriptor) {
  return {
    descriptor: { name, unit, description, valueType: ValueType.DOUBLE },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
  };
}

function dataPoints<Value>(points: Points<Value>): DataPoint<Value>[] {
  return points.map(([attributes, value]) => ({ attributes, value, startTime: [0, 0], endTime: [1, 0] }));
}

export function counter(name: string, points: Points<number>, descriptor: Descriptor = {}): MetricData {
  return {
    ...base(name, descriptor),
    dataPointType: DataPointType.SUM,
    isMonotonic: true,
    dataPoints: dataPoints(points),
  };
}

export function upDownCounter(name: string, points: Points<number>, descriptor: Descriptor = {}): MetricData {
  return {
    ...base(name, descriptor),
    dataPointType: DataPointType.SUM,
    isMonotonic: false,
    dataPoints: dataPoints(points),
  };
}

export function gauge(name: string, points: Points<number>, descriptor: Descriptor = {}): MetricData {
  return { ...base(name, descriptor), dataPointType: DataPointType.GAUGE, dataPoints: dataPoints(points) };
}

/** The value of a point is the count of each bucket; the last one is that above all boundaries. */
export function histogram(
  name: string,
  boundaries: number[],
  points: Points<number[]>,
  descriptor: Descriptor & { readonly sum?: number | undefined } = {},
): MetricData {
  const sum = 'sum' in descriptor ? descriptor.sum : 0.5;
  return {
    ...base(name, descriptor),
    dataPointType: DataPointType.HISTOGRAM,
    dataPoints: dataPoints(points).map((point) => {
      const count = point.value.reduce((all, each) => all + each, 0);
      const value: Histogram = { buckets: { boundaries, counts: point.value }, count };
      return { ...point, value: sum === undefined ? value : { ...value, sum } };
    }),
  };
}

export function exponentialHistogram(name: string): MetricData {
  const buckets = { offset: 0, bucketCounts: [1] };
  return {
    ...base(name, {}),
    dataPointType: DataPointType.EXPONENTIAL_HISTOGRAM,
    dataPoints: dataPoints([
      [{}, { count: 2, sum: 2, scale: 0, zeroCount: 0, positive: buckets, negative: buckets }],
    ]),
  };
}

/** The metrics of each scope. */
export function collected(
  scopes: readonly (readonly [scope: InstrumentationScope, metrics: readonly MetricData[]])[],
  resource: Attributes = {},
): ResourceMetrics {
  return {
    resource: resourceFromAttributes(resource),
    scopeMetrics: scopes.map(([scope, metrics]) => ({ scope, metrics: [...metrics] })),
  };
}
