/** What stores of a StatsD server's results must come to have of the workload. */
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import type { AppProcess } from '../app-process.ts';
import { read } from '../docs/pages.ts';
import { until } from '../until.ts';
import { sumOf } from './expected.ts';
import { INSTRUMENTS, type InstrumentValues, runWorkload, startWorkloadApp } from './workload.ts';

/** The page whose lines set up the servers. */
export const PAGE = 'docs/backends.md';

/** Milliseconds of a server's interval: time enough for all that the app sends when it ends. */
export const INTERVAL = 2000;

export const PERCENTILES = [50, 95, 99] as const;

export interface Sending {
  readonly url: string;
  readonly dialect: string;
  /** Whether the server has passed on a counter of its own, and so begun an interval; its percentiles are of one. */
  readonly isBegun?: () => boolean | Promise<boolean>;
  readonly env?: Readonly<Record<string, string>>;
  /** Is called when all has been recorded. */
  readonly check?: (app: AppProcess) => Promise<void>;
}

/** Has the workload sent at the app's end, just after an interval of the server's has begun. */
export async function sendWithin({ url, dialect, isBegun, env, check }: Sending): Promise<void> {
  const app = startWorkloadApp({
    OTEL_METRICS_EXPORTER: 'statsd',
    ROUTEMETER_STATSD_URL: url,
    ROUTEMETER_STATSD_DIALECT: dialect,
    ROUTEMETER_STATSD_INTERVAL: '600000',
    ...env,
  });
  await runWorkload(app);
  await check?.(app);
  if (isBegun !== undefined) {
    const { hostname, port } = new URL(url);
    const socket = createSocket('udp4');
    socket.send('interval:1|c', Number(port), hostname);
    await until('an interval begins', isBegun);
    socket.close();
  }
  await app.end('SIGTERM');
}

/**
 * How far a percentile is from the true one, as a share of it. Programs define percentiles in different ways, which
 * lead to neighbours in the order of the values: the nearest of the three at its rank counts.
 *
 * @param found in the unit of the values
 */
function percentileError(values: readonly number[], percentile: number, found: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const rank = (percentile / 100) * sorted.length;
  const ranks = [Math.floor(rank), Math.ceil(rank), Math.ceil(rank) + 1];
  return Math.min(
    ...ranks.map((each) => {
      const value = sorted[Math.min(Math.max(each, 1), sorted.length) - 1] ?? Number.NaN;
      return Math.abs(found / value - 1);
    }),
  );
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
