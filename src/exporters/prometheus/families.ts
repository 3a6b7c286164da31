import type { InstrumentationScope } from '@opentelemetry/core';
import {
  type DataPoint,
  DataPointType,
  type ExponentialHistogram,
  type Histogram,
  type MetricData,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import type { Log } from '../../guest/log.ts';
import { type Kind, kindOf } from '../../metric-data/kind.ts';
import { scopeKey } from '../../metric-data/scope.ts';
import type { Instruments } from '../exporter.ts';
import { type Naming, nameOf } from './naming.ts';

export type FamilyType = 'counter' | 'gauge' | 'histogram';

/** What the names of a histogram's samples end with. */
const HISTOGRAM_SUFFIXES = ['_bucket', '_sum', '_count'] as const;

/** The names of a family's samples in the text formats. */
export function sampleNames({ name, type }: Pick<Family, 'name' | 'type'>): string[] {
  return type === 'histogram' ? HISTOGRAM_SUFFIXES.map((suffix) => name + suffix) : [name];
}

/** The data points of one instrument, as they were collected. */
export interface Part<Value> {
  readonly scope: InstrumentationScope;
  /** What the instrument itself is called, its unit and its description. */
  readonly descriptor: MetricData['descriptor'];
  /** A start time of [0, 0] is not known, as in a group. */
  readonly points: readonly DataPoint<Value>[];
  /** Whether points that end as one series are added up; otherwise the first one stays. */
  readonly additive: boolean;
}

/**
 * All instruments that Prometheus knows by one name, in no format yet. Counters and gauges have `numbers`; histograms
 * have one or both of the others.
 */
export interface Family {
  readonly name: string;
  readonly type: FamilyType;
  /** Not escaped, never empty. */
  readonly help: string;
  readonly numbers: Part<number>[];
  readonly histograms: Part<Histogram>[];
  readonly exponentialHistograms: Part<ExponentialHistogram>[];
}

interface Claim {
  readonly name: string;
  readonly type: FamilyType | 'info';
  /** That of the first instrument, or if it has none that of the first that is written. */
  help: string | undefined;
}

export interface FamiliesOptions {
  readonly log: Pick<Log, 'once'>;
  readonly naming: Naming;
  /** Those of this process; those that others have made come after them. */
  readonly instruments: Instruments;
  /** Our own, which are made where they are served: they claim their names before all others. */
  readonly reserved: readonly MetricData[];
}

/**
 * Groups metrics by the name that Prometheus knows them by, sorted by it. The first instrument that is made with a name
 * decides on the family's type and help for good. An instrument of another type, or one whose name a histogram needs
 * for its samples, is left out with one warning. See
 * https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/#metric-metadata-1
 */
export function createFamilies(options: FamiliesOptions): (metrics: ResourceMetrics) => Family[] {
  const { log, naming, instruments, reserved } = options;
  const claims = new Map<string, Claim>([['target_info', { name: 'target_info', type: 'info', help: '' }]]);
  let made = 0;

  /** @returns the reason if the name belongs to another family */
  const claim = (name: string, type: FamilyType, help?: string): Claim | string => {
    const names = new Set([name, ...sampleNames({ name, type })]);
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
    const name = nameOf(naming, metric);
    if (name !== undefined) claim(name, TYPES[kindOf(metric)]);
  }

  /** Claims the names of all instruments made meanwhile, also of those that have recorded nothing yet. */
  const claimMade = (): void => {
    for (; made < instruments.all.length; made++) {
      const instrument = instruments.all[made];
      if (instrument === undefined) continue;
      const { kind, unit, description } = instrument;
      const help = description.trim() === '' ? undefined : description;
      const name = naming.family(instrument.name, unit, kind);
      if (name !== undefined) claim(name, TYPES[kind], help);
    }
  };

  return (metrics) => {
    claimMade();
    const families = new Map<string, Family>();
    for (const { scope, metric } of inOrder(metrics, instruments)) {
      if (metric.dataPoints.length === 0) continue;
      const name = nameOf(naming, metric);
      const type = TYPES[kindOf(metric)];
      const own = name === undefined ? 'no character of its name can be written' : claim(name, type);
      if (name === undefined || typeof own === 'string') {
        warnLeftOut(log, metric, String(own));
        continue;
      }
      own.help ??= helpOf(metric);
      let family = families.get(name);
      if (family === undefined) {
        family = { name, type, help: own.help, numbers: [], histograms: [], exponentialHistograms: [] };
        families.set(name, family);
      }
      add(family, scope, metric);
    }
    const sorted = [...families.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const { numbers, histograms, exponentialHistograms } of sorted) {
      for (const parts of [numbers, histograms, exponentialHistograms]) parts.sort(byScope);
    }
    return sorted;
  };
}

export function warnLeftOut(
  log: Pick<Log, 'once'>,
  { descriptor: { name } }: Pick<MetricData, 'descriptor'>,
  reason: string,
): void {
  log.once(`prometheus.left-out:${name}:${reason}`, 'warn', `${name} is not served to Prometheus: ${reason}`);
}

const TYPES: Readonly<Record<Kind, FamilyType>> = {
  counter: 'counter',
  upDownCounter: 'gauge',
  gauge: 'gauge',
  histogram: 'histogram',
  exponentialHistogram: 'histogram',
};

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

function helpOf({ descriptor: { name, unit, description } }: MetricData): string {
  if (description.trim() !== '') return description;
  return `OpenTelemetry instrument ${name}${unit.trim() === '' ? '' : `, unit ${unit}`}.`;
}

function add(family: Family, scope: InstrumentationScope, metric: MetricData): void {
  const part = { scope, descriptor: metric.descriptor, additive: kindOf(metric) !== 'gauge' };
  switch (metric.dataPointType) {
    case DataPointType.SUM:
    case DataPointType.GAUGE:
      family.numbers.push({ ...part, points: metric.dataPoints });
      break;
    case DataPointType.HISTOGRAM:
      family.histograms.push({ ...part, points: metric.dataPoints });
      break;
    case DataPointType.EXPONENTIAL_HISTOGRAM:
      family.exponentialHistograms.push({ ...part, points: metric.dataPoints });
      break;
  }
}

function byScope(a: Part<unknown>, b: Part<unknown>): number {
  const [first, second] = [scopeKey(a.scope), scopeKey(b.scope)];
  return first < second ? -1 : first > second ? 1 : 0;
}
