import type { DataPoint, MetricData, ResourceMetrics } from '@opentelemetry/sdk-metrics';

type Labels = Readonly<Record<string, string>>;

/**
 * Puts the default dimensions on every data point; an attribute that a series has already wins.
 *
 * @returns the same object when there are no labels, else a copy that shares the values
 */
export function withLabels(metrics: ResourceMetrics, labels: Labels): ResourceMetrics {
  if (Object.keys(labels).length === 0) return metrics;
  return {
    ...metrics,
    scopeMetrics: metrics.scopeMetrics.map((scope) => ({
      ...scope,
      metrics: scope.metrics.map((metric) => labelled(metric, labels)),
    })),
  };
}

function labelled(metric: MetricData, labels: Labels): MetricData {
  const points: readonly DataPoint<unknown>[] = metric.dataPoints;
  const dataPoints = points.map((point) => ({ ...point, attributes: { ...labels, ...point.attributes } }));
  return { ...metric, dataPoints } as MetricData;
}
