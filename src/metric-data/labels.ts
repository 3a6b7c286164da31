import type { Attributes } from '@opentelemetry/api';
import type { DataPoint, MetricData, ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { attributeText } from './attribute-text.ts';

/** Default dimensions by name: each series has them unless it has an attribute of that name itself. */
export type Labels = Readonly<Record<string, string>>;

/**
 * Attributes as the labels of a text format, sorted by name. The values of keys that become the same label are joined
 * with `;` in the lexicographical order of the keys. A label with an empty value is left out, since Prometheus takes
 * the two for the same series. See
 * https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/#metric-attributes
 *
 * @param nameOf what the label of a key is called
 */
export function labelsOf(
  attributes: readonly (readonly [key: string, value: unknown])[],
  defaults: Labels,
  nameOf: (key: string) => string = labelName,
): [label: string, value: string][] {
  const labels = new Map<string, string>();
  for (const [key, value] of attributes.toSorted(byKey)) {
    if (value === undefined) continue;
    const label = nameOf(key);
    const before = labels.get(label);
    labels.set(label, before === undefined ? attributeText(value) : `${before};${attributeText(value)}`);
  }
  for (const key of Object.keys(defaults)) {
    const label = nameOf(key);
    if (!labels.has(label)) labels.set(label, defaults[key] ?? '');
  }
  return [...labels].filter(([, value]) => value !== '').sort(byKey);
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * Replaces runs of characters other than letters and digits with one `_`, and puts `key_` in front of a leading digit,
 * as the Collector does. What the Collector refuses is written too: a key of which nothing is left as `_`, and a name
 * between double underscores, which Prometheus reserves, with single ones.
 */
export function labelName(key: string): string {
  let name = names.get(key);
  if (name === undefined) {
    name = key.replace(/[^a-zA-Z0-9]+/g, '_') || '_';
    if (/^[0-9]/.test(name)) name = `key_${name}`;
    if (names.size >= MOST_NAMES) names.clear();
    names.set(key, name);
  }
  return name;
}

const MOST_NAMES = 1000;
const names = new Map<string, string>();

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
