/**
 * Requests that nobody sends: in a loop, the objects that Node.js makes of a request and its response, and what it
 * publishes of them. Arguments: what of routemeter runs, up to which part; and `express` if a route of an Express app
 * answers.
 */
import { channel, subscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { createServer, IncomingMessage, type Server, ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import { type AddressInfo, Socket } from 'node:net';
import { parseConfig } from '../../src/config/parse.ts';
import type { Exporter } from '../../src/exporters/exporter.ts';
import { PullReader } from '../../src/exporters/prometheus/reader.ts';
import { createGuard } from '../../src/guest/guard.ts';
import { createLog } from '../../src/guest/log.ts';
import { BIND } from '../../src/instruments/bound-series.ts';
import { startEngine } from '../../src/instruments/http/engines.ts';
import {
  createRequestMetrics,
  type RequestMetricsOptions,
} from '../../src/instruments/http/request-metrics.ts';
import { createIgnore } from '../../src/instruments/ignore.ts';
import { routeSources } from '../../src/instruments/routes/index.ts';
import { createRouteOf } from '../../src/instruments/routes/route-of.ts';
import { createSources } from '../../src/instruments/routes/sources.ts';
import { createMeters } from '../../src/pipeline/meters.ts';
import { createMadeInstruments } from '../../src/views/made-instruments.ts';
import type { Part } from '../budget.ts';

type Meter = RequestMetricsOptions['meter'];

const require = createRequire(import.meta.url);
const control: (answers: Readonly<Record<string, unknown>>) => void = require('./control.cjs');
const [, , part, framework] = process.argv as [string, string, Part | 'nothing', string | undefined];

const STARTS = 'http.server.request.start';
const ENDS = 'http.server.response.finish';
const HEADERS = { 'content-type': 'application/json', 'content-length': 42 };

/** What Express leaves on a request. */
interface Routed {
  readonly url: string;
  readonly baseUrl: string;
  readonly route: unknown;
  readonly app: unknown;
  readonly params: unknown;
}

/** The smallest app with a route at a mount, and what Express leaves on the requests of that route. */
async function routedByExpress(): Promise<{ server: Server; routed: Routed }> {
  const express = require('express');
  const app = express();
  const router = express.Router({ mergeParams: true });
  let seen: Routed | undefined;
  router.get('/posts/:post', ({ url, baseUrl, route, app, params }: Routed, response: ServerResponse) => {
    seen = { url, baseUrl, route, app, params };
    response.end();
  });
  app.use('/users/:user', router);
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await (await fetch(`http://127.0.0.1:${port}/users/7/posts/42`)).arrayBuffer();
  if (seen === undefined) throw new Error('Express did not route a request');
  return { server, routed: seen };
}

async function plain(): Promise<{ server: Server; routed: undefined }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, routed: undefined };
}

/** Makes instruments that record nothing. */
const SILENT = {
  createHistogram: () => ({ record() {}, [BIND]: () => ({ record() {} }) }),
  createObservableUpDownCounter: () => ({ addCallback() {}, removeCallback() {} }),
} as unknown as Meter;

/** Starts the engine, and of what it calls no more than the part needs. */
function measure(part: 'exchange' | 'look-ups' | 'record' | 'sources'): void {
  const log = createLog('warn', (line) => process.stderr.write(line));
  const guard = createGuard(log);
  const parsed = parseConfig({
    env: {},
    options: {},
    entry: undefined,
    cwd: '/',
    readFile: () => Buffer.of(),
  });
  if (!parsed.ok) throw new Error(parsed.problems.join('\n'));
  const { config } = parsed;
  const meters = createMeters({
    config,
    log,
    guard,
    exporters: [{ reader: new PullReader() } as unknown as Exporter],
    instruments: createMadeInstruments(),
    onInstrument() {},
    onRecord: undefined,
    background: () => false,
  });
  const records = part === 'record' || part === 'sources';
  const sources = createSources(part === 'sources' ? routeSources : []);
  sources.install(
    guard,
    () => {},
    () => {},
  );
  const options = { config, bounds: meters.bounds, log, guard, findBundled: async () => [] };
  const metrics = createRequestMetrics({ ...options, meter: records ? meters.own : SILENT });
  startEngine('lean', {
    metrics: part === 'exchange' ? { ...metrics, record() {} } : metrics,
    routes: createRouteOf(sources, undefined, guard, () => {}),
    ignore: createIgnore([]),
    inRequest: () => undefined,
    guard,
    log,
    optIn: { firstByte: false, bodySize: false, queue: false },
    headerTags: undefined,
    listening: [],
    isOwn: () => false,
    isSteppingAside: () => false,
  });
}

/** Read so that a call of the clock has a use. */
let read = 0;
const PARTS: Readonly<Record<Part | 'nothing', () => void>> = {
  nothing() {},
  channels() {
    for (const name of [STARTS, ENDS]) subscribe(name, () => {});
  },
  clock() {},
  exchange: () => measure('exchange'),
  'look-ups': () => measure('look-ups'),
  record: () => measure('record'),
  sources: () => measure('sources'),
  // The preload has been started by the server that listens.
  routemeter() {},
};

const { server, routed } = await (framework === 'express' ? routedByExpress() : plain());
PARTS[part]();

const [starts, ends] = [channel(STARTS), channel(ENDS)];
const socket = new Socket();
const isClock = part === 'clock';

function request(): void {
  const request = new IncomingMessage(socket);
  request.url = '/users/7/posts/42';
  request.method = 'GET';
  request.httpVersion = '1.1';
  const response = new ServerResponse(request);
  if (starts.hasSubscribers) starts.publish({ request, response, socket, server });
  if (isClock) read += performance.now();
  if (routed !== undefined) Object.assign(request, routed);
  response.writeHead(200, HEADERS);
  if (ends.hasSubscribers) ends.publish({ request, response, socket, server });
  if (isClock) read -= performance.now();
}

control({
  collectGarbage() {
    for (let i = 0; i < 3; i++) globalThis.gc?.();
    return read;
  },
  /** Nanoseconds of CPU time a request. */
  turn(requests: number) {
    const before = process.cpuUsage();
    for (let i = 0; i < requests; i++) request();
    const { user, system } = process.cpuUsage(before);
    return (1_000 * (user + system)) / requests;
  },
});
