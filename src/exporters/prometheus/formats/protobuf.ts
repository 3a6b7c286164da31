import type { HrTime } from '@opentelemetry/api';
import type { Histogram } from '@opentelemetry/sdk-metrics';
import type { Log } from '../../../guest/log.ts';
import { labelsOf } from '../../../metric-data/labels.ts';
import { unitWord } from '../../../metric-data/names.ts';
import type { Exposition } from '../exposition.ts';
import { type Family, warnLeftOut } from '../families.ts';
import type { Format } from './format.ts';
import { hasOwnBound, mergeFamily, type Series } from './series.ts';
import { createSeriesLabels, type LabelWriter } from './series-labels.ts';
import { Wire } from './wire.ts';

/**
 * Prometheus' protobuf format: messages `MetricFamily`, each with its length in front.
 *
 * https://github.com/prometheus/client_model/blob/master/io/prometheus/client/metrics.proto
 */
export const protobuf: Format = {
  mediaType: 'application/vnd.google.protobuf',
  parameters: { proto: 'io.prometheus.client.MetricFamily', encoding: 'delimited' },
  isText: false,
  namesEscaping: true,
  write,
};

const TYPES = { counter: 0, gauge: 1, histogram: 4 } as const satisfies Record<Family['type'], number>;

/** The numbers of the fields that are written. */
const FAMILY = { name: 1, help: 2, type: 3, metric: 4, unit: 5 } as const;
const METRIC = { label: 1, gauge: 2, counter: 3, histogram: 7 } as const;
const LABEL = { name: 1, value: 2 } as const;
const NUMBER = { value: 1, created: 3 } as const;
const HISTOGRAM = { count: 1, sum: 2, bucket: 3, created: 15 } as const;
const BUCKET = { cumulativeCount: 1, upperBound: 2 } as const;
const TIMESTAMP = { seconds: 1, nanos: 2 } as const;

const SERIES_PER_SLICE = 100;

/** The fields `label` of a metric, as a string of one character for each byte. */
const labelBytes: LabelWriter = (labels) => {
  const wire = new Wire();
  for (const [name, value] of labels) {
    wire.message(METRIC.label, () => {
      wire.string(LABEL.name, name);
      wire.string(LABEL.value, value);
    });
  }
  return Buffer.from(wire.take()).toString('latin1');
};
const seriesLabels = createSeriesLabels(labelBytes);

function* write(
  exposition: Exposition,
  log: Pick<Log, 'once'>,
): Generator<string | Uint8Array, void, undefined> {
  const labelsOfFamily = seriesLabels(exposition);
  yield target(exposition);
  for (const family of exposition.families) {
    for (const part of family.exponentialHistograms) {
      warnLeftOut(log, part, 'exponential histograms are not written');
    }
    if (family.numbers.length === 0 && family.histograms.length === 0) continue;
    const { numbers, histograms } = yield* mergeFamily(family, labelsOfFamily(family), log);
    const wire = new Wire();
    head(wire, family);
    const parts: Uint8Array[] = [];
    let left = SERIES_PER_SLICE;
    for (const writeSeries of [
      ...numbers.map((each) => () => numberMetric(wire, family.type, each)),
      ...histograms.map((each) => () => histogramMetric(wire, each)),
    ]) {
      wire.message(FAMILY.metric, writeSeries);
      left -= 1;
      if (left > 0) continue;
      left = SERIES_PER_SLICE;
      parts.push(wire.take());
      yield '';
    }
    parts.push(wire.take());
    yield lengthOf(parts);
    yield* parts;
  }
}

/** The length in front of a family. */
function lengthOf(parts: readonly Uint8Array[]): Uint8Array {
  const wire = new Wire();
  wire.varint(parts.reduce((sum, { length }) => sum + length, 0));
  return wire.take();
}

function head(wire: Wire, family: Family): void {
  wire.string(FAMILY.name, family.name);
  wire.string(FAMILY.help, family.help);
  wire.uint(FAMILY.type, TYPES[family.type]);
  const [part] = [...family.numbers, ...family.histograms];
  const unit = unitWord(part?.descriptor.unit ?? '');
  if (unit !== '') wire.string(FAMILY.unit, unit);
}

/** https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/#resource-attributes-1 */
function target({ resource, labels: defaults, naming }: Exposition): Uint8Array {
  const wire = new Wire();
  if (resource === undefined) return wire.take();
  const labels = labelBytes(labelsOf(Object.entries(resource), defaults, naming.label));
  if (labels === '') return wire.take();
  wire.string(FAMILY.name, 'target_info');
  wire.string(FAMILY.help, 'Target metadata');
  wire.uint(FAMILY.type, TYPES.gauge);
  wire.message(FAMILY.metric, () => numberMetric(wire, 'gauge', { labels, startTime: [0, 0], value: 1 }));
  const message = wire.take();
  return Buffer.concat([lengthOf([message]), message]);
}

function numberMetric(wire: Wire, type: Family['type'], { labels, startTime, value }: Series<number>): void {
  wire.raw(labels);
  wire.message(type === 'counter' ? METRIC.counter : METRIC.gauge, () => {
    wire.double(NUMBER.value, withoutMinus(value));
    if (type === 'counter') timestamp(wire, NUMBER.created, startTime);
  });
}

function histogramMetric(wire: Wire, { labels, startTime, value }: Series<Histogram>): void {
  wire.raw(labels);
  wire.message(METRIC.histogram, () => {
    wire.uint(HISTOGRAM.count, value.count);
    if (value.sum !== undefined) wire.double(HISTOGRAM.sum, withoutMinus(value.sum));
    const { boundaries, counts } = value.buckets;
    let cumulative = 0;
    for (const [i, bound] of boundaries.entries()) {
      cumulative += counts[i] ?? 0;
      if (!hasOwnBound(boundaries, i)) continue;
      wire.message(HISTOGRAM.bucket, () => {
        wire.uint(BUCKET.cumulativeCount, cumulative);
        wire.double(BUCKET.upperBound, bound);
      });
    }
    timestamp(wire, HISTOGRAM.created, startTime);
  });
}

/** Zero has no sign in the text formats either. */
function withoutMinus(value: number): number {
  return value + 0;
}

/** A time that is not known is left out. */
function timestamp(wire: Wire, field: number, [seconds, nanos]: HrTime): void {
  if (seconds === 0 && nanos === 0) return;
  wire.message(field, () => {
    wire.uint(TIMESTAMP.seconds, seconds);
    wire.uint(TIMESTAMP.nanos, nanos);
  });
}
