import { type HrTime, ValueType } from '@opentelemetry/api';
import { AggregationTemporality, DataPointType, type ScopeMetrics } from '@opentelemetry/sdk-metrics';

const TIME: HrTime = [0, 0];

/**
 * `process_start_time_seconds`, as all client libraries of Prometheus have it. OpenTelemetry has no such metric, and
 * where others push to there may be one already: Prometheus' statsd_exporter serves its own, and nothing any more once
 * it gets another. See https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics
 *
 * @param seconds since 1970
 */
export function startTimeMetric(seconds: number): ScopeMetrics {
  return {
    scope: { name: 'routemeter' },
    metrics: [
      {
        descriptor: {
          name: 'process.start_time',
          description: 'Start time of the process since unix epoch in seconds.',
          unit: 's',
          valueType: ValueType.DOUBLE,
        },
        aggregationTemporality: AggregationTemporality.CUMULATIVE,
        dataPointType: DataPointType.GAUGE,
        dataPoints: [{ attributes: {}, startTime: TIME, endTime: TIME, value: seconds }],
      },
    ],
  };
}
