/** What stores of a StatsD server's results must come to have of the workload. */
import assert from 'node:assert/strict';
import { read } from '../docs/pages.ts';
import { until } from '../until.ts';
import { intervalBegun, PERCENTILES, percentileError } from './percentiles.ts';
import { INSTRUMENTS, type InstrumentValues, runWorkload, startWorkloadApp } from './workload.ts';

/** The page whose lines set up the servers. */
export const PAGE = 'docs/backends.md';

/** Milliseconds of a server's interval: time enough for all that the app sends when it ends. */
export const INTERVAL = 2000;

/** Everything is sent at the app's end, just after an interval of the server's has begun. */
export async function sendWithin(
  dialect: string,
  port: number,
  isBegun: () => boolean | Promise<boolean>,
): Promise<void> {
  const app = startWorkloadApp({
    OTEL_METRICS_EXPORTER: 'statsd',
    ROUTEMETER_STATSD_URL: `udp://127.0.0.1:${port}`,
    ROUTEMETER_STATSD_DIALECT: dialect,
    ROUTEMETER_STATSD_INTERVAL: '600000',
  });
  await runWorkload(app);
  await intervalBegun({ port }, () => until('an interval begins', isBegun));
  await app.end('SIGTERM');
}

/** A histogram, by the name that it must come to have, and the values that it must stand for. */
export interface Histogram {
  readonly name: string;
  readonly values: readonly number[];
}

/** In the values' unit. */
export interface Found {
  readonly count: number;
  readonly sum: number;
  /** In the order of PERCENTILES. */
  readonly percentiles: readonly number[];
}

/**
 * @returns the largest differences, as text
 * @throws when counts differ at all, or sums and percentiles by more than 5 %
 */
export function compareHistograms(histograms: readonly Histogram[], found: (name: string) => Found): string {
  const errors = histograms.map(({ name, values }) => {
    const { count, sum, percentiles } = found(name);
    assert.equal(count, values.length, name);
    return [
      Math.abs(sum / sumOf(values) - 1),
      ...PERCENTILES.map((percentile, i) =>
        percentileError(values, percentile, percentiles[i] ?? Number.NaN),
      ),
    ];
  });
  const worst = ['sum', 'p50', 'p95', 'p99'].map((of, i) => {
    const error = Math.max(...errors.map((each) => each[i] ?? Number.NaN));
    assert.ok(error <= 0.05, `${of} is off by ${error}`);
    return `${of} ${(error * 100).toFixed(2)} %`;
  });
  return `${histograms.length} histograms; largest differences: ${worst.join(', ')}`;
}

export const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

/** Of the instruments of these kinds, what was recorded by region. */
export const recorded = (
  ...kinds: readonly InstrumentValues['kind'][]
): { instrument: InstrumentValues; region: string; values: number[] }[] =>
  INSTRUMENTS.filter(({ kind }) => kinds.includes(kind)).flatMap((instrument) => {
    const regions = new Set(instrument.values.map(([, { region }]) => region));
    return [...regions].map((region) => ({
      instrument,
      region,
      values: instrument.values
        .filter(([, attributes]) => attributes.region === region)
        .map(([value]) => value),
    }));
  });

/** Lines of a section of the page that it shows indented. */
export const shown = (section: string, pattern: RegExp): string[] =>
  (
    read(PAGE)
      .split(/^## /m)
      .find((text) => text.startsWith(section)) ?? assert.fail(section)
  )
    .split('\n')
    .filter((line) => line.startsWith('    '))
    .map((line) => line.trim())
    .filter((line) => pattern.test(line));
