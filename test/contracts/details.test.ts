/** What every engine measures of requests only if it is configured: sizes of bodies, the first byte, and waiting. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import http, { type RequestListener } from 'node:http';
import http2, { type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { get, type Measured, measure, type Site } from '../instruments/http/measured.ts';
import { type Cases, engineContract } from './engines.ts';

const ALL = { optIn: { firstByte: true, bodySize: true, queue: true } };
const TEXT = 'é'.repeat(500);
/** More than a system takes at once. */
const LARGE = 'x'.repeat(1 << 25);
const GZIP = gzipSync(TEXT);

const post = (body: string, ...headers: string[]): string =>
  ['POST / HTTP/1.1', 'Host: x', 'Connection: close', ...headers, '', body].join('\r\n');
const CLOSE = get('/', 'Connection: close');

interface Exchanged {
  readonly sent: string;
  readonly answer: RequestListener;
  /** Bytes of the bodies of the request and of the response. */
  readonly sizes: readonly [request: number, response: number];
  /** What the client gets before it leaves; otherwise it waits for the end. */
  readonly leavesAt?: string;
  readonly isAnswered?: false;
}

const reading =
  (answer: RequestListener): RequestListener =>
  (request, response) =>
    void request.resume().on('end', () => answer(request, response));

const EXCHANGES: Readonly<Record<string, Exchanged>> = {
  'a text with its length': { sent: CLOSE, answer: (_, res) => res.end(TEXT), sizes: [0, 1000] },
  'a text in another encoding': { sent: CLOSE, answer: (_, res) => res.end('é', 'latin1'), sizes: [0, 1] },
  'a chunked answer, without its frames': {
    sent: CLOSE,
    answer: (_, res) => {
      res.write('abc');
      res.write(Buffer.from('defg'));
      res.end('hi');
    },
    sizes: [0, 9],
  },
  'a compressed answer, as it is sent': {
    sent: CLOSE,
    answer: (_, res) => res.writeHead(200, { 'content-encoding': 'gzip' }).end(GZIP),
    sizes: [0, GZIP.length],
  },
  'nothing that is written after the end': {
    sent: CLOSE,
    answer: (_, res) =>
      res
        .on('error', () => {})
        .end('x')
        .write('y'),
    sizes: [0, 1],
  },
  'nothing of HEAD': {
    sent: CLOSE.replace('GET', 'HEAD'),
    answer: (_, res) => res.end(TEXT),
    sizes: [0, 0],
  },
  'nothing of 204': { sent: CLOSE, answer: (_, res) => res.writeHead(204).end(), sizes: [0, 0] },
  'a request with its length': {
    sent: post('12345', 'Content-Length: 5'),
    answer: reading((_, res) => res.end('x')),
    sizes: [5, 1],
  },
  'a chunked request, without its frames': {
    sent: post('3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n', 'Transfer-Encoding: chunked'),
    answer: reading((_, res) => res.end('x')),
    sizes: [5, 1],
  },
  'a request whose body the app does not read': {
    sent: post('12345', 'Content-Length: 5'),
    answer: (_, res) => res.end('x'),
    sizes: [5, 1],
  },
  'as much of an upload as has come': {
    sent: post('123', 'Content-Length: 5'),
    answer: (req, res) => {
      req.on('error', () => {});
      req.once('data', () => res.write('got'));
    },
    leavesAt: 'got',
    sizes: [3, 3],
  },
  'an answer that never came': {
    sent: CLOSE,
    answer: (req) => req.socket.destroy(),
    sizes: [0, 0],
    isAnswered: false,
  },
};

const sizesOf = ({ recorded }: Measured): unknown[] => {
  const details = recorded[0]?.details;
  return [details?.requestBytes, details?.responseBytes];
};

/** What the last request has waited, in seconds. */
const queueOf = ({ recorded }: Measured): number =>
  recorded.at(-1)?.details?.queueSeconds ?? assert.fail('none');

const BLOCK_SECONDS = 0.1;
const block = (): void => {
  const end = performance.now() + 1000 * BLOCK_SECONDS;
  while (performance.now() < end);
};

const exchanged = async (site: Site, { sent, leavesAt }: Exchanged): Promise<void> => {
  const client = site.send(sent);
  if (leavesAt !== undefined) {
    await client.receives(leavesAt);
    client.socket.destroy();
  }
  await client.closed;
};

/** One request to a server of HTTP/2. */
const overHttp2 =
  (
    serve: (stream: ServerHttp2Stream) => unknown,
    sizes: readonly [number, number],
    { method = 'GET', body = '' } = {},
  ): Cases[string] =>
  async (start) => {
    await using measured = measure(start, ALL);
    const server = http2.createServer().on('stream', serve);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const client = http2.connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const stream = client.request({ ':method': method }, { endStream: body === '' });
    if (body !== '') stream.end(body);
    await once(stream.resume(), 'close');
    await measured.until(1);
    assert.deepEqual(sizesOf(measured), sizes);
    assert.notEqual(measured.recorded[0]?.details?.firstByteSeconds, undefined);
    client.destroy();
    server.close();
  };

const FILE = join(tmpdir(), `routemeter-${process.pid}`);
writeFileSync(FILE, TEXT);

engineContract('details', {
  ...Object.fromEntries(
    Object.entries(EXCHANGES).map(([what, exchange]): [string, Cases[string]] => [
      `have the sizes of bodies: ${what}`,
      async (start) => {
        await using measured = measure(start, ALL);
        const site = await measured.serve(exchange.answer);
        await exchanged(site, exchange);
        await measured.until(1);
        assert.deepEqual(sizesOf(measured), exchange.sizes);
        const isAnswered = measured.recorded[0]?.details?.firstByteSeconds !== undefined;
        assert.equal(isAnswered, exchange.isAnswered ?? true);
      },
    ]),
  ),

  'over HTTP/2, both ways': overHttp2(
    (stream) => {
      stream.resume().on('end', () => {
        stream.respond();
        stream.write('abc');
        stream.end(Buffer.from('de'));
      });
    },
    [7, 5],
    { method: 'POST', body: '1234567' },
  ),
  'over HTTP/2, of a file': overHttp2(
    (stream) => stream.respondWithFile(FILE, { 'content-length': 1000 }),
    [0, 1000],
  ),
  'over HTTP/2, none of HEAD': overHttp2((stream) => stream.respond({ 'content-length': 10 }), [0, 0], {
    method: 'HEAD',
  }),

  async 'have no more of a download than was sent of it'(start) {
    await using measured = measure(start, ALL);
    const site = await measured.serve((_, response) => response.end(LARGE));
    const client = site.send(get('/'));
    await client.receives('x');
    client.socket.destroy();
    await measured.until(1);
    const [, sent] = sizesOf(measured);
    assert.ok(Number(sent) < LARGE.length, String(sent));
  },
  async 'have no more of a download than was sent of it, over HTTP/2'(start) {
    await using measured = measure(start, ALL);
    const server = http2.createServer().on('stream', (stream) => {
      stream.on('error', () => {}).respond();
      stream.write('x', () => stream.end(LARGE));
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const client = http2.connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const stream = client.request();
    let received = 0;
    stream.on('data', ({ length }) => {
      received += length;
      if (received > 1) stream.close(http2.constants.NGHTTP2_CANCEL);
    });
    await measured.until(1);
    assert.deepEqual(sizesOf(measured), [0, 1]);
    client.destroy();
    server.close();
  },

  async 'begin with the first byte, not with the last'(start) {
    await using measured = measure(start, ALL);
    let release = (): void => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const site = await measured.serve(async (_, response) => {
      response.write('begun');
      await gate;
      response.end();
    });
    const client = site.send(CLOSE);
    await client.receives('begun');
    const begun = performance.now();
    const passed = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
    while (performance.now() - begun < 20) await passed();
    release();
    await client.closed;
    const seconds = measured.recorded[0]?.details?.firstByteSeconds ?? assert.fail('none');
    assert.ok(measured.seconds[0] !== undefined && measured.seconds[0] - seconds >= 0.015);
  },

  async 'wait since the time that a proxy has written'(start) {
    await using measured = measure(start, ALL);
    const site = await measured.serve((_, response) => response.end());
    const before = Date.now() / 1000 - 20;
    await site.send(get('/', 'Connection: close', `X-Request-Start: t=${before.toFixed(3)}`)).closed;
    await measured.until(1);
    assert.ok(queueOf(measured) >= 19);
  },
  async 'wait in the future only if clocks are skewed, which tell nothing'(start) {
    await using measured = measure(start, ALL);
    const site = await measured.serve((_, response) => response.end());
    await site.send(get('/', 'Connection: close', `X-Request-Start: ${Date.now() + 60_000}`)).closed;
    await measured.until(1);
    assert.ok(queueOf(measured) >= 0);
  },
  async 'wait while the event loop is blocked'(start) {
    await using measured = measure(start, ALL);
    const site = await measured.serve((_, response) => response.end('x'));
    const client = site.send(get('/'));
    await client.receives('x');
    client.socket.write(CLOSE);
    block();
    await client.closed;
    await measured.until(2);
    assert.ok(queueOf(measured) >= BLOCK_SECONDS / 2.1);
  },
  async 'wait while the event loop is blocked by another, over HTTP/2'(start) {
    await using measured = measure(start, ALL);
    const server = http2.createServer().on('stream', (stream) => {
      block();
      stream.respond();
      stream.end();
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const client = http2.connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const streams = [client.request(), client.request()];
    await Promise.all(streams.map((stream) => once(stream.resume(), 'close')));
    await measured.until(2);
    assert.ok(queueOf(measured) >= BLOCK_SECONDS / 2.1);
    client.destroy();
    server.close();
  },
  async 'wait at an upgrade too'(start) {
    await using measured = measure(start, ALL);
    const server = http.createServer().on('upgrade', (_, socket) => {
      socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n');
    });
    const site = await measured.serve(server);
    const before = Date.now() - 20_000;
    await site.send(get('/', 'Connection: upgrade', 'Upgrade: x', `X-Queue-Start: ${before}`)).closed;
    await measured.until(1);
    assert.ok(queueOf(measured) >= 19);
  },

  async 'leave the response as it was'(start) {
    await using measured = measure(start, ALL);
    const seen: unknown[] = [];
    const server = http.createServer((_, response) => {
      const { write } = response;
      // As compression does it.
      response.write = (...given: unknown[]) => Reflect.apply(write, response, given);
      seen.push(
        response.write('abc', 'utf8', () => seen.push('called')),
        response.end('de') === response,
      );
    });
    const site = await measured.serve(server);
    const client = site.send(CLOSE);
    await client.closed;
    assert.match(client.received, /3\r\nabc\r\n2\r\nde\r\n0/);
    assert.deepEqual(seen, [true, true, 'called']);
    assert.deepEqual(sizesOf(measured), [0, 5]);
  },

  async 'are none unless they are configured'(start) {
    await using measured = measure(start);
    const own: string[] = [];
    const site = await measured.serve((request, response) => {
      own.push(
        ...['push', '_send', 'write', 'end'].filter(
          (name) => Object.hasOwn(request, name) || Object.hasOwn(response, name),
        ),
      );
      response.end();
    });
    await site.send(CLOSE).closed;
    assert.deepEqual(own, []);
    assert.equal(measured.recorded[0]?.details, undefined);
  },
});
