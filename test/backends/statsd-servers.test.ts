/** What StatsD servers count: 200,000 requests at full speed over UDP, and what was recorded while they were away. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { describe, it } from 'node:test';
import type { BackendName } from '../../scripts/backends/pins.ts';
import { AppProcess, samples } from '../app-process.ts';
import { until } from '../until.ts';
import { startEtsyStatsd } from './etsy-statsd.ts';
import { sumOf } from './expected.ts';
import { missing } from './needed.ts';
import { startCollector } from './otel-collector.ts';
import { requests } from './requests.ts';
import { startStatsdExporter } from './statsd-exporter.ts';
import { startTelegraf } from './telegraf.ts';

const REQUESTS = 200_000;
const ROUTES = 20;
const CONNECTIONS = 10;
/** Requests on their way on a connection. */
const PIPELINED = 50;

interface Server extends AsyncDisposable {
  readonly statsdUrl: string;
  /** Requests that it has counted so far, of all routes. */
  readonly count: () => number | Promise<number>;
}

const counting = <Started extends { metrics(): Promise<string> }>(server: Started) => ({
  ...server,
  count: async () =>
    sumOf(Object.values(samples(await server.metrics(), 'http_server_request_duration_seconds_count'))),
});
const statsdExporter = async () => counting(await startStatsdExporter());
const collector = async () => counting(await startCollector());

async function telegraf(): Promise<Server> {
  const started = await startTelegraf();
  return {
    ...started,
    count: () =>
      sumOf(
        started
          .lines()
          .filter((line) => line.startsWith('http_server_request_duration_seconds,'))
          .map((line) => Number(line.match(/[ ,]count=(\d+)i/)?.[1])),
      ),
  };
}

/** Etsy's statsd sends what it has counted to Graphite, here a server that adds it up. */
async function etsy(): Promise<Server> {
  let count = 0;
  const graphite = createServer((socket) => {
    let text = '';
    socket.setEncoding('utf8').on('data', (data: string) => {
      text += data;
    });
    socket.on('end', () => {
      const lines = text.matchAll(/^stats\.timers\.http\.server\.request\.duration\.\S+\.count (\d+) /gm);
      count += sumOf([...lines].map(([, found]) => Number(found)));
    });
  }).listen(0, '127.0.0.1');
  await once(graphite, 'listening');
  const { port } = graphite.address() as AddressInfo;
  const started = await startEtsyStatsd({
    graphite: { port },
    config: { graphite: { legacyNamespace: false }, backends: ['./backends/graphite'] },
  });
  return {
    ...started,
    count: () => count,
    async [Symbol.asyncDispose]() {
      await started.stop();
      graphite.close();
    },
  };
}

const has = (server: Server, expected: number): Promise<unknown> =>
  until(`${expected} requests are counted`, async () => {
    const count = await server.count();
    if (count < expected) throw new Error(`${count} so far`);
    assert.equal(count, expected);
    return true;
  });

const startApp = (env: Record<string, string>): AppProcess =>
  new AppProcess('routes.mjs', { env: { NODE_ENV: 'production', OTEL_METRICS_EXPORTER: 'statsd', ...env } });

const SERVERS: readonly (readonly [name: BackendName, dialect: string, start: () => Promise<Server>])[] = [
  ['statsd-exporter', 'dogstatsd', statsdExporter],
  ['otel-collector', 'dogstatsd', collector],
  ['telegraf', 'telegraf', telegraf],
  ['etsy-statsd', 'etsy', etsy],
];

describe(`${REQUESTS} requests at full speed over UDP are all counted by`, () => {
  for (const [name, dialect, start] of SERVERS) {
    it(name, { skip: missing(name) }, async (context) => {
      await using server = await start();
      const app = startApp({
        OTEL_METRICS_EXPORTER: 'prometheus,statsd',
        ROUTEMETER_STATSD_URL: server.statsdUrl,
        ROUTEMETER_STATSD_DIALECT: dialect,
        ROUTEMETER_STATSD_INTERVAL: '1000',
      });
      const base = await app.url();
      const started = performance.now();
      await Promise.all(Array.from({ length: CONNECTIONS }, () => requestAll(base, REQUESTS / CONNECTIONS)));
      const seconds = (performance.now() - started) / 1000;
      await has(server, REQUESTS);
      const packets = samples(await app.scrape(), 'routemeter_statsd_packets_total')[''];
      await app.end('SIGTERM');
      assert.equal(await server.count(), REQUESTS);
      context.diagnostic(`${Math.round(REQUESTS / seconds)} requests a second, ${packets} packets`);
    });
  }
});

type Start = typeof statsdExporter | typeof collector;
const RESTARTED: readonly (readonly [name: BackendName, scheme: string, start: Start])[] = [
  ['statsd-exporter', 'udp', statsdExporter],
  ['statsd-exporter', 'tcp', statsdExporter],
  ['otel-collector', 'udp', collector],
];

describe('measurements recorded while the server is away reach, once it is back,', () => {
  for (const [name, scheme, start] of RESTARTED) {
    it(`${name} over ${scheme}`, { skip: missing(name) }, async () => {
      await using server = await start();
      const app = startApp({
        ROUTEMETER_STATSD_URL: server.statsdUrl.replace('udp', scheme),
        ROUTEMETER_STATSD_INTERVAL: '100',
      });
      await requests(app, 100);
      await has(server, 100);
      await server.kill();
      await requests(app, 70);
      await app.line('stderr', /cannot export/);
      await requests(app, 30);
      // It has forgotten what was before.
      await server.restart();
      await requests(app, 50);
      await has(server, 150);
      await app.line('stderr', /again$/);
      await app.end();
    });
  }
});

/** One connection, on which many requests are on their way at once. */
async function requestAll(base: string, requests: number): Promise<void> {
  const { hostname, port } = new URL(base);
  const socket = connect(Number(port), hostname).setEncoding('latin1');
  const ANSWER = 'HTTP/1.1 200 ';
  let [sent, answered, rest] = [0, 0, ''];
  const send = (count: number): void => {
    for (let i = 0; i < count; i++) socket.write(`GET /r${sent++ % ROUTES}/7 HTTP/1.1\r\nHost: x\r\n\r\n`);
  };
  socket.on('data', (data: string) => {
    const text = rest + data;
    const more = text.split(ANSWER).length - 1;
    // A chunk may end with the beginning of an answer.
    rest = text.slice(1 - ANSWER.length);
    answered += more;
    if (answered >= requests) socket.end();
    else send(Math.min(more, requests - sent));
  });
  send(Math.min(PIPELINED, requests));
  await once(socket, 'close');
  assert.equal(answered, requests);
}
