/** The harness itself: each backend starts, takes data, gives it back, is restarted, and leaves nothing behind. */
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { describe, it } from 'node:test';
import type { BackendName } from '../../scripts/backends/pins.ts';
import { samples } from '../app-process.ts';
import { freePort, isBound, isFree } from '../ports.ts';
import { until } from '../until.ts';
import { type EtsyStatsd, startEtsyStatsd } from './etsy-statsd.ts';
import { type Graphite, startGraphite } from './graphite.ts';
import { type InfluxDB, startInfluxDB } from './influxdb.ts';
import { missing } from './needed.ts';
import { type Collector, startCollector } from './otel-collector.ts';
import { type Running, startProcess } from './process.ts';
import { type Prometheus, promtool, startPrometheus } from './prometheus.ts';
import { type StatsdExporter, startStatsdExporter } from './statsd-exporter.ts';
import { startTelegraf, type Telegraf } from './telegraf.ts';

async function sendUdp(text: string, port: number, host = '127.0.0.1'): Promise<void> {
  const socket = createSocket('udp4');
  await new Promise((resolve) => socket.send(text, port, host, resolve));
  socket.close();
}

async function sendTcp(text: string, where: number | string): Promise<void> {
  const connection = typeof where === 'number' ? connect(where, '127.0.0.1') : connect(where);
  connection.end(text);
  await once(connection, 'close');
}

const nanos = (millis: number): string => `${millis}000000`;

async function sendOtlp(url: string, name: string, value: number): Promise<void> {
  const point = {
    asInt: value,
    startTimeUnixNano: nanos(Date.now() - 1000),
    timeUnixNano: nanos(Date.now()),
  };
  const sum = { isMonotonic: true, aggregationTemporality: 2, dataPoints: [point] };
  const response = await fetch(`${url}/v1/metrics`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name, sum }] }] }] }),
  });
  assert.equal(response.status, 200, await response.text());
}

async function openMetricsServer(text: string): Promise<AsyncDisposable & { target: string }> {
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/plain; version=0.0.4').end(text);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    target: `127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Case<Started extends Running> {
  readonly name: BackendName;
  readonly start: () => Promise<Started>;
  readonly port: (backend: Started) => readonly [port: number, host?: string];
  /** What is sent to it, each time a little more than before, and read back. */
  readonly use: (backend: Started, times: number) => Promise<void>;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

const prometheus: Case<Prometheus> = {
  name: 'prometheus',
  start: () => startPrometheus(),
  port: ({ port }) => [port],
  async use(backend, times) {
    await sendOtlp(backend.otlpUrl, 'hits', times);
    const [found] = await until('hits are stored', async () => {
      const answer = await backend.query('hits_total');
      return answer[0]?.value === times && answer;
    });
    assert.deepEqual(found?.labels, { __name__: 'hits_total' });
  },
};

const statsdExporter: Case<StatsdExporter> = {
  name: 'statsd-exporter',
  start: () => startStatsdExporter({ mapping: '{ mappings: [{ match: hits, name: all_hits }] }' }),
  port: ({ port }) => [port],
  async use(backend, times) {
    for (let i = 0; i < times; i++) {
      await sendUdp('hits:1|c|#by:udp', backend.port);
      await sendTcp('hits:1|c|#by:tcp\n', backend.port);
    }
    await until('hits are counted', async () => {
      const found = samples(await backend.metrics(), 'all_hits');
      return found['by="udp"'] === times && found['by="tcp"'] === times;
    });
  },
};

const collector: Case<Collector> = {
  name: 'otel-collector',
  start: () => startCollector(),
  port: ({ host }) => [4318, host],
  async use(backend, times) {
    await sendOtlp(backend.otlpUrl, 'hits', times);
    await until(
      'hits are exported',
      async () => samples(await backend.metrics(), 'hits_total')[''] === times,
    );
    const own = samples(await backend.ownMetrics(), 'otelcol_receiver_accepted_metric_points');
    assert.equal(own['receiver="otlp",transport="http"'], 1);
  },
};

const etsy: Case<EtsyStatsd> = {
  name: 'etsy-statsd',
  start: () => startEtsyStatsd({ flushIntervalMillis: 60_000 }),
  port: ({ port }) => [port],
  async use(backend, times) {
    for (let i = 0; i < times; i++) await sendUdp('udp:1|c\ntime:5|ms\nlevel:7|g', backend.port);
    await sendTcp(`tcp:${times}|c\n`, backend.port);
    await sendTcp(`unix:${times}|c\n`, backend.socket);
    await until('all have arrived', async () => {
      const { udp, tcp, unix } = await backend.counters();
      return udp === times && tcp === times && unix === times;
    });
    assert.deepEqual(
      (await backend.timers()).time,
      Array.from({ length: times }, () => 5),
    );
    assert.equal((await backend.gauges()).level, 7);
  },
};

const telegraf: Case<Telegraf> = {
  name: 'telegraf',
  start: () => startTelegraf({ statsd: 'percentiles = [50.0]' }),
  port: ({ port }) => [port],
  async use(backend, times) {
    await sendUdp(`restarts,times=${times}:5|ms`, backend.port);
    const line = await until('a timing is written', () =>
      backend.lines().find((text) => text.startsWith(`restarts,metric_type=timing,times=${times} `)),
    );
    assert.match(line, /\b50_percentile=5,|,50_percentile=5 /);
  },
};

/** In seconds; each use has a second of its own, however fast it follows the one before. */
const A_MINUTE_AGO = Math.floor(Date.now() / 1000) - 60;

const graphite: Case<Graphite> = {
  name: 'graphite',
  start: () => startGraphite(),
  port: ({ port }) => [port],
  async use(backend, times) {
    const time = A_MINUTE_AGO + times;
    await sendTcp(`a.b ${times} ${time}\nhits;by=a.b ${times} ${time}\n`, backend.port);
    const points = await until('points are on disk', async () => {
      const found = await backend.points('a.b', 'hits;by=a.b');
      return (
        Object.values(found).length === 2 && Object.values(found).every((of) => of.length === times) && found
      );
    });
    assert.deepEqual(backend.series(), ['a.b', 'hits;by=a.b']);
    assert.deepEqual(points['a.b'], points['hits;by=a.b']);
    assert.deepEqual(points['a.b']?.find((point) => point.time === time)?.value, times);
  },
};

const influxdb: Case<InfluxDB> = {
  name: 'influxdb',
  start: () => startInfluxDB(),
  port: ({ port }) => [port],
  async use(backend, times) {
    await backend.write(`hits,route=/ count=${times}i,mean=0.5`);
    const [series] = await backend.query('SELECT * FROM hits GROUP BY *');
    assert.deepEqual([series?.name, series?.tags, series?.rows.length], ['hits', { route: '/' }, times]);
    const [total] = await backend.query('SELECT SUM(count) FROM hits');
    assert.equal(total?.rows[0]?.sum, sum(Array.from({ length: times }, (_, i) => i + 1)));
  },
};

/** After kill and restart: Prometheus, Graphite and InfluxDB have kept what they had; the others begin anew. */
function works<Started extends Running>({ name, start, port, use }: Case<Started>): void {
  it(name, { skip: missing(name) }, async () => {
    const backend = await start();
    assert.ok(existsSync(backend.folder));
    assert.equal(await isFree(...port(backend)), false);
    await use(backend, 1);
    await backend.kill();
    assert.equal(await isFree(...port(backend)), true);
    await backend.restart();
    await use(backend, 2);
    await backend.stop();
    assert.equal(await isFree(...port(backend)), true);
    assert.equal(existsSync(backend.folder), false);
  });
}

describe('each backend takes and gives, before and after it is killed, and leaves nothing', () => {
  works(prometheus);
  works(statsdExporter);
  works(collector);
  works(etsy);
  works(telegraf);
  works(graphite);
  works(influxdb);
});

describe('backends together', () => {
  it('Prometheus scrapes', { skip: missing('prometheus') }, async () => {
    await using server = await openMetricsServer('level{a="b"} NaN\nother 1.5\n');
    await using backend = await startPrometheus({ targets: { app: server.target } });
    await backend.scraped('app');
    const where = { instance: server.target, job: 'app' };
    assert.deepEqual(await backend.query('{job="app", __name__=~"level|other"}'), [
      { labels: { __name__: 'level', a: 'b', ...where }, value: Number.NaN },
      { labels: { __name__: 'other', ...where }, value: 1.5 },
    ]);
    assert.deepEqual(await backend.query('scalar(vector(1)) / 0'), [{ labels: {}, value: Infinity }]);
    await assert.rejects(backend.query('('), /unclosed left parenthesis/);
    const [target] = await backend.targets();
    assert.deepEqual([target?.job, target?.health, target?.lastError], ['app', 'up', '']);
  });

  it('promtool', { skip: missing('prometheus') }, async () => {
    assert.match(await promtool(['--version']), /promtool, version/);
    await assert.rejects(promtool(['check', 'config', 'no-such-file']), /does not exist/);
  });

  it('Etsy into Graphite', { skip: missing('etsy-statsd', 'graphite') }, async () => {
    await using backend = await startGraphite();
    // Otherwise the zero of a later flush replaces what came before in the same second.
    const config = { deleteIdleStats: true };
    await using statsd = await startEtsyStatsd({ graphite: backend, flushIntervalMillis: 1000, config });
    await sendUdp('hits:2|c|@0.5\ntime:5|ms|@0.25', statsd.port);
    const total = async (name: string): Promise<number> =>
      sum(((await backend.points(name))[name] ?? []).map(({ value }) => value));
    await until('the counter is on disk', async () => (await total('stats_counts.hits')) === 4);
    // Carbon writes one file after the other.
    await until('the timer is on disk', async () => (await total('stats.timers.time.count')) === 4);
  });

  it('Telegraf into InfluxDB', { skip: missing('telegraf', 'influxdb') }, async () => {
    await using influx = await startInfluxDB();
    await using agent = await startTelegraf({ influx, protocol: 'tcp' });
    await sendTcp('http.hits,route=/a:2|c|@0.5\n', agent.port);
    const [series] = await until('it is stored', async () => {
      const found = await influx.query('SELECT value FROM http_hits GROUP BY *');
      return found.length > 0 && found;
    });
    assert.deepEqual(series?.tags, { metric_type: 'counter', route: '/a' });
    assert.deepEqual(
      series?.rows.map(({ value }) => value),
      [4],
    );
  });
});

describe('a program that does not start', () => {
  const start = (program: string, args: readonly string[]): Promise<Running> =>
    startProcess({ name: 'broken', program, args, ready: () => false });
  const cases: [what: string, program: string, args: string[], message: RegExp][] = [
    ['ends', process.execPath, ['-e', 'console.error("because"); process.exit(3)'], /exit code 3.*because/s],
    ['is killed', process.execPath, ['-e', 'process.kill(process.pid, "SIGKILL")'], /ended at once: SIGKILL/],
    ['is not there', '/no/such/program', [], /ENOENT/],
  ];
  for (const [what, program, args, message] of cases) {
    it(what, () => assert.rejects(start(program, args), message));
  }
});

describe('ports', () => {
  it('are free for UDP and TCP, and seen when they are not', async () => {
    const port = await freePort();
    assert.equal(isBound(port), false);
    const socket = createSocket('udp4').bind(port, '127.0.0.1');
    await once(socket, 'listening');
    assert.equal(isBound(port), true);
    assert.equal(await isFree(port), false);
    socket.close();
  });
});
