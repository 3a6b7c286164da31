import type { HrTime } from '@opentelemetry/api';
import type { InstrumentationScope } from '@opentelemetry/core';
import {
  type DataPoint,
  DataPointType,
  type Histogram,
  type MetricData,
  type ScopeMetrics,
} from '@opentelemetry/sdk-metrics';
import type { HistogramData } from '../../metric-data/kind.ts';
import { scopeKey } from '../../metric-data/scope.ts';
import { CLIENT_ERRORS, fixedParts, REQUESTS, SERVER_ERRORS, STATUS } from './names.ts';

export interface ScopeMetric {
  readonly scope: InstrumentationScope;
  readonly metric: MetricData;
}

type Point = DataPoint<Histogram>;

/**
 * What servers without tags cannot derive from the series: a histogram over all routes, since percentiles cannot be
 * added up, and counters of client errors (400 to 499, and clients that went away before the answer began, or were
 * rejected by the app on the socket) and server errors (500 to 599), whose names leave out the status.
 *
 * They add up what their series have gained from one collection to the next, so that none goes down when a series ends.
 *
 * @returns a function that takes one collection after the other, with what its histograms had in the one before; it
 *   returns additional metrics: `<instrument>_all_routes`, `http.server.request.client_errors` and
 *   `http.server.request.server_errors`
 */
export function createTotals(nameOrder: readonly string[]) {
  let histograms = new Map<string, Histogram>();
  let counts = new Map<string, number>();

  return (
    scopeMetrics: readonly ScopeMetrics[],
    before: (scope: InstrumentationScope, metric: HistogramData, point: Point) => Histogram | undefined,
  ): ScopeMetric[] => {
    const [lastHistograms, lastCounts] = [histograms, counts];
    histograms = new Map();
    counts = new Map();

    const allRoutes = (key: string, metric: HistogramData, gains: readonly Point[]): MetricData => {
      const value = gains.reduce(
        (sum, gain) => combined(sum, gain.value, 1),
        lastHistograms.get(key) ?? NO_HISTOGRAM,
      );
      histograms.set(key, value);
      const descriptor = { ...metric.descriptor, name: `${metric.descriptor.name}_all_routes` };
      return { ...metric, descriptor, dataPoints: [pointOf({}, value)] };
    };

    const errors = (
      metric: HistogramData,
      gains: readonly Point[],
      name: string,
      isError: (attributes: Attributes) => boolean,
    ): MetricData => {
      const parts = fixedParts(name, nameOrder) ?? [];
      const points = new Map<string, DataPoint<number>>();
      for (const { attributes: all, value: gain } of gains) {
        if (!isError(all)) continue;
        const attributes = Object.fromEntries(
          parts.filter((part) => Object.hasOwn(all, part)).map((part) => [part, all[part]]),
        );
        const key = JSON.stringify([name, attributes]);
        const value = (counts.get(key) ?? lastCounts.get(key) ?? 0) + gain.count;
        counts.set(key, value);
        points.set(key, pointOf(attributes, value));
      }
      return {
        descriptor: { ...metric.descriptor, name, unit: '{error}' },
        aggregationTemporality: metric.aggregationTemporality,
        dataPointType: DataPointType.SUM,
        isMonotonic: true,
        dataPoints: [...points.values()],
      };
    };

    return scopeMetrics.flatMap(({ scope, metrics }) =>
      metrics.filter(isByRoute).flatMap((metric) => {
        const { name, unit, valueType } = metric.descriptor;
        const gains = metric.dataPoints.map((point) => ({
          ...point,
          value: combined(point.value, before(scope, metric, point), -1),
        }));
        const all = [allRoutes(JSON.stringify([scopeKey(scope), name, unit, valueType]), metric, gains)];
        if (name === REQUESTS) {
          all.push(errors(metric, gains, CLIENT_ERRORS, isClientError));
          all.push(errors(metric, gains, SERVER_ERRORS, isServerError));
        }
        return all.map((total) => ({ scope, metric: total }));
      }),
    );
  };
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
    metric.dataPoints.length > 0 &&
    (metric.descriptor.name === REQUESTS ||
      metric.dataPoints.some(({ attributes }) => attributes['http.route'] !== undefined))
  );
}

const NO_HISTOGRAM: Histogram = { buckets: { boundaries: [], counts: [] }, count: 0, sum: 0 };

/** Adds a histogram to another, or takes it off; of the same boundaries if both have some. */
function combined(one: Histogram, other: Histogram = NO_HISTOGRAM, sign: 1 | -1): Histogram {
  const longer = one.buckets.counts.length > 0 ? one : other;
  const counts = longer.buckets.counts.map(
    (_, i) => (one.buckets.counts[i] ?? 0) + sign * (other.buckets.counts[i] ?? 0),
  );
  return {
    buckets: { boundaries: longer.buckets.boundaries, counts },
    count: one.count + sign * other.count,
    sum: (one.sum ?? 0) + sign * (other.sum ?? 0),
  };
}

/** Unknown, and not needed. */
const TIME: HrTime = [0, 0];

function pointOf<Value>(attributes: Attributes, value: Value): DataPoint<Value> {
  return { attributes, startTime: TIME, endTime: TIME, value };
}
