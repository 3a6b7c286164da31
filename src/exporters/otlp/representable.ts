import { ValueType } from '@opentelemetry/api';
import {
  type DataPoint,
  DataPointType,
  type ExponentialHistogram,
  type Histogram,
  type MetricData,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import { attributeText } from '../../metric-data/attribute-text.ts';

/**
 * The deepest nesting of an attribute's value. Beyond some depth receivers refuse the whole request.
 */
const DEEPEST = 32;

/**
 * Makes metrics expressible in OTLP. Integers beyond 64 bits, which the library would truncate, become floating-point
 * numbers; an attribute that is nested too deeply becomes its JSON text; a histogram whose counts do not fit is left
 * out.
 *
 * @param onLeftOut is called with the instrument's name
 */
export function representable(
  metrics: ResourceMetrics,
  onLeftOut: (instrument: string) => void,
): ResourceMetrics {
  const ofMetric = (metric: MetricData): MetricData => ofNumbers(ofCounts(ofAttributes(metric), onLeftOut));
  return {
    ...metrics,
    scopeMetrics: metrics.scopeMetrics.map((scope) => ({ ...scope, metrics: scope.metrics.map(ofMetric) })),
  };
}

/** https://protobuf.dev/programming-guides/proto3/#scalar */
export function isInt64(value: number): boolean {
  return Number.isInteger(value) && value >= -(2 ** 63) && value < 2 ** 63;
}

function isUint64(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < 2 ** 64;
}

function ofNumbers(metric: MetricData): MetricData {
  if (metric.descriptor.valueType !== ValueType.INT) return metric;
  const points: readonly DataPoint<unknown>[] = metric.dataPoints;
  const fits = points.every(({ value }) => typeof value !== 'number' || isInt64(value));
  return fits ? metric : { ...metric, descriptor: { ...metric.descriptor, valueType: ValueType.DOUBLE } };
}

function ofCounts(metric: MetricData, onLeftOut: (instrument: string) => void): MetricData {
  const counts = countsOf(metric);
  if (counts.every((each) => each.every(isUint64))) return metric;
  onLeftOut(metric.descriptor.name);
  const points: readonly DataPoint<unknown>[] = metric.dataPoints;
  return { ...metric, dataPoints: points.filter((_, i) => counts[i]?.every(isUint64)) } as MetricData;
}

/** The counts of each data point. */
function countsOf(metric: MetricData): readonly (readonly number[])[] {
  if (metric.dataPointType === DataPointType.HISTOGRAM) {
    return metric.dataPoints.map(({ value }: DataPoint<Histogram>) => [value.count, ...value.buckets.counts]);
  }
  if (metric.dataPointType === DataPointType.EXPONENTIAL_HISTOGRAM) {
    return metric.dataPoints.map(({ value }: DataPoint<ExponentialHistogram>) => [
      value.count,
      value.zeroCount,
      ...value.positive.bucketCounts,
      ...value.negative.bucketCounts,
    ]);
  }
  return [];
}

function ofAttributes(metric: MetricData): MetricData {
  const points: readonly DataPoint<unknown>[] = metric.dataPoints;
  if (!points.some(({ attributes }) => Object.values(attributes).some(isTooDeep))) return metric;
  const shallow = ([key, value]: [string, unknown]): [string, unknown] => [
    key,
    isTooDeep(value) ? attributeText(value) : value,
  ];
  const dataPoints = points.map((point) => ({
    ...point,
    attributes: Object.fromEntries(Object.entries(point.attributes).map(shallow)),
  }));
  return { ...metric, dataPoints } as MetricData;
}

function isTooDeep(value: unknown): boolean {
  return isDeeper(value, DEEPEST);
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return false;
  return levels === 0 || Object.values(value).some((element) => isDeeper(element, levels - 1));
}
