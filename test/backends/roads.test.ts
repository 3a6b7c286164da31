/** The same requests by every road into Prometheus: the same names, labels, buckets and counts at the end of each. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import type { BackendName } from '../../scripts/backends/pins.ts';
import { until } from '../until.ts';
import { AS_IS, expectedText, type Writing } from './expected.ts';
import { missing } from './needed.ts';
import { startCollector } from './otel-collector.ts';
import { type Prometheus, type Sample, type Scrape, scrapesOf, startPrometheus } from './prometheus.ts';
import { startStatsdExporter } from './statsd-exporter.ts';
import { GROUPS, INSTRUMENTS, runWorkload, startWorkloadApp } from './workload.ts';

/** Labels that the Collector and Prometheus put on every series of a target. */
const ADDED = ['job', 'instance', 'exported_job', 'exported_instance'];

/** The SDK adds up what came between two collections, then these sums: the last digits differ. */
const ROUNDING = 1e-12;

interface Way {
  readonly needs: readonly BackendName[];
  /** What docs/backends.md has Prometheus do, but for the target. */
  readonly file: string;
  /** How far a sum may be off, as a share of it. */
  readonly sums: number;
  readonly start: () => Promise<Started>;
  /** What Prometheus is told besides, where it scrapes the app itself. */
  readonly scrape?: Partial<Scrape>;
}

interface Started {
  readonly env: Readonly<Record<string, string>>;
  /** What Prometheus scrapes; undefined when that is the app itself. */
  readonly target?: string;
  readonly stop?: () => Promise<void>;
}

interface RoadWriting extends Partial<Writing> {
  /** Metrics that are there and not compared. */
  readonly without?: string;
}

const pull: Way = {
  needs: [],
  file: 'prometheus.yml',
  sums: ROUNDING,
  start: async () => ({ env: {} }),
};

/** The formats in the order in which Prometheus prefers them; by itself it takes OpenMetrics 1.0.0. */
const PROTOCOLS = [
  'PrometheusProto',
  'OpenMetricsText1.0.0',
  'OpenMetricsText0.0.1',
  'PrometheusText1.0.0',
  'PrometheusText0.0.4',
];
const pullBy = (protocol: string): Way => ({ ...pull, scrape: { scrape_protocols: [protocol] } });

/** Names in UTF-8 that Prometheus wants to be escaped are those of the other roads. */
const pullEscaped: Way = {
  ...pull,
  scrape: { metric_name_escaping_scheme: 'underscores' },
  start: async () => ({ env: { ROUTEMETER_PROMETHEUS_NAMES: 'utf-8' } }),
};

const otlp = (temporality: string): Way => ({
  needs: ['otel-collector'],
  file: 'prometheus-of-collector.yml',
  sums: ROUNDING,
  start: async () => {
    const collector = await startCollector();
    const env = {
      OTEL_METRICS_EXPORTER: 'otlp',
      // By honor_labels its job is the service, and here the Collector's as well, which can be waited for.
      OTEL_SERVICE_NAME: 'otel-collector',
      OTEL_METRIC_EXPORT_INTERVAL: '250',
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.otlpUrl,
      OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: temporality,
    };
    return { ...collector, env };
  },
});

const statsdEnv = (url: string, dialect: string): Record<string, string> => ({
  OTEL_METRICS_EXPORTER: 'statsd',
  ROUTEMETER_STATSD_URL: url,
  ROUTEMETER_STATSD_DIALECT: dialect,
  ROUTEMETER_STATSD_INTERVAL: '100',
});

const collectorByStatsd: Way = {
  needs: ['otel-collector'],
  file: 'prometheus-of-collector.yml',
  sums: 0.05,
  start: async () => {
    const collector = await startCollector();
    return { ...collector, env: statsdEnv(collector.statsdUrl, 'dogstatsd') };
  },
};

const statsdExporter = (transport: 'udp' | 'tcp', dialect: string): Way => ({
  needs: ['statsd-exporter'],
  file: 'prometheus-of-statsd-exporter.yml',
  sums: 0.05,
  start: async () => {
    const exporter = await startStatsdExporter();
    return { ...exporter, env: statsdEnv(exporter.statsdUrl.replace('udp', transport), dialect) };
  },
});

const DOGSTATSD: RoadWriting = { labelValue: (value) => value.replace(/[|,]/g, '_') };
const TELEGRAF: RoadWriting = {
  labelValue: (value) => value.replace(/[|,:\s]/g, '_'),
  total: Math.floor,
};
const SYSDIG: RoadWriting = {
  labelValue: (value) => value.replace(/[|#:@,=\s]/g, '_'),
  family: ({ kind, name }) => (kind === 'histogram' ? undefined : name.replaceAll('.', '_')),
  without: 'roads_(?:payload|rendering)_.+',
};

const ROADS: readonly (readonly [road: string, way: Way, writing?: RoadWriting])[] = [
  ['a scrape of the app', pull],
  ...PROTOCOLS.map((protocol) => [`a scrape of the app, ${protocol}`, pullBy(protocol)] as const),
  ['a scrape of the app with escaped names', pullEscaped],
  ['OTLP, cumulative, and the Collector', otlp('cumulative')],
  ['OTLP, delta, and the Collector', otlp('delta')],
  ['dogstatsd and the Collector', collectorByStatsd, DOGSTATSD],
  ['dogstatsd over UDP and statsd_exporter', statsdExporter('udp', 'dogstatsd'), DOGSTATSD],
  ['dogstatsd over TCP and statsd_exporter', statsdExporter('tcp', 'dogstatsd'), DOGSTATSD],
  ['datadog and statsd_exporter', statsdExporter('udp', 'datadog'), DOGSTATSD],
  ['telegraf and statsd_exporter', statsdExporter('udp', 'telegraf'), TELEGRAF],
  ['sysdig and statsd_exporter', statsdExporter('udp', 'sysdig'), SYSDIG],
];

describe('the workload ends in the same numbers in Prometheus by', { concurrency: 2 }, () => {
  for (const [road, { needs, file, sums, start, scrape: told }, { without = '', ...writing } = {}] of ROADS) {
    it(road, { skip: missing('prometheus', ...needs) }, async (context) => {
      const text = expectedText(GROUPS, INSTRUMENTS, { ...AS_IS, ...writing });
      await using expected = await serve(text);
      const way = await start();
      const app = startWorkloadApp(way.env);
      const actual = way.target ?? new URL(await app.endpoint()).host;
      const [scrape] = scrapesOf('docs/backends.md', file);
      const job = scrape.job_name;
      scrape.static_configs[0].targets[0] = actual;
      await using prometheus = await startPrometheus({
        targets: { expected: expected.target },
        scrapes: [{ ...scrape, ...told }],
      });
      await runWorkload(app);
      await prometheus.scraped('expected');
      const compared = (): Promise<Measured> => compare(prometheus, { job, sums, without });
      await until('all is there', compared);
      // What would be counted twice comes after that.
      if (way.target !== undefined) await app.end('SIGTERM');
      await prometheus.scraped(job);
      // A scrape that takes too long leaves a gap.
      const { series, sum } = await until('all is still there', compared);
      context.diagnostic(
        `${series} series; p50, p95 and p99 the same, sums within ${Number((sum * 100).toPrecision(2))} %`,
      );
      await app.end();
      await way.stop?.();
    });
  }
});

interface Measured {
  readonly series: number;
  /** The largest difference of a sum, as a share of what was expected. */
  readonly sum: number;
}

const QUANTILES = [0.5, 0.95, 0.99];
const quantile =
  (q: number) =>
  (job: string): string =>
    `histogram_quantile(${q}, sum by (le, http_route) (http_server_request_duration_seconds_bucket{job="${job}"}))`;

/** @throws when series, or values other than sums, differ at all, or sums by more than they may */
async function compare(
  prometheus: Prometheus,
  { job, sums, without }: { job: string; sums: number; without: string },
): Promise<Measured> {
  const both = async (query: (job: string) => string): Promise<[expected: Values, actual: Values]> => [
    valuesOf(await prometheus.query(query('expected'))),
    valuesOf(await prometheus.query(query(job))),
  ];
  const [expected, actual] = await both(
    (job) => `{__name__=~"(?:http_server|roads)_.+",__name__!~"${without}",job="${job}"}`,
  );
  assert.deepEqual(differences(exact(expected), exact(actual)), []);
  for (const q of QUANTILES) {
    const [known, read] = await both(quantile(q));
    assert.deepEqual(differences(known, read), []);
    assert.equal(Object.keys(read).length, new Set(GROUPS.map(({ route }) => route)).size);
  }
  const sum = worst(only(actual, isSum), only(expected, isSum));
  assert.ok(sum <= sums, `a sum is off by ${sum}`);
  return { series: Object.keys(actual).length, sum };
}

type Values = Readonly<Record<string, number>>;

function valuesOf(samples: readonly Sample[]): Values {
  return Object.fromEntries(
    samples
      .map(({ labels, value }) => {
        const kept = Object.entries(labels).filter(([key]) => !ADDED.includes(key));
        return [
          JSON.stringify(Object.fromEntries(kept.sort(([a], [b]) => (a < b ? -1 : 1)))),
          value,
        ] as const;
      })
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

const isSum = (key: string): boolean => /"__name__":"\w+_sum"/.test(key);
const only = (values: Values, wanted: (key: string) => boolean): Values =>
  Object.fromEntries(Object.entries(values).filter(([key]) => wanted(key)));
/** All values; in place of a sum's that there is one. */
const exact = (values: Values): Record<string, number | 'a sum'> =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [key, isSum(key) ? 'a sum' : value]));
const differences = (
  expected: Readonly<Record<string, unknown>>,
  actual: Readonly<Record<string, unknown>>,
): string[] =>
  [...new Set([...Object.keys(expected), ...Object.keys(actual)])]
    .filter((key) => expected[key] !== actual[key])
    .map((key) => `${key}: ${actual[key] ?? 'not there'}, expected ${expected[key] ?? 'none'}`);
const worst = (actual: Values, expected: Values): number =>
  Math.max(
    ...Object.entries(expected).map(([key, value]) =>
      value === actual[key] ? 0 : Math.abs((actual[key] ?? Number.NaN) / value - 1),
    ),
  );

async function serve(text: string): Promise<AsyncDisposable & { readonly target: string }> {
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/plain; version=0.0.4').end(text);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    target: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
}
