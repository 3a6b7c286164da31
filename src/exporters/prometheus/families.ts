import type { InstrumentationScope } from '@opentelemetry/core';
import {
  type DataPoint,
  DataPointType,
  type Histogram,
  type MetricData,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import { familyName, metricName } from '../../metric-data/names.ts';
import type { Instruments } from '../exporter.ts';

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
  /** That of the first instrument, or if it has none that of the first that is written. */
  help: string | undefined;
}

export interface FamiliesOptions {
  readonly warn: Warn;
  /** Of this process; those that others have made come after them. */
  readonly instruments: Instruments;
  /** Our own, which are made where they are served: their names are taken before all others. */
  readonly reserved: readonly MetricData[];
}

/**
 * Groups the metrics by their name in the text, sorted by it. The first instrument that is made with a name decides on
 * the family's type and help for good; one of another type, or one whose name a histogram needs for its samples, is left
 * out with one warning. See
 * https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/#metric-metadata-1
 */
export function createFamilies({
  warn,
  instruments,
  reserved,
}: FamiliesOptions): (metrics: ResourceMetrics) => Family[] {
  const claims = new Map<string, Claim>([['target_info', { name: 'target_info', type: 'info', help: '' }]]);
  let made = 0;

  /** @returns the reason if the name belongs to another family */
  const claim = (name: string, type: FamilyType, help?: string): Claim | string => {
    const names = type === 'histogram' ? [name, `${name}_bucket`, `${name}_sum`, `${name}_count`] : [name];
    for (const each of names) {
      const holder = claims.get(each);
      if (holder === undefined || (holder.name === name && holder.type === type)) continue;
      return `the name ${each} belongs to the ${holder.type} ${holder.name}`;
    }
    const own = claims.get(name) ?? { name, type, help };
    for (const each of names) claims.set(each, own);
    return own;
  };

  for (const metric of reserved) {
    const [name, type] = [metricName(metric), typeOf(metric)];
    if (name !== undefined && type !== undefined) claim(name, type);
  }

  /** Takes their names for all that have been made meanwhile, also for those that have nothing to say yet. */
  const claimMade = (): void => {
    for (; made < instruments.all.length; made++) {
      const instrument = instruments.all[made];
      if (instrument === undefined) continue;
      const { kind, unit, description } = instrument;
      const help = description.trim() === '' ? undefined : description;
      const name = familyName(instrument.name, unit, kind);
      if (name !== undefined) claim(name, kind === 'upDownCounter' ? 'gauge' : kind, help);
    }
  };

  const leftOut = ({ descriptor: { name } }: MetricData, reason: string): void =>
    warn(`prometheus.left-out:${name}:${reason}`, `${name} is not served to Prometheus: ${reason}`);

  return (metrics) => {
    claimMade();
    const families = new Map<string, Family>();
    for (const { scope, metric } of inOrder(metrics, instruments)) {
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
      const own = claim(name, type);
      if (typeof own === 'string') {
        leftOut(metric, own);
        continue;
      }
      own.help ??= helpOf(metric);
      let family = families.get(name);
      if (family === undefined) {
        family = { name, type, help: own.help, numbers: [], histograms: [] };
        families.set(name, family);
      }
      add(family, scope, metric);
    }
    const sorted = [...families.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const family of sorted) {
      family.numbers.sort(byScope);
      family.histograms.sort(byScope);
    }
    return sorted;
  };
}

function inOrder(
  { scopeMetrics }: ResourceMetrics,
  instruments: Instruments,
): { readonly scope: InstrumentationScope; readonly metric: MetricData }[] {
  return scopeMetrics
    .flatMap(({ scope, metrics }) =>
      metrics.map((metric) => ({ scope, metric, place: instruments.place(scope, metric) })),
    )
    .sort((a, b) => (a.place === b.place ? 0 : a.place - b.place));
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
