import { type Attributes, ValueType } from '@opentelemetry/api';
import type { InstrumentationScope } from '@opentelemetry/core';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  type DataPoint,
  DataPointType,
  type Histogram,
  type MetricData,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import type { EscapingScheme } from '../../../src/exporters/prometheus/escaping.ts';
import {
  createExposition,
  type Exposition,
  type ExpositionOptions,
} from '../../../src/exporters/prometheus/exposition.ts';
import type { Format } from '../../../src/exporters/prometheus/formats/format.ts';
import { text004 } from '../../../src/exporters/prometheus/formats/text.ts';
import { UNDERSCORES } from '../../../src/exporters/prometheus/naming.ts';
import type { Log } from '../../../src/guest/log.ts';
import { createMadeInstruments } from '../../../src/views/made-instruments.ts';

/** What a scrape of nothing serves. */
export const NOTHING: Exposition = {
  resource: {},
  families: [],
  labels: {},
  scopeLabels: false,
  naming: UNDERSCORES,
};

export interface Written {
  readonly text: string;
  /** What is sent. */
  readonly bytes: Buffer;
  readonly chunks: readonly (string | Uint8Array)[];
  /** All warnings so far. */
  readonly warnings: readonly string[];
}

/** Options of an exposition, and how the client of a scrape wants names to be escaped. */
export interface WriterOptions extends Partial<Omit<ExpositionOptions, 'log'>> {
  readonly escaping?: EscapingScheme;
}

/** What an exporter serves in a format; by default the process itself has made no instrument. */
export function formatWriter(
  format: Format,
  { escaping = 'underscores', ...options }: WriterOptions = {},
): (metrics: ResourceMetrics) => Written {
  const warnings = new Map<string, string>();
  const log: Pick<Log, 'once'> = { once: (key, _level, message) => warnings.set(key, message) };
  const instruments = createMadeInstruments();
  const given = {
    labels: {},
    scopeLabels: false,
    names: 'underscores' as const,
    instruments,
    reserved: [],
    ...options,
  };
  const expose = createExposition({ ...given, log });
  return (metrics) => {
    const chunks = [...format.write(expose(metrics, { escaping }), log)];
    const bytes = Buffer.concat(chunks.map((chunk) => Buffer.from(chunk)));
    return { text: chunks.join(''), bytes, chunks, warnings: [...warnings.values()] };
  };
}

export function textWriter(options: WriterOptions = {}): (metrics: ResourceMetrics) => Written {
  return formatWriter(text004, options);
}

/** The samples of a text, without HELP and TYPE. */
export function sampleLines(text: string): string[] {
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

/** Attributes and value of each point. */
type Points<Value> = readonly (readonly [Attributes, Value])[];

interface Descriptor {
  readonly unit?: string;
  readonly description?: string;
}

function base(name: string, { unit = '', description = `Help of ${name}` }: Descriptor) {
  return {
    descriptor: { name, unit, description, valueType: ValueType.DOUBLE },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
  };
}

function dataPoints<Value>(points: Points<Value>): DataPoint<Value>[] {
  return points.map(([attributes, value]) => ({ attributes, value, startTime: [0, 0], endTime: [1, 0] }));
}

const sum =
  (isMonotonic: boolean) =>
  (name: string, points: Points<number>, descriptor: Descriptor = {}): MetricData => ({
    ...base(name, descriptor),
    dataPointType: DataPointType.SUM,
    isMonotonic,
    dataPoints: dataPoints(points),
  });

export const counter = sum(true);
export const upDownCounter = sum(false);

export function gauge(name: string, points: Points<number>, descriptor: Descriptor = {}): MetricData {
  return { ...base(name, descriptor), dataPointType: DataPointType.GAUGE, dataPoints: dataPoints(points) };
}

/** The value of a point is the count of each bucket; the last one is that above all boundaries. */
export function histogram(
  name: string,
  boundaries: number[],
  points: Points<number[]>,
  descriptor: Descriptor & { readonly sum?: number | undefined } = {},
): MetricData {
  const sum = 'sum' in descriptor ? descriptor.sum : 0.5;
  return {
    ...base(name, descriptor),
    dataPointType: DataPointType.HISTOGRAM,
    dataPoints: dataPoints(points).map((point) => {
      const count = point.value.reduce((all, each) => all + each, 0);
      const value: Histogram = { buckets: { boundaries, counts: point.value }, count };
      return { ...point, value: sum === undefined ? value : { ...value, sum } };
    }),
  };
}

export function exponentialHistogram(name: string): MetricData {
  const buckets = { offset: 0, bucketCounts: [1] };
  return {
    ...base(name, {}),
    dataPointType: DataPointType.EXPONENTIAL_HISTOGRAM,
    dataPoints: dataPoints([
      [{}, { count: 2, sum: 2, scale: 0, zeroCount: 0, positive: buckets, negative: buckets }],
    ]),
  };
}

/** The metrics of each scope. */
export function collected(
  scopes: readonly (readonly [scope: InstrumentationScope, metrics: readonly MetricData[]])[],
  resource: Attributes = {},
): ResourceMetrics {
  return {
    resource: resourceFromAttributes(resource),
    scopeMetrics: scopes.map(([scope, metrics]) => ({ scope, metrics: [...metrics] })),
  };
}
