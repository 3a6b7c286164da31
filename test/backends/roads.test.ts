/** The same requests by every road into Prometheus: the same names, labels, buckets and counts at the end of each. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import type { BackendName } from '../../scripts/backends/pins.ts';
import { read } from '../docs-pages.ts';
import { eventually } from './eventually.ts';
import { expectedText, type Writing } from './expected.ts';
import { missing } from './needed.ts';
import { startCollector } from './otel-collector.ts';
import { type Prometheus, type Sample, startPrometheus } from './prometheus.ts';
import { startStatsdExporter } from './statsd-exporter.ts';
import { GROUPS, INSTRUMENTS, runWorkload, startWorkloadApp } from './workload.ts';

/** Labels that the Collector and Prometheus put on every series of a target. */
const ADDED = ['job', 'instance', 'exported_job', 'exported_instance'];

/** What is sent to, and what Prometheus scrapes; undefined when that is the app itself. */
interface Way extends AsyncDisposable {
  readonly env: Readonly<Record<string, string>>;
  readonly target?: string;
}

interface Road {
  readonly road: string;
  readonly needs: readonly BackendName[];
  readonly start: () => Promise<Way>;
  readonly writing?: Partial<Writing>;
  /** Metrics that are there and not compared. */
  readonly without?: string;
  /** How far a sum may be off, as a share of it. */
  readonly sums: number;
}

/** The SDK adds up what came between two collections, then these sums: the last digits differ. */
const ROUNDING = 1e-12;

const PUSH = { OTEL_METRICS_EXPORTER: 'otlp', OTEL_METRIC_EXPORT_INTERVAL: '250' };
const pull = async (): Promise<Way> => ({ env: {}, async [Symbol.asyncDispose]() {} });
const otlp = (temporality: string) => async (): Promise<Way> => {
  const collector = await startCollector();
  const { otlpUrl, target, stop } = collector;
  return {
    env: {
      ...PUSH,
      OTEL_EXPORTER_OTLP_ENDPOINT: otlpUrl,
      OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: temporality,
    },
    target,
    [Symbol.asyncDispose]: stop,
  };
};
const statsd = (url: string, dialect: string): Record<string, string> => ({
  OTEL_METRICS_EXPORTER: 'statsd',
  ROUTEMETER_STATSD_URL: url,
  ROUTEMETER_STATSD_DIALECT: dialect,
  ROUTEMETER_STATSD_INTERVAL: '100',
});
const statsdToCollector = async (): Promise<Way> => {
  const { host, statsdPort, target, stop } = await startCollector();
  return {
    env: statsd(`udp://${host}:${statsdPort}`, 'dogstatsd'),
    target,
    [Symbol.asyncDispose]: stop,
  };
};
const statsdExporter = (dialect: string, transport: 'udp' | 'tcp') => async (): Promise<Way> => {
  const { port, target, stop } = await startStatsdExporter({ mapping: read('statsd-mapping.yml') });
  return {
    env: statsd(`${transport}://127.0.0.1:${port}`, dialect),
    target,
    [Symbol.asyncDispose]: stop,
  };
};

const DOGSTATSD: Partial<Writing> = { labelValue: (value) => value.replace(/[|,]/g, '_') };
const TELEGRAF: Partial<Writing> = {
  labelValue: (value) => value.replace(/[|,:\s]/g, '_'),
  total: Math.floor,
};
const SYSDIG: Partial<Writing> = {
  labelValue: (value) => value.replace(/[|#:@,=\s]/g, '_'),
  family: ({ kind, name }) => (kind === 'histogram' ? undefined : name.replaceAll('.', '_')),
};

const ROADS: readonly Road[] = [
  { road: 'a scrape of the app', needs: [], start: pull, sums: ROUNDING },
  { road: 'OTLP, cumulative, Collector', needs: ['otel-collector'], start: otlp('cumulative'), sums: ROUNDING },
  { road: 'OTLP, delta, Collector', needs: ['otel-collector'], start: otlp('delta'), sums: ROUNDING },
  {
    road: 'dogstatsd, Collector',
    needs: ['otel-collector'],
    start: statsdToCollector,
    writing: DOGSTATSD,
    sums: 0.05,
  },
  {
    road: 'dogstatsd, statsd_exporter',
    needs: ['statsd-exporter'],
    start: statsdExporter('dogstatsd', 'udp'),
    writing: DOGSTATSD,
    sums: 0.05,
  },
  {
    road: 'dogstatsd over TCP, statsd_exporter',
    needs: ['statsd-exporter'],
    start: statsdExporter('dogstatsd', 'tcp'),
    writing: DOGSTATSD,
    sums: 0.05,
  },
  {
    road: 'telegraf, statsd_exporter',
    needs: ['statsd-exporter'],
    start: statsdExporter('telegraf', 'udp'),
    writing: TELEGRAF,
    sums: 0.05,
  },
  {
    road: 'sysdig, statsd_exporter',
    needs: ['statsd-exporter'],
    start: statsdExporter('sysdig', 'udp'),
    writing: SYSDIG,
    without: 'roads_(?:payload|rendering)_.+',
    sums: 0.05,
  },
];

describe('the workload ends in the same numbers in Prometheus by', { concurrency: 2 }, () => {
  for (const { road, needs, start, writing, without = '', sums } of ROADS) {
    it(road, { skip: missing('prometheus', ...needs) }, async (context) => {
      const text = expectedText(GROUPS, INSTRUMENTS, {
        family: ({ family }) => family,
        labelValue: (value) => value,
        total: (value) => value,
        ...writing,
      });
      await using expected = await serve(text);
      await using way = await start();
      const app = startWorkloadApp(way.env);
      const actual = way.target ?? new URL(await app.endpoint()).host;
      await using prometheus = await startPrometheus({ targets: { expected: expected.target, actual } });
      await runWorkload(app);
      await prometheus.scraped('expected');
      const compared = (): Promise<Measured> => compare(prometheus, { sums, without });
      await eventually('all is there', compared);
      // What would be counted twice comes after that.
      if (way.target !== undefined) await app.end('SIGTERM');
      await prometheus.scraped('actual');
      report(context, await compared());
      await app.end();
    });
  }
});

interface Measured {
  readonly series: number;
  /** The largest differences, as shares of what was expected. */
  readonly sum: number;
  readonly quantiles: readonly number[];
}

const QUANTILES = [0.5, 0.95, 0.99];
const quantile =
  (q: number) =>
  (job: string): string =>
    `histogram_quantile(${q}, sum by (le, http_route) (http_server_request_duration_seconds_bucket{job="${job}"}))`;

/** @throws when series, or values other than sums, differ at all, or sums by more than they may */
async function compare(
  prometheus: Prometheus,
  { sums, without }: { sums: number; without: string },
): Promise<Measured> {
  const both = async (query: (job: string) => string): Promise<[expected: Values, actual: Values]> => [
    valuesOf(await prometheus.query(query('expected'))),
    valuesOf(await prometheus.query(query('actual'))),
  ];
  const [expected, actual] = await both(
    (job) => `{__name__=~"(?:http_server|roads)_.+",__name__!~"${without}",job="${job}"}`,
  );
  assert.deepEqual(differences(exact(expected), exact(actual)), []);
  const quantiles: number[] = [];
  for (const q of QUANTILES) {
    const [known, read] = await both(quantile(q));
    assert.deepEqual(differences(known, read), []);
    assert.equal(Object.keys(read).length, new Set(GROUPS.map(({ route }) => route)).size);
    quantiles.push(worst(read, known));
  }
  const sum = worst(only(actual, isSum), only(expected, isSum));
  assert.ok(sum <= sums, `a sum is off by ${sum}`);
  return { series: Object.keys(actual).length, sum, quantiles };
}

function report(context: TestContext, { series, sum, quantiles }: Measured): void {
  const percent = (share: number): string => `${Number((share * 100).toPrecision(2))} %`;
  context.diagnostic(
    `${series} series; largest difference of a sum ${percent(sum)}, of p50, p95, p99 ${quantiles.map(percent).join(', ')}`,
  );
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
