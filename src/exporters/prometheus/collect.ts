import { type HrTime, ValueType } from '@opentelemetry/api';
import { millisToHrTime } from '@opentelemetry/core';
import {
  AggregationTemporality,
  DataPointType,
  type MetricReader,
  type ResourceMetrics,
  type ScopeMetrics,
} from '@opentelemetry/sdk-metrics';
import { inTime } from '../../guest/deadline.ts';
import type { Log } from '../../guest/log.ts';
import { describe } from '../../guest/text.ts';
import type { Labels } from '../../metric-data/labels.ts';

export interface CollectOptions {
  readonly reader: Pick<MetricReader, 'collect'>;
  readonly log: Log;
  /** What is in each scrape besides; nothing by default. */
  readonly added?: readonly ScopeMetrics[];
  /** The longest that one collection may take, in milliseconds; 10,000 by default. */
  readonly timeoutMillis?: number;
}

/** Metrics, with their default dimensions where those are not this process' own. */
export interface Served extends ResourceMetrics {
  readonly labels?: Labels;
}

/** Rejects if there is nothing to serve, or not in time. */
export type Collect = () => Promise<ResourceMetrics>;

/** The most error messages that are logged: one that differs every time must not fill the app's stderr. */
const MOST_MESSAGES = 20;

/**
 * Collects what a scrape serves: everything that could be collected, and `routemeter_collect_errors_total`, the number
 * of errors so far. Each distinct error is logged once.
 */
export function createCollect({ reader, log, added = [], timeoutMillis = 10_000 }: CollectOptions): Collect {
  const startTime = millisToHrTime(Date.now());
  const messages = new Set<string>();
  let errors = 0;

  const failed = (error: unknown, consequence: string): void => {
    errors += 1;
    const message = describe(error);
    if (messages.has(message) || messages.size >= MOST_MESSAGES) return;
    messages.add(message);
    log.warn(`an error while metrics were collected for Prometheus; ${consequence}: ${message}`);
  };

  const collect = async (): Promise<ResourceMetrics> => {
    // Without the SDK's timeout, whose timer would keep the process alive: the app's callbacks have their own.
    const collected = await reader.collect();
    for (const error of collected.errors) failed(error, 'the other metrics are served');
    const { resource, scopeMetrics } = collected.resourceMetrics;
    if (resource.asyncAttributesPending) await resource.waitForAsyncAttributes?.();
    return { resource, scopeMetrics: [errorsMetric(errors, startTime), ...added, ...scopeMetrics] };
  };

  return async () => {
    try {
      const collected = collect();
      if (await inTime(collected, timeoutMillis)) return await collected;
      throw new Error(`the metrics were not collected within ${timeoutMillis} ms`);
    } catch (error) {
      failed(error, 'this scrape gets none');
      throw error;
    }
  };
}

/** `routemeter.collect.errors`, as the SDK would have collected it. */
export function errorsMetric(value: number, startTime: HrTime): ScopeMetrics {
  return {
    scope: { name: 'routemeter' },
    metrics: [
      {
        descriptor: {
          name: 'routemeter.collect.errors',
          description:
            'Errors while metrics were collected for Prometheus, most often thrown by a callback of the app.',
          unit: '{error}',
          valueType: ValueType.INT,
        },
        aggregationTemporality: AggregationTemporality.CUMULATIVE,
        dataPointType: DataPointType.SUM,
        isMonotonic: true,
        dataPoints: [{ attributes: {}, startTime, endTime: millisToHrTime(Date.now()), value }],
      },
    ],
  };
}
