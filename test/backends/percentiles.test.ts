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
import { intervalBegun, PERCENTILES, percentileError } from './percentiles.ts';
import { startStatsdExporter } from './statsd-exporter.ts';
import { GROUPS, runWorkload, startWorkloadApp } from './workload.ts';

interface Server {
  readonly url: string;
  /** Resolves when there is time for all samples to come within one interval of the server's. */
  readonly begun: () => Promise<void>;
  /** Its summaries, in Prometheus' text format. */
  readonly metrics: () => Promise<string>;
  readonly stop: () => Promise<void>;
}

const SUMMARY = `
defaults:
  observer_type: summary
  summary_options:
    quantiles: [{ quantile: 0.5, error: 0.001 }, { quantile: 0.95, error: 0.001 }, { quantile: 0.99, error: 0.0001 }]
`;

async function statsdExporter(): Promise<Server> {
  const exporter = await startStatsdExporter({ mapping: SUMMARY });
  return { ...exporter, url: `udp://127.0.0.1:${exporter.port}`, begun: async () => {} };
}

/** collector-config.yaml, but with summaries in place of histograms. */
async function collector(): Promise<Server> {
  const config = parse(COLLECTOR_CONFIG);
  Object.assign(config.receivers.statsd, {
    aggregation_interval: '2s',
    timer_histogram_mapping: [
      { statsd_type: 'distribution', observer_type: 'summary', summary: { percentiles: PERCENTILES } },
    ],
  });
  // Otherwise the beginning of an interval is seen up to a second late.
  config.processors.batch.timeout = '0s';
  const started = await startCollector({ config: stringify(config) });
  const { host, statsdPort: port, metrics } = started;
  const interval = async (): Promise<boolean> => (await metrics()).includes('interval_total');
  return {
    ...started,
    url: `udp://${host}:${port}`,
    begun: () => intervalBegun({ host, port }, () => until('an interval begins', interval)),
  };
}

const SERVERS: readonly (readonly [name: BackendName, start: () => Promise<Server>, dialect: string])[] = [
  ['statsd-exporter', statsdExporter, 'dogstatsd'],
  ['statsd-exporter', statsdExporter, 'datadog'],
  ['otel-collector', collector, 'dogstatsd'],
];

const BUCKETS = [0.000123, 0.0042, 0.03, 0.3, 3, 60];

describe('percentiles, with other boundaries pinned for Prometheus beside it, are within 5 % at', () => {
  for (const [name, start, dialect] of SERVERS) {
    it(`${name}, by ${dialect}`, { skip: missing(name) }, async (context) => {
      const server = await start();
      const app = startWorkloadApp({
        OTEL_METRICS_EXPORTER: 'prometheus,statsd',
        ROUTEMETER_BUCKETS: BUCKETS.join(),
        ROUTEMETER_STATSD_URL: server.url,
        ROUTEMETER_STATSD_DIALECT: dialect,
        ROUTEMETER_STATSD_INTERVAL: '600000',
      });
      await runWorkload(app);
      const pinned = (text: string): string[] =>
        text
          .split('\n')
          .filter((line) => /^http_server_request_duration_seconds_(?:bucket|count)/.test(line))
          .sort();
      assert.deepEqual(
        pinned(await app.scrape()),
        pinned(expectedText(GROUPS, [], { ...AS_IS, bounds: BUCKETS })),
      );

      await server.begun();
      await app.end('SIGTERM');
      const errors = await until('all samples are there', async () => worstErrors(await server.metrics()));
      context.diagnostic(
        `p50, p95, p99: ${errors.map((error) => `${(error * 100).toFixed(2)} %`).join(', ')}`,
      );
      assert.ok(errors.every((error) => error <= 0.05));
      await server.stop();
    });
  }
});

/** The largest error of each percentile. @throws when not every request is in the summaries */
function worstErrors(exposition: string): number[] {
  const read = (suffix: string): Map<string, number> =>
    new Map(
      Object.entries(samples(exposition, `http_server_request_duration_seconds${suffix}`)).map(
        ([text, value]) => [key(labels(text)), value],
      ),
    );
  const [counts, quantiles] = [read('_count'), read('')];
  return PERCENTILES.map((percentile) =>
    Math.max(
      ...GROUPS.map((group) => {
        const series = labelsOf(group);
        assert.equal(counts.get(key(series)), group.millis.length, key(series));
        const seconds = quantiles.get(key({ ...series, quantile: String(percentile / 100) }));
        assert.ok(seconds !== undefined, `no percentile of ${key(series)}`);
        return percentileError(group.millis, percentile, seconds * 1000);
      }),
    ),
  );
}

const key = (labels: Readonly<Record<string, string>>): string =>
  JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));

const labels = (text: string): Record<string, string> =>
  Object.fromEntries(
    [...text.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]),
  );
