import { DataPointType, type MetricData } from '@opentelemetry/sdk-metrics';

/** Whether what a metric says is that of a moment: a gauge or an up-down counter. */
export function isMomentary(metric: MetricData): boolean {
  return (
    metric.dataPointType === DataPointType.GAUGE ||
    (metric.dataPointType === DataPointType.SUM && !metric.isMonotonic)
  );
}
