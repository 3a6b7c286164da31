import { type DataPoint, DataPointType, type Histogram, type MetricData } from '@opentelemetry/sdk-metrics';
import type { HistogramData } from '../../metric-data/kind.ts';
import { CLIENT_ERRORS, fixedParts, REQUESTS, SERVER_ERRORS, STATUS } from './names.ts';

/**
 * What servers without tags cannot derive from the series: a histogram over all routes, since percentiles cannot be
 * added up, and counters of client errors (400 to 499, and clients that went away before the answer began, or were
 * rejected by the app on the socket) and
 * server errors (500 to 599), whose names leave out the status.
 *
 * @returns additional metrics: `<instrument>_all_routes`, `http.server.request.client_errors` and
 *   `http.server.request.server_errors`
 */
export function totalsOf(metrics: readonly MetricData[], nameOrder: readonly string[]): MetricData[] {
  return metrics.flatMap((metric) => {
    if (!isByRoute(metric)) return [];
    const total = allRoutes(metric);
    if (metric.descriptor.name !== REQUESTS) return total;
    return [
      ...total,
      errors(metric, CLIENT_ERRORS, nameOrder, isClientError),
      errors(metric, SERVER_ERRORS, nameOrder, isServerError),
    ];
  });
}

type Attributes = DataPoint<unknown>['attributes'];

/** `error.type` of requests without an answer that is known. */
const CLIENTS_FAULTS = new Set<unknown>(['aborted', 'malformed', 'timeout']);

function isClientError(attributes: Attributes): boolean {
  const status = attributes[STATUS];
  if (status === undefined) return CLIENTS_FAULTS.has(attributes['error.type']);
  return Number(status) >= 400 && Number(status) < 500;
}

function isServerError(attributes: Attributes): boolean {
  const status = Number(attributes[STATUS]);
  return status >= 500 && status < 600;
}

function isByRoute(metric: MetricData): metric is HistogramData {
  return (
    metric.dataPointType === DataPointType.HISTOGRAM &&
    (metric.descriptor.name === REQUESTS ||
      metric.dataPoints.some(({ attributes }) => attributes['http.route'] !== undefined))
  );
}

function allRoutes(metric: HistogramData): MetricData[] {
  const [first] = metric.dataPoints;
  if (first === undefined) return [];
  const { boundaries } = first.value.buckets;
  const counts = boundaries.map(() => 0);
  counts.push(0);
  const value: Histogram = { buckets: { boundaries, counts }, count: 0, sum: 0 };
  for (const { value: one } of metric.dataPoints) {
    one.buckets.counts.forEach((count, bucket) => {
      counts[bucket] = (counts[bucket] ?? 0) + count;
    });
    value.count += one.count;
    value.sum = (value.sum ?? 0) + (one.sum ?? 0);
  }
  const descriptor = { ...metric.descriptor, name: `${metric.descriptor.name}_all_routes` };
  return [{ ...metric, descriptor, dataPoints: [{ ...first, attributes: {}, value }] }];
}

function errors(
  metric: HistogramData,
  name: string,
  nameOrder: readonly string[],
  isError: (attributes: Attributes) => boolean,
): MetricData {
  const keys = fixedParts(name, nameOrder) ?? [];
  const points = new Map<string, DataPoint<number>>();
  for (const point of metric.dataPoints) {
    if (!isError(point.attributes)) continue;
    const attributes = Object.fromEntries(
      keys.filter((key) => Object.hasOwn(point.attributes, key)).map((key) => [key, point.attributes[key]]),
    );
    const key = JSON.stringify(attributes);
    const value = (points.get(key)?.value ?? 0) + point.value.count;
    points.set(key, { ...point, attributes, value });
  }
  const { aggregationTemporality } = metric;
  const descriptor = { ...metric.descriptor, name, unit: '{error}' };
  const dataPoints = [...points.values()];
  return {
    descriptor,
    aggregationTemporality,
    dataPointType: DataPointType.SUM,
    isMonotonic: true,
    dataPoints,
  };
}
