/** What every engine records of requests over HTTP/2, through both of Node's APIs. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import http2, {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  constants,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type OutgoingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2';
import { request } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { describe, it } from 'node:test';
import { publishesStreams } from '../../src/guest/supported.ts';
import { createManualRoutes } from '../../src/instruments/routes/manual.ts';
import { measure, type StartEngine } from '../instruments/http/measured.ts';
import { makeCertificates } from '../receivers/certificates.ts';
import { type Cases, engineContract } from './engines.ts';

type Compatible = (request: Http2ServerRequest, response: Http2ServerResponse) => void;
type OnStream = (stream: ServerHttp2Stream, headers: http2.IncomingHttpHeaders) => void;

const { key, cert } = makeCertificates()?.server ?? assert.fail('no openssl');

/** A server, a client of it, and what an engine records. */
async function site(start: StartEngine, server = http2.createServer(), options = {}) {
  const measured = measure(start, options);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const scheme = 'setSecureContext' in server ? 'https' : 'http';
  const client = http2.connect(`${scheme}://127.0.0.1:${port}`, { rejectUnauthorized: false });
  client.on('error', () => {});
  return {
    measured,
    server,
    port,
    client,
    async [Symbol.asyncDispose]() {
      client.destroy();
      server.close();
      await measured[Symbol.asyncDispose]();
    },
  };
}

/** Makes a request; resolves with its status when its stream has closed. */
async function ask(
  client: ClientHttp2Session,
  headers: OutgoingHttpHeaders,
  body?: string,
): Promise<unknown> {
  const stream = client.request(headers, { endStream: body === undefined });
  if (body !== undefined) stream.end(body);
  return closed(stream);
}

async function closed(stream: ClientHttp2Stream): Promise<unknown> {
  let status: unknown;
  stream.on('error', () => {});
  stream.on('response', (headers) => {
    status = headers[':status'];
  });
  await new Promise((resolve) => stream.resume().on('close', resolve));
  return status;
}

const compatible: Compatible = (req, res) => {
  res.statusCode = Number(req.url.slice(1));
  req.resume().on('end', () => res.end('x'));
};
const byStream: OnStream = (stream, headers) => {
  stream.resume().on('end', () => {
    stream.respond({ ':status': Number(headers[':path']?.slice(1)) });
    // An answer without a body has ended.
    if (!stream.writableEnded) stream.end('x');
  });
};
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'QUERY'];
const STATUSES = [200, 204, 301, 400, 404, 500, 503];

/** Every method and status. */
const answered =
  (listen: (server: http2.Http2Server) => void) =>
  async (start: StartEngine): Promise<void> => {
    const server = http2.createServer();
    listen(server);
    await using served = await site(start, server);
    const { measured, client } = served;
    const sent = [
      ...METHODS.map((method) => [method, 200] as const),
      ...STATUSES.map((status) => ['GET', status] as const),
    ];
    for (const [method, status] of sent) {
      const body = method === 'POST' ? 'x'.repeat(100_000) : undefined;
      assert.equal(await ask(client, { ':method': method, ':path': `/${status}` }, body), status);
    }
    await measured.until(sent.length);
    assert.deepEqual(
      measured.recorded.map(({ method, outcome, errorType, scheme, protocolVersion }) => [
        ...[method, outcome, errorType, scheme, protocolVersion],
      ]),
      sent.map(([method, status]) => [
        ...[method, status, status >= 500 ? String(status) : undefined, 'http', '2'],
      ]),
    );
    assert.equal(measured.active(), 0);
  };

/** Node.js does not let the socket of a session be reset. */
function socketOf({ session }: ClientHttp2Stream): Socket {
  const symbol = Object.getOwnPropertySymbols(session ?? {}).find(
    ({ description }) => description === 'socket',
  );
  return Reflect.get(session ?? {}, symbol ?? '');
}

/** One stream whose end is not that of an answered request. */
const ended =
  (
    outcome: number | string,
    errorType: string | undefined,
    onStream: OnStream,
    onClient: (stream: ClientHttp2Stream) => unknown = () => {},
  ) =>
  async (start: StartEngine): Promise<void> => {
    const server = http2.createServer().on('stream', (stream, headers) => {
      stream.on('error', () => {});
      onStream(stream, headers);
    });
    await using served = await site(start, server);
    const stream = served.client.request({ ':path': '/a' });
    onClient(stream);
    await closed(stream);
    await served.measured.until(1);
    const seen = served.measured.recorded.map((each) => [each.url, each.outcome, each.errorType]);
    assert.deepEqual(seen, [['/a', outcome, errorType]]);
    assert.equal(served.measured.active(), 0);
  };

const WAIT: OnStream = () => undefined;
const half: OnStream = (stream) => {
  stream.respond();
  stream.write('half');
};

/** More than a client is sent at once. */
const large: OnStream = (stream) => {
  stream.respond();
  stream.end('x'.repeat(1 << 22));
};

const CASES: Cases = {
  'through the compatibility API': answered((server) => server.on('request', compatible)),
  'through streams': answered((server) => server.on('stream', byStream)),
  async 'over TLS'(start) {
    const server = http2.createSecureServer({ key, cert }, compatible);
    await using served = await site(start, server);
    await ask(served.client, { ':path': '/200' });
    await served.measured.until(1);
    assert.deepEqual(
      served.measured.recorded.map((each) => [each.scheme, each.protocolVersion]),
      [['https', '2']],
    );
  },
  async 'beside HTTP/1 on one port'(start) {
    const server = http2.createSecureServer({ key, cert, allowHTTP1: true }, compatible);
    await using served = await site(start, server);
    await ask(served.client, { ':path': '/201' });
    const options = {
      host: '127.0.0.1',
      port: served.port,
      path: '/202',
      rejectUnauthorized: false,
      agent: false,
    };
    const [response] = await once(request({ ...options }).end(), 'response');
    await once(response.resume(), 'end');
    await served.measured.until(2);
    assert.deepEqual(
      served.measured.recorded.map((each) => [each.outcome, each.scheme, each.protocolVersion]),
      [
        [201, 'https', '2'],
        [202, 'https', '1.1'],
      ],
    );
  },
  async 'many at once on one connection'(start) {
    const server = http2.createServer(compatible);
    await using served = await site(start, server);
    const statuses = Array.from({ length: 100 }, (_, i) => 200 + (i % 5));
    await Promise.all(statuses.map((status) => ask(served.client, { ':path': `/${status}` })));
    await served.measured.until(100);
    assert.deepEqual(served.measured.recorded.map(({ outcome }) => outcome).sort(), statuses.sort());
  },
  async 'but not what the server pushes'(start) {
    const server = http2.createServer().on('stream', (stream) => {
      stream.pushStream({ ':path': '/pushed' }, (_error, pushed) => {
        pushed.respond({ ':status': 203 });
        pushed.end('pushed');
        stream.respond({ ':status': 200 });
        stream.end('x');
      });
    });
    await using served = await site(start, server);
    const pushed = once(served.client, 'stream');
    await Promise.all([ask(served.client, { ':path': '/a' }), closed((await pushed)[0])]);
    await served.measured.until(1);
    assert.deepEqual(served.measured.outcomes(), ['/a 200']);
  },
  'with the status after early hints': ended(201, undefined, (stream) => {
    stream.additionalHeaders({ ':status': 103, link: '</a.css>' });
    stream.respond({ ':status': 201 });
    stream.end('x');
  }),
  'with the status before trailers': ended(202, undefined, (stream) => {
    stream.respond({ ':status': 202 }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ a: 'b' }));
    stream.end('x');
  }),
  'reset by the client before the answer': ended('aborted', 'aborted', WAIT, (stream) =>
    stream.on('ready', () => stream.close(constants.NGHTTP2_CANCEL)),
  ),
  'reset by the client within the answer': ended(200, 'aborted', half, (stream) =>
    stream.on('data', () => stream.close(constants.NGHTTP2_CANCEL)),
  ),
  'reset by the client before all of an answer is sent that the app has ended': ended(
    200,
    'aborted',
    large,
    (stream) => stream.once('data', () => stream.close(constants.NGHTTP2_CANCEL)),
  ),
  'whose client breaks the connection before all of an answer is sent that the app has ended': ended(
    200,
    'aborted',
    large,
    (stream) => stream.once('data', () => socketOf(stream).resetAndDestroy()),
  ),
  'whose client closes the connection': ended('aborted', 'aborted', WAIT, (stream) =>
    stream.on('ready', () => stream.session?.destroy()),
  ),
  'whose client breaks the connection within the answer': ended(200, 'aborted', half, (stream) =>
    stream.on('data', () => socketOf(stream).resetAndDestroy()),
  ),
  'refused by the server': ended('refused', 'refused', (stream) =>
    stream.close(constants.NGHTTP2_REFUSED_STREAM),
  ),
  'destroyed by the server': ended('destroyed', 'destroyed', (stream) => stream.destroy(new Error('x'))),
  'destroyed by the server within the answer': ended(200, 'destroyed', (stream) => {
    stream.respond();
    stream.write('half', () => stream.destroy());
  }),
  'whose connection the server destroys': ended('destroyed', 'destroyed', (stream) =>
    stream.session?.destroy(),
  ),
  async 'unless they are ignored; their route is that of the URL that came in'(start) {
    const server = http2.createServer((req, res) => {
      req.url = '/changed';
      res.end();
    });
    const sources = [createManualRoutes(['/users/:id'])];
    await using served = await site(start, server, { sources, ignore: ['/healthz'] });
    for (const path of ['/healthz', '/users/1?a']) await ask(served.client, { ':path': path });
    await served.measured.until(1);
    assert.deepEqual(
      served.measured.recorded.map(({ route }) => route),
      ['/users/:id'],
    );
  },
};

engineContract('requests over HTTP/2', CASES);

describe('requests over HTTP/2', () => {
  for (const [node, published] of [
    ['22.15.0', false],
    ['22.17.0', false],
    ['22.18.0', true],
    ['23.11.0', false],
    ['24.2.0', false],
    ['24.3.0', true],
    ['25.0.0', true],
  ] as const) {
    it(`are ${published ? '' : 'not '}published by Node.js ${node}`, () => {
      assert.equal(publishesStreams(node), published);
    });
  }
});
