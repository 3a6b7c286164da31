import type { Attributes } from '@opentelemetry/api';
import type { DataPoint, MetricData, ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { type Labels, labelName } from './labels.ts';

/**
 * Puts the default dimensions on every data point; an attribute of the same name wins.
 *
 * @returns the same object when there are no labels, else a copy that shares the values
 */
export function withDefaultLabels(metrics: ResourceMetrics, labels: Labels): ResourceMetrics {
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

/** Attributes with the labels that they lack, where a label that an attribute will be written as counts as had. */
export function withMissingLabels(attributes: Attributes, labels: Labels): Attributes {
  const names = Object.keys(labels);
  if (names.length === 0) return attributes;
  const taken = new Set(Object.keys(attributes).map(labelName));
  const added = names.filter((name) => !taken.has(labelName(name))).map((name) => [name, labels[name]]);
  return { ...Object.fromEntries(added), ...attributes };
}
