/** Percentiles that servers work out of the samples, against the true ones of the workload: 50 µs to 120 s. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parse, stringify } from 'yaml';
import type { BackendName } from '../../scripts/backends/pins.ts';
import { samples } from '../app-process.ts';
import { until } from '../until.ts';
import { AS_IS, expectedText, labelsOf } from './expected.ts';
import { missing } from './needed.ts';
import { COLLECTOR_CONFIG, startCollector } from './otel-collector.ts';
import { startStatsdExporter } from './statsd-exporter.ts';
import { compareHistograms, INTERVAL, PERCENTILES, sendWithin } from './stores.ts';
import { GROUPS } from './workload.ts';

interface Server extends AsyncDisposable {
  readonly statsdUrl: string;
  readonly isBegun?: () => Promise<boolean>;
  /** Its summaries, in Prometheus' text format. */
  readonly metrics: () => Promise<string>;
}

const SUMMARY = `
defaults:
  observer_type: summary
  summary_options:
    quantiles: [{ quantile: 0.5, error: 0.001 }, { quantile: 0.95, error: 0.001 }, { quantile: 0.99, error: 0.0001 }]
`;

const statsdExporter = (): Promise<Server> => startStatsdExporter({ mapping: SUMMARY });

/** collector-config.yaml, but with summaries in place of histograms. */
async function collector(): Promise<Server> {
  const config = parse(COLLECTOR_CONFIG);
  config.receivers.statsd.timer_histogram_mapping = [
    { statsd_type: 'distribution', observer_type: 'summary', summary: { percentiles: PERCENTILES } },
  ];
  const started = await startCollector({ config: stringify(config), aggregationMillis: INTERVAL });
  return { ...started, isBegun: async () => (await started.metrics()).includes('interval_total') };
}

const SERVERS: readonly (readonly [name: BackendName, start: () => Promise<Server>, dialect: string])[] = [
  ['statsd-exporter', statsdExporter, 'dogstatsd'],
  ['statsd-exporter', statsdExporter, 'datadog'],
  ['otel-collector', collector, 'dogstatsd'],
];

const BUCKETS = [0.000123, 0.0042, 0.03, 0.3, 3, 60];
const pinned = (text: string): string[] =>
  text
    .split('\n')
    .filter((line) => /^http_server_request_duration_seconds_(?:bucket|count)/.test(line))
    .sort();
const PINNED = pinned(expectedText(GROUPS, [], { ...AS_IS, bounds: BUCKETS }));

describe('percentiles are within 5 %, though Prometheus has other boundaries, at', () => {
  for (const [name, start, dialect] of SERVERS) {
    it(`${name}, by ${dialect}`, { skip: missing(name) }, async (context) => {
      await using server = await start();
      await sendWithin({
        ...server,
        url: server.statsdUrl,
        dialect,
        env: { OTEL_METRICS_EXPORTER: 'prometheus,statsd', ROUTEMETER_BUCKETS: BUCKETS.join() },
        check: async (app) => assert.deepEqual(pinned(await app.scrape()), PINNED),
      });
      context.diagnostic(
        await until('all samples are there', async () => compareSummaries(await server.metrics())),
      );
    });
  }
});

/** @throws when not every request is in the summaries, or a percentile is too far off */
function compareSummaries(exposition: string): string {
  const read = (suffix: string): Map<string, number> =>
    new Map(
      Object.entries(samples(exposition, `http_server_request_duration_seconds${suffix}`)).map(
        ([text, value]) => [key(labels(text)), value],
      ),
    );
  const [counts, sums, quantiles] = [read('_count'), read('_sum'), read('')];
  const groups = new Map(GROUPS.map((group) => [key(labelsOf(group)), group]));
  const histograms = [...groups].map(([name, { millis }]) => ({ name, values: millis }));
  return compareHistograms(histograms, (name) => ({
    count: counts.get(name) ?? 0,
    sum: (sums.get(name) ?? Number.NaN) * 1000,
    percentiles: PERCENTILES.map((percentile) => {
      const group = groups.get(name);
      const series = { ...(group && labelsOf(group)), quantile: String(percentile / 100) };
      return (quantiles.get(key(series)) ?? Number.NaN) * 1000;
    }),
  }));
}

const key = (labels: Readonly<Record<string, string>>): string =>
  JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));

const labels = (text: string): Record<string, string> =>
  Object.fromEntries(
    [...text.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]),
  );
