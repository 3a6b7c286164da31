/** Etsy's statsd into Graphite, set up by the lines of docs/backends.md, and read back. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { runInNewContext } from 'node:vm';
import { block } from '../docs/pages.ts';
import { until } from '../until.ts';
import { type EtsyStatsd, startEtsyStatsd } from './etsy-statsd.ts';
import { labelsOf, sumOf } from './expected.ts';
import { type Graphite, startGraphite } from './graphite.ts';
import { missing } from './needed.ts';
import {
  compareHistograms,
  type Histogram,
  INTERVAL,
  PAGE,
  PERCENTILES,
  recorded,
  sendWithin,
  shown,
} from './stores.ts';
import { GROUPS, type Group } from './workload.ts';

/** Runs statsd-config.js as the page has it, but for the ports, the address and the interval. */
function startEtsy(graphite: Graphite): Promise<EtsyStatsd> {
  const config = runInNewContext(`(${block(PAGE, 'file: statsd-config.js').lines.join('\n')})`);
  return startEtsyStatsd({
    config: { ...config, graphiteHost: '127.0.0.1', graphitePort: graphite.port },
    flushIntervalMillis: INTERVAL,
  });
}

/** Names as the server gets them. */
interface Names {
  readonly requests: (group: Group) => string;
  readonly active: (method: string) => string;
  readonly instrument: (name: string, region: string) => string;
  /** Those that are totals. */
  readonly histograms: readonly Histogram[];
  readonly counters: ReadonlyMap<string, number>;
}

const node = (value: string): string =>
  value === '/'
    ? 'root'
    : value
        .replace(/^\//, '')
        .replaceAll('/', '-')
        .replace(/[^\w-]/g, '_');
const tag = (value: string): string => value.replace(/[^\w./=-]/g, '_').replaceAll('/', '-');

/** Counters of the requests whose status is in a range. */
const errors = (name: string, lowest: number): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const { method, route, status, millis } of GROUPS) {
    if (status < lowest || status >= lowest + 100) continue;
    const key = `http.server.request.${name}.${method}.${node(route ?? 'none')}`;
    counts.set(key, (counts.get(key) ?? 0) + millis.length);
  }
  return counts;
};

const DIALECTS: Readonly<Record<string, Names>> = {
  etsy: {
    requests: ({ method, route, status }) =>
      `http.server.request.duration.${method}.${node(route ?? 'none')}.${status}`,
    active: (method) => `http.server.active_requests.${method}.url_scheme.http`,
    instrument: (name, region) => `${name}.region.${node(region)}`,
    histograms: [
      {
        name: 'http.server.request.duration_all_routes',
        values: GROUPS.flatMap(({ millis }) => millis),
      },
    ],
    counters: new Map([...errors('client_errors', 400), ...errors('server_errors', 500)]),
  },
  graphite: {
    requests: (group) =>
      [
        'http.server.request.duration',
        ...Object.entries(labelsOf(group)).map(([key, value]) => `${key}=${tag(value)}`),
      ].join(';'),
    active: (method) => `http.server.active_requests;http_request_method=${method};url_scheme=http`,
    instrument: (name, region) => `${name};region=${tag(region)}`,
    histograms: [],
    counters: new Map(),
  },
};

/** Name, and tags if any: the last part goes between the two. */
const join = (key: string, last: string): string => key.replace(/(?=;|$)/, `.${last}`);

/** The values of each series, in the order of time. */
async function readAll(graphite: Graphite): Promise<(name: string) => number[]> {
  const files = graphite.series();
  const points = await graphite.points(...files);
  const series = new Map(
    files.map((file) => {
      // A tagged series lies in folders named after a hash.
      const name = file.replace(/^_tagged\.\w+\.\w+\./, '').replaceAll('_DOT_', '.');
      return [name, (points[file] ?? []).map(({ value }) => value)];
    }),
  );
  return (name) => series.get(name) ?? assert.fail(`no ${name}; there are\n${[...series.keys()].join('\n')}`);
}

describe('Etsy into Graphite: all counts, and percentiles within 5 %, by the dialect', {
  concurrency: 2,
}, () => {
  for (const [dialect, names] of Object.entries(DIALECTS)) {
    it(dialect, { skip: missing('etsy-statsd', 'graphite') }, async (context) => {
      await using graphite = await startGraphite();
      await using etsy = await startEtsy(graphite);
      // A flush sets counters to zero. On disk it is seen up to a second later, when Carbon has slept.
      await sendWithin({
        url: etsy.statsdUrl,
        dialect,
        isBegun: async () => (await etsy.counters()).interval === 0,
      });

      const millis = recorded('histogram').map(({ instrument: { name, unit }, region, values }) => ({
        name: names.instrument(name, region),
        values: values.map((value) => (unit === 's' ? value * 1000 : value)),
      }));
      const requests = GROUPS.map((group) => ({ name: names.requests(group), values: group.millis }));
      const compare = async (): Promise<string> => {
        const series = await readAll(graphite);
        const measured = compareHistograms([...requests, ...millis, ...names.histograms], (name) => {
          // Where an interval has nothing there is a count of zero, and no more.
          const total = (last: string): number => sumOf(series(join(`stats.timers.${name}`, last)));
          const percentiles = PERCENTILES.map((percentile) => total(`upper_${percentile}`));
          return { count: total('count'), sum: total('sum'), percentiles };
        });
        const counters = [
          ...names.counters,
          ...recorded('counter').map(
            ({ instrument: { name }, region, values }) =>
              [names.instrument(name, region), sumOf(values)] as const,
          ),
        ];
        for (const [name, count] of counters) {
          assert.equal(sumOf(series(join(`stats.counters.${name}`, 'count'))), count, name);
        }
        const gauges = [
          ...GROUPS.map(({ method }) => [names.active(method), 0] as const),
          ...recorded('upDownCounter', 'gauge').map(
            ({ instrument: { name, kind }, region, values }) =>
              [names.instrument(name, region), kind === 'gauge' ? values.at(-1) : sumOf(values)] as const,
          ),
        ];
        for (const [name, value] of gauges) assert.equal(series(`stats.gauges.${name}`).at(-1), value, name);
        return measured;
      };
      // Carbon writes one file after the other.
      context.diagnostic(await until('all is there', compare));

      const series = await readAll(graphite);
      const lines = shown('Etsy', dialect === 'etsy' ? /^stats\.[^;]+$/ : /^stats\..*;/);
      assert.ok(lines.length > 0);
      for (const line of lines) series(line);
    });
  }
});
