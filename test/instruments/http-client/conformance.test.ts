/** The same requests of node:http, measured here and by `@opentelemetry/instrumentation-http` at once. */
import assert from 'node:assert/strict';
import type { ClientRequest, RequestOptions } from 'node:http';
import { createRequire } from 'node:module';
import { after, describe, it } from 'node:test';
import { type Attributes, createNoopMeter } from '@opentelemetry/api';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { createGuard } from '../../../src/guest/guard.ts';
import { createLog } from '../../../src/guest/log.ts';
import { ATTRIBUTES } from '../../../src/instruments/http-client/attributes.ts';
import { measureNodeHttp } from '../../../src/instruments/http-client/node-http.ts';
import { startPeer } from './peer.ts';

const ours: Attributes[] = [];
const theirs: Attributes[] = [];

/** What it records: not the scheme. */
const RECORDED = ATTRIBUTES.filter(({ name }) => name !== 'url.scheme');

const end = measureNodeHttp({
  record: (_seconds, call) => {
    const entries = RECORDED.map(({ name, extract }) => [name, extract(call)] as const);
    ours.push(Object.fromEntries(entries.filter(([, value]) => value !== undefined)));
  },
  guard: createGuard(createLog('info', assert.fail)),
  isOwn: () => false,
});
const oracle = new HttpInstrumentation({ disableIncomingRequestInstrumentation: true });
const noop = createNoopMeter();
oracle.setMeterProvider({
  getMeter: () =>
    Object.assign(Object.create(noop), {
      createHistogram: (name: string) =>
        name === 'http.client.request.duration'
          ? { record: (_seconds: number, attributes: Attributes) => theirs.push({ ...attributes }) }
          : noop.createHistogram(name),
    }),
});
const { port } = await startPeer();
const { request: patched, Agent } = createRequire(import.meta.url)('node:http') as typeof import('node:http');
const keepAlive = new Agent({ keepAlive: true });
after(() => {
  end();
  oracle.disable();
  keepAlive.destroy();
});

type How = (request: ClientRequest) => unknown;
const plain: How = (request) => request.on('response', (response) => response.resume()).end();

/** Both sets of data points of one request. */
async function compare(
  target: RequestOptions | string | URL,
  how: How,
): Promise<[Attributes[], Attributes[]]> {
  ours.length = 0;
  theirs.length = 0;
  const request = patched(target);
  request.on('error', () => {});
  request.on('upgrade', (_response, socket) => socket.destroy());
  const closed = new Promise((resolve) => request.on('close', resolve));
  how(request);
  await closed;
  await new Promise(setImmediate);
  return [ours, theirs];
}

const to = (path: string, options: RequestOptions = {}): RequestOptions => ({
  host: '127.0.0.1',
  port,
  path,
  agent: false,
  ...options,
});

const SAME: Record<string, RequestOptions | string | URL> = {
  'text for a URL': `http://127.0.0.1:${port}/ok?q=1`,
  'a URL': new URL(`http://127.0.0.1:${port}/ok`),
  'the name of the host': to('/ok', { host: 'localhost', family: 4 }),
  'a header Host of its own': to('/ok', { headers: { host: 'example.org' } }),
  'headers as a list': to('/ok', { headers: ['host', 'example.org', 'x', 'y'] as never }),
  'a connection kept alive': to('/ok', { agent: keepAlive }),
  'the next request on it': to('/ok', { agent: keepAlive }),
  'early hints': to('/early'),
  'a redirect': to('/redirect'),
  ...Object.fromEntries(
    ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND', 'QUERY'].map(
      (method) => [method, to('/ok', { method })],
    ),
  ),
  ...Object.fromEntries(
    [200, 204, 304, 400, 401, 404, 418, 429, 499, 500, 503, 599, 600, 799].map((status) => [
      `the status ${status}`,
      to(`/status/${status}`),
    ]),
  ),
};

const host = { 'server.address': '127.0.0.1', 'server.port': port, 'http.request.method': 'GET' };
const answered = { ...host, 'http.response.status_code': 200, 'network.protocol.version': '1.1' };

/** As docs/http-client.md lists them: [what, to, how, ours, theirs]. */
const DIFFERENT: readonly (readonly [string, RequestOptions, How, Attributes, Attributes])[] = [
  [
    'an error has a code',
    to('/ok', { port: 1 }),
    plain,
    { ...host, 'server.port': 1, 'error.type': 'ECONNREFUSED' },
    { ...host, 'server.port': 1, 'error.type': 'Error' },
  ],
  [
    'an answer breaks off',
    to('/cut'),
    (request) => request.on('response', (response) => response.on('error', () => {}).resume()).end(),
    { ...answered, 'error.type': 'ECONNRESET' },
    answered,
  ],
  [
    'a request is upgraded',
    to('/ok', { headers: { connection: 'upgrade', upgrade: 'test' } }),
    plain,
    { ...answered, 'http.response.status_code': 101 },
    host,
  ],
  [
    'a request is aborted',
    to('/hang'),
    (request) => request.abort(),
    { ...host, 'error.type': 'AbortError' },
    {},
  ],
];

describe('a request has the data point of @opentelemetry/instrumentation-http', () => {
  for (const [what, target] of Object.entries(SAME)) {
    it(`for ${what}`, async () => {
      const [here, there] = await compare(target, plain);
      assert.equal(here.length, 1);
      assert.deepEqual(here, there);
    });
  }

  it('for an address of IPv6', async () => {
    const [here, there] = await compare({ hostname: '::1', port: 1 }, plain);
    assert.equal(here[0]?.['server.address'], '::1');
    assert.equal(there[0]?.['server.address'], '::1');
  });
});

describe('a request has a better one', () => {
  for (const [what, target, how, expected, oracles] of DIFFERENT) {
    it(`when ${what}`, async () => {
      const [here, there] = await compare(target, how);
      assert.deepEqual(here, [expected]);
      assert.deepEqual(there, Object.keys(oracles).length === 0 ? [] : [oracles]);
    });
  }
});
