import type { InstrumentationScope } from '@opentelemetry/core';
import {
  type DataPoint,
  DataPointType,
  type Histogram,
  type MetricData,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import { metricName } from '../metric-names.ts';

export type FamilyType = 'counter' | 'gauge' | 'histogram';

/** The data points of one instrument. */
export interface Part<Value> {
  readonly scope: InstrumentationScope;
  readonly points: readonly DataPoint<Value>[];
  /** Two points that end as one series are added up; otherwise the first one stays. */
  readonly additive: boolean;
}

/** All instruments that share a name in the text. Only one of `numbers` and `histograms` is filled. */
export interface Family {
  readonly name: string;
  readonly type: FamilyType;
  /** Not yet escaped, never empty. */
  readonly help: string;
  readonly numbers: Part<number>[];
  readonly histograms: Part<Histogram>[];
}

/** Says a thing once in the life of the process. */
export type Warn = (key: string, message: string) => void;

interface Claim {
  readonly name: string;
  readonly type: FamilyType | 'info';
  readonly help: string;
}

/**
 * Groups the metrics by their name in the text, sorted by it. The first instrument that takes a name decides on the
 * family's type and help for good; one of another type, or one whose name a histogram needs for its samples, is left
 * out with one warning. See
 * https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/#metric-metadata-1
 */
export function createFamilies(warn: Warn): (metrics: ResourceMetrics) => Family[] {
  const claims = new Map<string, Claim>([['target_info', { name: 'target_info', type: 'info', help: '' }]]);

  const claim = (name: string, type: FamilyType, metric: MetricData): Claim | undefined => {
    const names = type === 'histogram' ? [name, `${name}_bucket`, `${name}_sum`, `${name}_count`] : [name];
    for (const each of names) {
      const holder = claims.get(each);
      if (holder === undefined || (holder.name === name && holder.type === type)) continue;
      leftOut(metric, `the name ${each} belongs to the ${holder.type} ${holder.name}`);
      return undefined;
    }
    const own = claims.get(name) ?? { name, type, help: helpOf(metric) };
    for (const each of names) claims.set(each, own);
    return own;
  };

  const leftOut = ({ descriptor: { name } }: MetricData, reason: string): void =>
    warn(`prometheus.left-out:${name}:${reason}`, `${name} is not served to Prometheus: ${reason}`);

  return (metrics) => {
    const families = new Map<string, Family>();
    for (const { scope, metrics: ofScope } of metrics.scopeMetrics) {
      for (const metric of ofScope) {
        if (metric.dataPoints.length === 0) continue;
        const type = typeOf(metric);
        if (type === undefined) {
          leftOut(metric, 'its text format has no exponential histograms');
          continue;
        }
        const name = metricName(metric);
        if (name === undefined) {
          leftOut(metric, 'nothing of its name can be written');
          continue;
        }
        const own = claim(name, type, metric);
        if (own === undefined) continue;
        let family = families.get(name);
        if (family === undefined) {
          family = { name, type, help: own.help, numbers: [], histograms: [] };
          families.set(name, family);
        }
        add(family, scope, metric);
      }
    }
    const sorted = [...families.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const family of sorted) {
      family.numbers.sort(byScope);
      family.histograms.sort(byScope);
    }
    return sorted;
  };
}

/** What tells two scopes apart. */
export function scopeId(scope: InstrumentationScope): string {
  return JSON.stringify([scope.name, scope.version ?? '', scope.schemaUrl ?? '']);
}

function typeOf(metric: MetricData): FamilyType | undefined {
  switch (metric.dataPointType) {
    case DataPointType.SUM:
      return metric.isMonotonic ? 'counter' : 'gauge';
    case DataPointType.GAUGE:
      return 'gauge';
    case DataPointType.HISTOGRAM:
      return 'histogram';
    default:
      return undefined;
  }
}

function helpOf({ descriptor: { name, unit, description } }: MetricData): string {
  if (description.trim() !== '') return description;
  return `OpenTelemetry instrument ${name}${unit.trim() === '' ? '' : `, unit ${unit}`}.`;
}

function add(family: Family, scope: InstrumentationScope, metric: MetricData): void {
  switch (metric.dataPointType) {
    case DataPointType.SUM:
      family.numbers.push({ scope, points: metric.dataPoints, additive: true });
      break;
    case DataPointType.GAUGE:
      family.numbers.push({ scope, points: metric.dataPoints, additive: false });
      break;
    case DataPointType.HISTOGRAM:
      family.histograms.push({ scope, points: metric.dataPoints, additive: true });
      break;
  }
}

function byScope(a: Part<unknown>, b: Part<unknown>): number {
  const [first, second] = [scopeId(a.scope), scopeId(b.scope)];
  return first < second ? -1 : first > second ? 1 : 0;
}
