/** What every engine records of requests and connections. */
import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import http, { type IncomingMessage, type RequestListener, request, type ServerResponse } from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import net, { type AddressInfo } from 'node:net';
import { type Duplex, duplexPair } from 'node:stream';
import tls from 'node:tls';
import { createManualRoutes } from '../../src/instruments/routes/manual.ts';
import { clientOf, get, measure, type Site } from '../instruments/http/measured.ts';
import { makeCertificates } from '../receivers/certificates.ts';
import { until } from '../until.ts';
import { type Cases, engineContract } from './engines.ts';

type Handlers = Readonly<Record<string, RequestListener>>;

/** A listener by URL; other URLs are answered with themselves. */
const route =
  (handlers: Handlers): RequestListener =>
  (request, response) => {
    const handler = handlers[String(request.url)];
    if (handler) handler(request, response);
    else response.end(request.url);
  };

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND', 'QUERY'];
const STATUSES = [200, 204, 301, 304, 400, 404, 499, 500, 503, 599, 600, 799];
const HEADERS = [
  { 'x-forwarded-proto': 'https' },
  { 'x-forwarded-host': 'a.example', forwarded: 'for=1.2.3.4;proto=https' },
  { expect: '100-continue' },
];

engineContract('requests', {
  async 'have their method, status, error, scheme and version'(start) {
    await using measured = measure(start);
    const { port } = await measured.serve((req, res) => {
      res.statusCode = Number(req.url?.slice(1));
      req.resume().on('end', () => res.end('x'));
    });
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const sent: (readonly [method: string, status: number, headers?: Record<string, string>])[] = [
      ...METHODS.map((method) => [method, 200] as const),
      ...STATUSES.flatMap((status) => ['GET', 'HEAD'].map((method) => [method, status] as const)),
      ...HEADERS.map((headers) => ['GET', 200, headers] as const),
    ];
    for (const [method, status, headers = {}] of sent) {
      const asked = request({ host: '127.0.0.1', port, method, path: `/${status}`, headers, agent });
      const [response] = await once(asked.end(), 'response');
      await once(response.resume(), 'end');
    }
    agent.destroy();
    await measured.until(sent.length);
    assert.deepEqual(
      measured.recorded,
      sent.map(([method, status]) => ({
        url: `/${status}`,
        method,
        outcome: status,
        streamKind: undefined,
        details: undefined,
        errorType: status >= 500 && status < 600 ? String(status) : undefined,
        scheme: 'http',
        protocolVersion: '1.1',
        route: undefined,
      })),
    );
    assert.equal(measured.active(), 0);
  },

  async 'of HTTP/1.0, with an absolute target, and what Node.js refuses to parse'(start) {
    await using measured = measure(start);
    const site = await measured.serve((_, res) => res.end());
    for (const text of [
      'GET / HTTP/1.0\r\n\r\n',
      get('http://x/y', 'Connection: close'),
      'nonsense\r\n\r\n',
      'GET / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n',
      'GET //evil:99999/%ff%00?<script> HTTP/1.0\r\nX-Forwarded-Host: a"b\\c\r\n\r\n',
    ]) {
      await site.send(text).closed;
    }
    const seen = measured.recorded.map((each) => `${each.outcome} ${each.protocolVersion} ${each.url}`);
    const rejected = '400 1.1 undefined';
    assert.deepEqual(seen, [
      ...['200 1.0 /', '200 1.1 http://x/y', rejected, rejected],
      '200 1.0 //evil:99999/%ff%00?<script>',
    ]);
  },

  async 'that a server does not emit as such'(start) {
    await using measured = measure(start);
    const answer = (status: number) => (_: IncomingMessage, res: ServerResponse) =>
      res.writeHead(status).end();
    const server = http.createServer(answer(200));
    server.on('checkContinue', answer(202)).on('checkExpectation', answer(418)).maxRequestsPerSocket = 1;
    const site = await measured.serve(server);
    for (const text of [
      'POST /asks HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n\r\n',
      get('/expects', 'Expect: more'),
      'GET /no-host HTTP/1.1\r\n\r\n',
      get('/first') + get('/one-too-many'),
    ]) {
      const client = site.send(text);
      client.socket.end();
      await client.closed;
    }
    const asked = ['/asks 202', '/expects 418', '/no-host 400', '/first 200', '/one-too-many 503'];
    assert.deepEqual(measured.outcomes(), asked);
  },

  async 'of a connection that another engine has measured before'(start) {
    await using measured = measure(start);
    const site = await measured.serve(route({ '/hangs': () => undefined }));
    const client = site.send(get('/before'));
    await client.receives('/before');
    measured.engine.stop();
    const again = measured.restart();
    client.socket.write(get('/hangs'));
    await once(site.server, 'request');
    assert.equal(measured.active(), 1);
    client.socket.destroy();
    await measured.until(2);
    again.stop();
    assert.deepEqual(measured.outcomes(), ['/before 200', '/hangs aborted']);
    assert.equal(measured.active(), 0);
  },

  async 'that another engine has begun to measure on the same connection'(start) {
    await using measured = measure(start);
    const begun: ServerResponse[] = [];
    const site = await measured.serve(route({ '/slow': (_, res) => void begun.push(res) }));
    const client = site.send(get('/slow'));
    await once(site.server, 'request');
    measured.engine.stop();
    const again = measured.restart();
    client.socket.write(get('/next', 'Connection: close'));
    await once(site.server, 'request');
    begun[0]?.end();
    await client.closed;
    await measured.until(2);
    again.stop();
    assert.deepEqual(measured.outcomes(), ['/slow 200', '/next 200']);
    assert.equal(measured.active(), 0);
  },

  async 'of the app only, and nothing on the connections of a server of ours'(start) {
    const own = http.createServer((_, res) => res.end());
    await using measured = measure(start, { isOwn: (server) => server === own });
    const ours = await measured.serve(own);
    const app = await measured.serve((_, res) => res.end());
    for (const site of [ours, app]) {
      const client = site.send(get('/'));
      await client.receives('200 OK');
      client.socket.write('nonsense\r\n\r\n');
      await client.closed;
    }
    assert.deepEqual(measured.outcomes(), ['/ 200', 'undefined 400']);
  },
});

/** Gives the connection up when it is its turn to answer. */
const lost: RequestListener = (_request, response) => {
  response.on('socket', () => {
    response.write('x');
    response.destroy();
  });
};

engineContract('pipelined requests', {
  async 'are one observation each'(start) {
    await using measured = measure(start);
    const site = await measured.serve((req, res) => res.writeHead(Number(req.url?.slice(1))).end());
    await site.send(get('/200') + get('/201') + get('/200') + get('/404', 'Connection: close')).closed;
    assert.deepEqual(measured.outcomes(), ['/200 200', '/201 201', '/200 200', '/404 404']);
  },

  async 'count an answer that waits behind another as none'(start) {
    await using measured = measure(start);
    const site = await measured.serve(route({ '/begun': (_, res) => res.write('x'.repeat(1000)) }));
    const client = site.send(get('/begun') + get('/waits'));
    await client.receives('x');
    client.socket.destroy();
    await measured.until(2);
    assert.deepEqual(measured.outcomes(), ['/begun 200', '/waits aborted']);
  },

  ...Object.fromEntries(
    ['before', 'before, which is not measured'].map((which) => [
      `do not have the bytes of the answer ${which}`,
      async (start) => {
        await using measured = measure(start, { ignore: which === 'before' ? [] : ['/first'] });
        // More than the head of the next one.
        const first: RequestListener = (_, res) => void setImmediate(() => res.end('first'.repeat(100)));
        const site = await measured.serve(route({ '/first': first, '/lost': lost }));
        const client = site.send(get('/first') + get('/lost'));
        await client.closed;
        assert.match(client.received, /^HTTP\/1.1 200 OK\r\n.*first$/s);
        await until('the second is recorded', () => measured.recorded.some(({ url }) => url === '/lost'));
        assert.deepEqual(measured.outcomes().at(-1), '/lost destroyed');
      },
    ]),
  ),
});

const silent: RequestListener = ({ socket }) => void socket.removeAllListeners('close');

engineContract('a collection', {
  async 'ends a request whose socket has lost its listeners and is closed'(start) {
    await using measured = measure(start);
    const begun: RequestListener = ({ socket }, response) => {
      socket.removeAllListeners();
      response.write('x');
    };
    const site = await measured.serve(route({ '/silent': silent, '/begun': begun }));
    for (const [path, answer] of [['/silent'], ['/begun', 'x']] as const) {
      const connected = once(site.server, 'connection');
      const client = site.send(get(path));
      const [socket] = await connected;
      if (answer === undefined) await once(site.server, 'request');
      else await client.receives(answer);
      measured.engine.sweep();
      assert.equal(measured.active(), 1);
      socket.destroy();
      assert.equal(measured.active(), 1);
      measured.engine.sweep();
      assert.equal(measured.active(), 0);
    }
    assert.deepEqual(measured.outcomes(), ['/silent destroyed', '/begun 200']);
  },

  async 'leaves one alone whose request is over and whose client sends no more'(start) {
    await using measured = measure(start);
    const pending: ServerResponse[] = [];
    const site = await measured.serve((req, res) => void req.resume().on('end', () => pending.push(res)));
    Object.assign(site.server, { httpAllowHalfOpen: true });
    const client = site.send(get('/half', 'Connection: close'));
    client.socket.end();
    const response = await until('the request is over', () => pending[0]);
    measured.engine.sweep();
    assert.deepEqual([measured.active(), measured.recorded], [1, []]);
    response.end('late');
    await client.closed;
    assert.match(client.received, /late$/);
    assert.deepEqual(measured.outcomes(), ['/half 200']);
  },

  async 'finds the requests of a connection that it has already looked at'(start) {
    await using measured = measure(start);
    const site = await measured.serve(route({ '/silent': silent }));
    const connected = once(site.server, 'connection');
    const client = site.send(get('/'));
    await client.receives('/');
    measured.engine.sweep();
    client.socket.write(get('/silent'));
    await once(site.server, 'request');
    const [socket] = await connected;
    socket.destroy();
    measured.engine.sweep();
    assert.deepEqual(measured.outcomes().at(-1), '/silent destroyed');
    assert.equal(measured.active(), 0);
  },

  async 'is not needed to let go of what is closed silently'(start) {
    await using measured = measure(start);
    const { server } = await measured.serve(() => undefined);
    const MANY = 5000;
    for (let i = 0; i < MANY; i++) {
      const socket = Object.assign(new EventEmitter(), { destroyed: true });
      const request = { url: '/', method: 'GET', httpVersion: '1.1', headers: {}, socket };
      measured.engine.begin({
        request: request as unknown as IncomingMessage,
        response: { outputData: [] },
        socket,
        server,
      });
    }
    assert.ok(measured.active() <= 1001, String(measured.active()));
    assert.ok(measured.recorded.length >= MANY - 1001);
  },
});

/** Each has what must not be touched; what it throws where it is. */
const THROWN: Readonly<Record<string, (touch: () => never) => unknown>> = {
  null: () => null,
  undefined: () => undefined,
  NaN: () => Number.NaN,
  'a symbol': () => Symbol('thrown'),
  'a frozen error': () => Object.freeze(new Error('frozen')),
  'a proxy': (touch) => new Proxy({}, { get: touch, has: touch, ownKeys: touch, getPrototypeOf: touch }),
};

const thrown = (event: string, header: string, make: (touch: () => never) => unknown): Cases[string] =>
  async function check(start) {
    await using measured = measure(start);
    let touched = 0;
    const value = make(() => {
      touched++;
      throw new Error('touched');
    });
    let response: ServerResponse | undefined;
    const site = await measured.serve(
      http.createServer().on(event, (_, res) => {
        response = res;
        throw value;
      }),
    );
    // As `uncaughtException`, which the test runner has for itself.
    const caught = new Promise<{ error: unknown }>((resolve) =>
      process.setUncaughtExceptionCaptureCallback((error) => resolve({ error })),
    );
    const client = site.send(get('/', header, 'Connection: close'));
    const { error } = await caught;
    process.setUncaughtExceptionCaptureCallback(null);
    assert.ok(Object.is(error, value));
    assert.equal(touched, 0);
    response?.writeHead(503).end();
    await client.closed;
    assert.deepEqual(measured.outcomes(), ['/ 503']);
  };

const EVENTS = [
  ['request', 'X: y', Object.keys(THROWN)],
  ['checkContinue', 'Expect: 100-continue', ['null', 'a frozen error']],
  ['checkExpectation', 'Expect: more', ['null', 'a frozen error']],
] as const;

engineContract(
  'what handlers throw',
  Object.fromEntries(
    EVENTS.flatMap(([event, header, values]) =>
      values.map((what) => [
        `is the app's, and what it answers then is measured: ${what} at ${event}`,
        thrown(event, header, THROWN[what] ?? String),
      ]),
    ),
  ),
);

const certificates = makeCertificates();
const secrets = { ...certificates?.server };
const TO = { host: '127.0.0.1', rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] };
const answer = (_: unknown, response: { end(text: string): unknown }): void => void response.end('answered');

/** Two requests, each on a connection that is given to a server, by another one where there is one. */
const given = (
  scheme: 'http' | 'https',
  make: () => EventEmitter,
  front?: (onConnection: (socket: net.Socket) => void) => net.Server,
): Cases[string] =>
  async function check(start) {
    await using measured = measure(start);
    const server = make();
    const listening = front?.((socket) => server.emit('connection', socket)).listen(0, TO.host);
    if (listening !== undefined) await once(listening, 'listening');
    const open = (): Duplex => {
      if (listening === undefined) {
        const [inner, outer] = duplexPair();
        server.emit('connection', inner);
        return outer;
      }
      const to = { ...TO, port: (listening.address() as AddressInfo).port };
      return scheme === 'https' ? tls.connect(to) : net.connect(to);
    };
    for (const path of ['/items/1', '/items/2']) {
      const stream = open();
      const client = clientOf(stream);
      stream.write(get(path, 'Connection: close'));
      await client.receives('answered');
      stream.destroy();
    }
    await measured.until(2);
    assert.deepEqual(
      measured.recorded.map((each) => `${each.url} ${each.outcome} ${each.scheme}`),
      [`/items/1 200 ${scheme}`, `/items/2 200 ${scheme}`],
    );
    listening?.close();
  };

const http1 = () => http.createServer(answer);
const http2to1 = () => http2.createSecureServer({ ...secrets, allowHTTP1: true }, answer);
const ofSockets = (on: (socket: net.Socket) => void): net.Server => net.createServer(on);
const ofTls = (on: (socket: net.Socket) => void): net.Server => tls.createServer(secrets, on);

engineContract('connections that a server is given', {
  'by a server of sockets': given('http', http1, ofSockets),
  'by a server of TLS sockets': given('https', http1, ofTls),
  'by a server of sockets before an HTTPS server': given(
    'https',
    () => https.createServer(secrets, answer),
    ofSockets,
  ),
  'by a server of sockets before an HTTP/2 server that allows HTTP/1': given('https', http2to1, ofSockets),
  'as a pair of streams': given('http', http1),
});

const GARBAGE = 'GET / HTTP/1.1\r\nbroken header\r\n\r\n';
const LATE = { headersTimeout: 20, requestTimeout: 20, connectionsCheckingInterval: 10 };

/** What a client sends before the server closes its connection, and what is recorded of it besides a request to `/`. */
const rejected =
  (
    expected: readonly (readonly [status: number | string, errorType: string])[],
    send: (site: Site) => Promise<unknown>,
    make: () => http.Server = () => http.createServer(LATE),
  ): Cases[string] =>
  async (start) => {
    await using measured = measure(start);
    const server = make().on('request', (_, response) => response.end('answered'));
    const site = await measured.serve(server);
    await send(site);
    await site.send(get('/', 'Connection: close')).closed;
    await measured.until(expected.length);
    await server[Symbol.asyncDispose]();
    assert.deepEqual(
      measured.recorded
        .filter(({ url }) => url === undefined)
        .map((each) => [each.outcome, each.errorType, each.method, each.route]),
      expected.map((each) => [...each, '_OTHER', undefined]),
    );
    assert.equal(measured.active(), 0);
  };
const rejecting = (text: string) => (site: Site) => site.send(text).closed;
const closing = (text: string) => (site: Site) => {
  const client = site.send(text);
  client.socket.end();
  return client.closed;
};

engineContract('what Node.js rejects', {
  'is a request without method and route: a head that is malformed': rejected(
    [[400, 'malformed']],
    rejecting(GARBAGE),
  ),
  'a head that is too long': rejected([[431, 'malformed']], rejecting(get('/', `X: ${'x'.repeat(20_000)}`))),
  'a head that comes too late': rejected([[408, 'timeout']], rejecting('GET / HTTP/1.1\r\nHost:')),
  'what follows an answered request': rejected([[400, 'malformed']], async (site) => {
    const client = site.send(get('/'));
    await client.receives('answered');
    client.socket.write(GARBAGE);
    return client.closed;
  }),
  'what the app answers itself, on the socket': rejected(
    [['malformed', 'malformed']],
    rejecting(GARBAGE),
    () =>
      http
        .createServer()
        .on('clientError', (error, socket) =>
          socket.write('HTTP/1.1 418 No\r\n\r\n', () => socket.destroy(error)),
        ),
  ),
  'but not a client that says nothing': rejected([], rejecting('')),
  'nor one that goes away at once': rejected([], closing('')),
  'nor one that goes away within a head': rejected([], closing('GET / HT')),
});

engineContract('the URL that came in', {
  async 'gives the route and decides what is ignored, whatever the app makes of it'(start) {
    const sources = [createManualRoutes(['/api/users/:id', '/users/:wrong', '/v1/:a/:b'])];
    await using measured = measure(start, { sources, ignore: ['/healthz', '/v1/internal/*'] });
    const server = http.createServer((req, res) => {
      req.url = req.url?.replace('/api/', '/');
      res.end();
    });
    const { emit } = server;
    server.emit = (event: string, ...args: unknown[]) => {
      const [req] = args as IncomingMessage[];
      if (event === 'request' && req !== undefined) req.url = req.url?.replace('/v1/', '/');
      return Reflect.apply(emit, server, [event, ...args]);
    };
    const site = await measured.serve(server);
    const ignored = ['/healthz?deep', 'http://host/healthz', '/v1/internal/1'];
    const asked = [...ignored, '/api/users/1', 'http://host/api/users/5', '/v1/users/4', '//api/users/7'];
    site.send([...asked.map((target) => get(target)), 'OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n'].join(''));
    await measured.until(5);
    assert.deepEqual(
      measured.recorded.map(({ url, route }) => `${url} ${route}`),
      [
        ...['/users/1 /api/users/:id', 'http://host/users/5 /api/users/:id', '/users/4 /v1/:a/:b'],
        ...['//users/7 undefined', '* undefined'],
      ],
    );
  },
});
