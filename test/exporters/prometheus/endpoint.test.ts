import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { type IncomingMessage, request, ServerResponse } from 'node:http';
import { type AddressInfo, connect, createServer as createNetServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { type TestContext, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { type AnswerOptions, answerMetrics } from '../../../src/exporters/prometheus/answer.ts';
import { createEndpoint, type EndpointOptions } from '../../../src/exporters/prometheus/endpoint.ts';
import type { Exposition, Wanted } from '../../../src/exporters/prometheus/exposition.ts';
import type { Format } from '../../../src/exporters/prometheus/formats/format.ts';
import { createGuard } from '../../../src/guest/guard.ts';
import { createLog } from '../../../src/guest/log.ts';
import { until } from '../../until.ts';
import { NOTHING } from './metrics.ts';

function* page(): Generator<string, void> {
  yield 'a 1\n';
  yield '';
  yield 'b 2\n';
}

function written(write: Format['write']): Format {
  return { mediaType: 'text/written', parameters: {}, isText: true, namesEscaping: false, write };
}

type Options = Partial<EndpointOptions & AnswerOptions>;

function create(
  t: TestContext,
  { collect = async () => NOTHING, formats = [written(page)], ...options }: Options = {},
) {
  const lines: string[] = [];
  const log = createLog('info', (line) => lines.push(line.trimEnd()));
  const endpoint = createEndpoint({
    host: '127.0.0.1',
    port: 0,
    answer: (request) => answerMetrics(request, { collect, formats, log }),
    log,
    guard: createGuard(log),
    ...options,
  });
  t.after(() => endpoint.close());
  return { endpoint, lines };
}

async function opened(t: TestContext, options: Options = {}) {
  const { endpoint, lines } = create(t, options);
  assert.equal(await endpoint.listen(), undefined);
  const { port } = endpoint.server.address() as AddressInfo;
  return { endpoint, lines, url: endpoint.url, port };
}

async function ask(url: string, options: { method?: string; headers?: Record<string, string> } = {}) {
  const [response] = await once(request(url, { ...options, agent: false }).end(), 'response');
  const { statusCode: status, headers }: IncomingMessage = response;
  return { status, headers, body: Buffer.concat(await response.toArray()) };
}

const NOT_FOUND = 'Not found. The metrics are at /metrics.\n';
const requests: readonly (readonly [method: string, path: string, status: number, body: string])[] = [
  ['GET', '/metrics?name[]=up', 200, 'a 1\nb 2\n'],
  ['HEAD', '/metrics', 200, ''],
  ['GET', '/metrics/', 404, NOT_FOUND],
  ['POST', '/other', 404, NOT_FOUND],
  ['POST', '/metrics', 405, 'Method not allowed.\n'],
];

for (const [method, path, status, body] of requests) {
  test(`${method} ${path} is answered with ${status}`, async (t) => {
    const { url } = await opened(t);
    const { headers, ...answer } = await ask(new URL(path, url).href, { method });
    assert.deepEqual(answer, { status, body: Buffer.from(body) });
    assert.equal(
      headers['content-type'],
      status === 200 ? 'text/written; charset=utf-8' : 'text/plain; charset=utf-8',
    );
    assert.equal(headers.allow, status === 405 ? 'GET, HEAD' : undefined);
  });
}

test('a request for the whole URL, as to a proxy, is answered', async (t) => {
  const { port } = await opened(t);
  const socket = connect(port, '127.0.0.1');
  socket.end('GET http://shop.example/metrics HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n');
  const [head] = await once(socket, 'data');
  assert.match(String(head), /^HTTP\/1\.1 200 OK\r\n/);
  socket.destroy();
});

test('the text is compressed for a client that accepts gzip; a HEAD collects nothing', async (t) => {
  let collected = 0;
  const collect = async () => {
    collected++;
    return NOTHING;
  };
  const { url } = await opened(t, { collect });
  for (const method of ['HEAD', 'GET']) {
    const answer = await ask(url, { method, headers: { 'accept-encoding': 'gzip' } });
    const { status, headers, body } = answer;
    assert.deepEqual(
      [status, headers['content-encoding'], headers.vary],
      [200, 'gzip', 'accept, accept-encoding'],
    );
    if (method === 'GET') assert.equal(gunzipSync(body).toString(), 'a 1\nb 2\n');
    assert.equal(collected, method === 'GET' ? 1 : 0);
  }
});

test('an answer is sent though the app has replaced writeHead by one that returns nothing', async (t) => {
  const { writeHead } = ServerResponse.prototype;
  t.after(() => {
    ServerResponse.prototype.writeHead = writeHead;
  });
  Reflect.set(ServerResponse.prototype, 'writeHead', function (this: ServerResponse, ...args: unknown[]) {
    Reflect.apply(writeHead, this, args);
  });
  const { url } = await opened(t);
  assert.equal((await ask(url)).body.toString(), 'a 1\nb 2\n');
  assert.equal((await ask(new URL('/', url).href)).status, 404);
});

test('what the client accepts, and asks for by name, reaches whoever collects and writes', async (t) => {
  const asked: Wanted[] = [];
  const collect = async (wanted: Wanted) => {
    asked.push(wanted);
    return NOTHING;
  };
  const utf8: Format = {
    mediaType: 'text/utf-8',
    parameters: { version: '1' },
    isText: false,
    namesEscaping: true,
    write: page,
  };
  const { url } = await opened(t, { collect, formats: [written(page), utf8] });
  const accept = 'text/utf-8;version=1;escaping=allow-utf-8';
  const { headers } = await ask(`${url}?name[]=up&name%5B%5D=a.b&name=c`, { headers: { accept } });
  assert.equal(headers['content-type'], 'text/utf-8; version=1; escaping=allow-utf-8');
  await ask(url, { headers: { accept: 'text/written;escaping=allow-utf-8' } });
  assert.deepEqual(asked, [
    { names: new Set(['up', 'a.b']), escaping: 'allow-utf-8' },
    { names: undefined, escaping: 'underscores' },
  ]);
});

test('a collection that outlasts the time-out of the scrape is answered with 503', async (t) => {
  const { url } = await opened(t, { collect: () => new Promise(() => {}) });
  const answer = await ask(url, { headers: { 'x-prometheus-scrape-timeout-seconds': '0.01' } });
  assert.deepEqual(
    [answer.status, answer.body.toString()],
    [503, 'No metrics: they were not collected within the time-out of the scrape.\n'],
  );
});

for (const timeout of ['0', '-1', 'NaN', 'Infinity', 'soon', '1e400', '']) {
  test(`a scrape with the time-out ${timeout} is answered as one without`, async (t) => {
    const { url } = await opened(t);
    const { status } = await ask(url, { headers: { 'x-prometheus-scrape-timeout-seconds': timeout } });
    assert.equal(status, 200);
  });
}

test('when nothing can be collected the answer is 500 and one line', async (t) => {
  const { url } = await opened(t, { collect: () => Promise.reject(new Error('MetricReader\nis shutdown')) });
  const { status, headers, body } = await ask(url);
  assert.equal(status, 500);
  assert.equal(headers['content-type'], 'text/plain; charset=utf-8');
  assert.equal(body.toString(), 'No metrics: MetricReader is shutdown\n');
});

test('the event loop runs between slices', async (t) => {
  let turns = 0;
  const seen: number[] = [];
  function* write(): Generator<string, void> {
    for (let i = 0; i < 5; i++) {
      seen.push(turns);
      setImmediate(() => turns++);
      yield 'x';
    }
  }
  const { url } = await opened(t, { formats: [written(write)] });
  assert.equal((await ask(url)).body.toString(), 'xxxxx');
  assert.deepEqual(seen, [0, 1, 2, 3, 4]);
});

for (const encoding of ['identity', 'gzip']) {
  test(`writing waits for a client that does not read, and ends for one that goes away (${encoding})`, async (t) => {
    let slices = 0;
    const left = new EventEmitter();
    const gone = once(left, 'gone');
    function* write(): Generator<string, void> {
      try {
        for (; ; slices++) yield Array.from({ length: 20_000 }, () => Math.random()).join('\n');
      } finally {
        left.emit('gone');
      }
    }
    const { port } = await opened(t, { formats: [written(write)] });
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {});
    socket.write(`GET /metrics HTTP/1.1\r\nHost: a\r\nAccept-Encoding: ${encoding}\r\n\r\n`);
    await once(socket, 'readable');
    // Writing stands still once the buffers between the two are full.
    for (let before = -1; before !== slices; ) {
      assert.ok(slices < 200, 'goes on writing');
      before = slices;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    socket.destroy();
    await gone;
  });
}

test('a writer that throws ends that response alone, and is logged', async (t) => {
  let broken = true;
  function* write({ families }: Exposition): Generator<string, void> {
    yield 'a 1\n';
    if (broken) throw new Error(`broken by ${families.length} families`);
  }
  const { url, lines } = await opened(t, { formats: [written(write)] });
  await assert.rejects(ask(url), { code: 'ECONNRESET' });
  assert.deepEqual(lines, [
    'routemeter: internal error at prometheus.request, the app is not affected: broken by 0 families',
  ]);
  broken = false;
  assert.equal((await ask(url)).status, 200);
});

test('a fault in the handler ends the request and is logged', async (t) => {
  const faults = Symbol.for('routemeter.faults');
  Reflect.set(globalThis, faults, new Set(['prometheus.request']));
  t.after(() => Reflect.deleteProperty(globalThis, faults));
  const { url, lines } = await opened(t);
  await assert.rejects(ask(url), { code: 'ECONNRESET' });
  assert.equal(lines.length, 1);
});

const hasIPv6 = Object.values(networkInterfaces()).some((all) =>
  all?.some(({ address }) => address === '::1'),
);
for (const host of ['localhost', '127.0.0.1', '::1']) {
  const skip = host === '::1' && !hasIPv6 && 'this machine has no IPv6';
  test(`the URL for ${host} has the port that was bound`, { skip }, async (t) => {
    const { url, port } = await opened(t, { host });
    assert.equal(url, `http://${host === '::1' ? '[::1]' : host}:${port}/metrics`);
  });
}

test('a port in use cannot be bound until it is free', async (t) => {
  const holder = createNetServer().listen(0, '127.0.0.1');
  t.after(() => holder.close());
  await once(holder, 'listening');
  const { port } = holder.address() as AddressInfo;
  const { endpoint, lines } = create(t, { port });
  for (const _ of [1, 2]) assert.equal((await endpoint.listen())?.code, 'EADDRINUSE');
  holder.close();
  await once(holder, 'close');
  assert.equal(await endpoint.listen(), undefined);
  assert.equal((await ask(endpoint.url)).status, 200);
  assert.deepEqual(lines, []);
});

test('neither an address of another machine nor a port out of range can be bound', async (t) => {
  const codeOf = async (options: Partial<EndpointOptions>) =>
    (await create(t, options).endpoint.listen())?.code;
  assert.equal(await codeOf({ host: '192.0.2.1' }), 'EADDRNOTAVAIL');
  assert.equal(await codeOf({ port: 70_000 }), 'ERR_SOCKET_BAD_PORT');
});

test('a later error of the server is logged once', async (t) => {
  const { endpoint, lines, url } = await opened(t);
  endpoint.server.emit('error', new Error('accept EMFILE'));
  endpoint.server.emit('error', new Error('accept EMFILE'));
  assert.deepEqual(lines, ['routemeter: Prometheus endpoint: accept EMFILE']);
  assert.equal((await ask(url)).status, 200);
});

test('neither the endpoint nor a client of it keeps the process alive', async (t) => {
  const { endpoint, port } = await opened(t);
  const idle = connect(port, '127.0.0.1').unref();
  t.after(() => idle.destroy());
  await once(endpoint.server, 'connection');
  const holding = (): string[] => process.getActiveResourcesInfo().filter((kind) => kind.startsWith('TCP'));
  await until('nothing but what does not hold the process is open', () => holding().length === 0);
});

test('close ends idle and busy connections', async (t) => {
  const { endpoint, url, port } = await opened(t, { collect: () => new Promise(() => {}) });
  const idle = connect(port, '127.0.0.1');
  await once(idle, 'connect');
  const busy = ask(url);
  await once(endpoint.server, 'request');
  const ended = once(idle, 'close');
  const failed = assert.rejects(busy, { code: 'ECONNRESET' });
  await endpoint.close();
  await Promise.all([ended, failed]);
});
