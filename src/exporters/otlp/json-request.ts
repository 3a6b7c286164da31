import { type HrTime, ValueType } from '@opentelemetry/api';
import {
  AggregationTemporality,
  type DataPoint,
  DataPointType,
  type ExponentialHistogram,
  type Histogram,
  type MetricData,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import { base64 } from '../../metric-data/attribute-text.ts';
import { isInt64 } from './representable.ts';

/**
 * An ExportMetricsServiceRequest in the JSON of OTLP
 * (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding).
 *
 * The library's own encoder writes NaN and infinity as null, by JSON.stringify, and integers of any size: one such
 * value and a receiver refuses the whole request. Here numbers follow Protobuf's JSON mapping, which writes as text the
 * numbers that JSON lacks: https://protobuf.dev/programming-guides/json/
 */
export function jsonRequest({ resource, scopeMetrics }: ResourceMetrics): Uint8Array {
  const request = {
    resourceMetrics: [
      {
        resource: { attributes: keyValues(resource.attributes), droppedAttributesCount: 0 },
        scopeMetrics: scopeMetrics.map(({ scope, metrics }) => ({
          scope: { name: text(scope.name), version: text(scope.version) },
          metrics: metrics.map(metricOf),
          schemaUrl: text(scope.schemaUrl),
        })),
        schemaUrl: text(resource.schemaUrl),
      },
    ],
  };
  return new TextEncoder().encode(JSON.stringify(request));
}

function metricOf(metric: MetricData): object {
  const { name, description, unit, valueType } = metric.descriptor;
  const aggregationTemporality = metric.aggregationTemporality === AggregationTemporality.DELTA ? 1 : 2;
  return {
    name: text(name),
    description: text(description),
    unit: text(unit),
    ...dataOf(metric, valueType, aggregationTemporality),
  };
}

function dataOf(metric: MetricData, valueType: ValueType, aggregationTemporality: number): object {
  switch (metric.dataPointType) {
    case DataPointType.GAUGE:
      return { gauge: { dataPoints: metric.dataPoints.map((point) => numberPoint(point, valueType)) } };
    case DataPointType.SUM: {
      const dataPoints = metric.dataPoints.map((point) => numberPoint(point, valueType));
      return { sum: { aggregationTemporality, isMonotonic: metric.isMonotonic, dataPoints } };
    }
    case DataPointType.HISTOGRAM:
      return { histogram: { aggregationTemporality, dataPoints: metric.dataPoints.map(histogramPoint) } };
    case DataPointType.EXPONENTIAL_HISTOGRAM: {
      const dataPoints = metric.dataPoints.map(exponentialPoint);
      return { exponentialHistogram: { aggregationTemporality, dataPoints } };
    }
  }
}

function numberPoint(point: DataPoint<number>, valueType: ValueType): object {
  const value =
    valueType === ValueType.INT ? { asInt: integer(point.value) } : { asDouble: double(point.value) };
  return { ...common(point), ...value };
}

function histogramPoint(point: DataPoint<Histogram>): object {
  const { buckets, count, sum, min, max } = point.value;
  return {
    ...common(point),
    bucketCounts: buckets.counts.map(integer),
    explicitBounds: buckets.boundaries.map(double),
    count: integer(count),
    ...extremes(sum, min, max),
  };
}

function exponentialPoint(point: DataPoint<ExponentialHistogram>): object {
  const { count, sum, min, max, positive, negative, scale, zeroCount } = point.value;
  return {
    ...common(point),
    count: integer(count),
    ...extremes(sum, min, max),
    positive: { offset: positive.offset, bucketCounts: positive.bucketCounts.map(integer) },
    negative: { offset: negative.offset, bucketCounts: negative.bucketCounts.map(integer) },
    scale,
    zeroCount: integer(zeroCount),
  };
}

/** Leaves out each that is not known. */
function extremes(
  sum: number | undefined,
  min: number | undefined,
  max: number | undefined,
): { readonly [name: string]: number | string | undefined } {
  return { sum: optional(sum), min: optional(min), max: optional(max) };
}

function common({ attributes, startTime, endTime }: DataPoint<unknown>): object {
  return {
    attributes: keyValues(attributes),
    startTimeUnixNano: nanoseconds(startTime),
    timeUnixNano: nanoseconds(endTime),
  };
}

function keyValues(attributes: object): object[] {
  return Object.entries(attributes).map(([key, value]) => ({ key: text(key), value: anyValue(value) }));
}

/** https://opentelemetry.io/docs/specs/otel/common/#mapping-arbitrary-data-to-otlp-anyvalue */
function anyValue(value: unknown): object {
  if (typeof value === 'string') return { stringValue: text(value) };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'number')
    return isInt64(value) ? { intValue: integer(value) } : { doubleValue: double(value) };
  if (typeof value !== 'object' || value === null) return {};
  if (value instanceof Uint8Array) return { bytesValue: base64(value) };
  if (Array.isArray(value)) return { arrayValue: { values: value.map(anyValue) } };
  return { kvlistValue: { values: keyValues(value) } };
}

function double(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}

function optional(value: number | undefined): number | string | undefined {
  return value === undefined ? undefined : double(value);
}

/** Becomes text where a JSON reader could lose digits. */
function integer(value: number): number | string {
  return Number.isSafeInteger(value) ? value : BigInt(value).toString();
}

function nanoseconds([seconds, nanos]: HrTime): string {
  return (BigInt(Math.trunc(seconds)) * 1_000_000_000n + BigInt(Math.trunc(nanos))).toString();
}

/** Replaces lone surrogates, whose escapes some receivers refuse. */
function text<Text extends string | undefined>(value: Text): Text {
  if (value === undefined || !/[\ud800-\udfff]/.test(value)) return value;
  return value.replace(/\p{Surrogate}/gu, '\uFFFD') as Text;
}
