/** 200,000 requests at full speed, counted by servers over UDP, where nobody says what is lost. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { describe, it } from 'node:test';
import type { BackendName } from '../../scripts/backends/pins.ts';
import { AppProcess, samples } from '../app-process.ts';
import { block, read } from '../docs/pages.ts';
import { until } from '../until.ts';
import { startEtsyStatsd } from './etsy-statsd.ts';
import { missing } from './needed.ts';
import { startCollector } from './otel-collector.ts';
import { startStatsdExporter } from './statsd-exporter.ts';
import { startTelegraf } from './telegraf.ts';

const REQUESTS = 200_000;
const ROUTES = 20;
const CONNECTIONS = 10;
/** Requests on their way on a connection. */
const PIPELINED = 50;

interface Server extends AsyncDisposable {
  readonly url: string;
  readonly dialect: string;
  /** Requests that it has counted so far, of all routes. */
  readonly count: () => number | Promise<number>;
}

const sumOf = (values: Iterable<number>): number => [...values].reduce((sum, value) => sum + value, 0);
const counted = (exposition: string): number =>
  sumOf(Object.values(samples(exposition, 'http_server_request_duration_seconds_count')));

const SERVERS: readonly (readonly [name: BackendName, start: () => Promise<Server>])[] = [
  ['statsd-exporter', statsdExporter],
  ['otel-collector', collector],
  ['telegraf', telegraf],
  ['etsy-statsd', etsy],
];

async function statsdExporter(): Promise<Server> {
  const exporter = await startStatsdExporter({ mapping: read('statsd-mapping.yml') });
  return {
    url: `udp://127.0.0.1:${exporter.port}`,
    dialect: 'dogstatsd',
    count: async () => counted(await exporter.metrics()),
    [Symbol.asyncDispose]: exporter.stop,
  };
}

async function collector(): Promise<Server> {
  const started = await startCollector();
  return {
    url: `udp://${started.host}:${started.statsdPort}`,
    dialect: 'dogstatsd',
    count: async () => counted(await started.metrics()),
    [Symbol.asyncDispose]: started.stop,
  };
}

async function telegraf(): Promise<Server> {
  const started = await startTelegraf({
    statsd: block('docs/backends.md', 'file: telegraf.conf')
      .lines.filter((line) => line.includes('percentile'))
      .join('\n'),
  });
  return {
    url: `udp://127.0.0.1:${started.port}`,
    dialect: 'telegraf',
    count: () =>
      sumOf(
        started
          .lines()
          .filter((line) => line.startsWith('http_server_request_duration_seconds,'))
          .map((line) => Number(line.match(/[ ,]count=(\d+)i/)?.[1])),
      ),
    [Symbol.asyncDispose]: started.stop,
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
    url: `udp://127.0.0.1:${started.port}`,
    dialect: 'etsy',
    count: () => count,
    async [Symbol.asyncDispose]() {
      await started.stop();
      graphite.close();
    },
  };
}

describe(`of ${REQUESTS} requests at full speed over UDP, each is counted by`, () => {
  for (const [name, start] of SERVERS) {
    it(name, { skip: missing(name) }, async (context) => {
      await using server = await start();
      const app = new AppProcess('routes.mjs', {
        env: {
          NODE_ENV: 'production',
          OTEL_METRICS_EXPORTER: 'prometheus,statsd',
          ROUTEMETER_STATSD_URL: server.url,
          ROUTEMETER_STATSD_DIALECT: server.dialect,
          ROUTEMETER_STATSD_INTERVAL: '1000',
        },
      });
      const base = await app.url();
      const started = performance.now();
      await Promise.all(Array.from({ length: CONNECTIONS }, () => requestAll(base, REQUESTS / CONNECTIONS)));
      const seconds = (performance.now() - started) / 1000;
      const got = await until('as many are counted as were made', async () => {
        const count = await server.count();
        if (count < REQUESTS) throw new Error(`${count} so far`);
        return count;
      });
      const exposition = await app.scrape();
      const packets = samples(exposition, 'routemeter_statsd_packets_total')[''];
      await app.end('SIGTERM');
      assert.equal(got, REQUESTS);
      assert.equal(await server.count(), REQUESTS);
      context.diagnostic(`${Math.round(REQUESTS / seconds)} requests a second, ${packets} packets`);
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
