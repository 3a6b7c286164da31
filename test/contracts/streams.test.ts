/** What every engine tells apart from ordinary answers, since it lasts as long as both sides like. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import http, { type Server } from 'node:http';
import http2, { type OutgoingHttpHeaders } from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { createManualRoutes } from '../../src/instruments/routes/manual.ts';
import { get, measure, type Site } from '../instruments/http/measured.ts';
import { until } from '../until.ts';
import { type Cases, engineContract } from './engines.ts';

const EVENTS = { 'Content-Type': 'text/event-stream; charset=utf-8' };
const UPGRADE = ['Connection: Upgrade', 'Upgrade: WebSocket'];
const SWITCHING = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';

interface Stream {
  /** The request, and what the client gets before it leaves; if nothing, it waits for the server to leave. */
  readonly ask: string;
  readonly gets: string;
  readonly serve: (server: Server) => unknown;
  /** While it lasts; undefined if it is none. */
  readonly open: string | undefined;
  /** At its end: outcome, kind, and error. */
  readonly recorded: readonly [unknown, string | undefined, string | undefined];
}

const events =
  (head: OutgoingHttpHeaders, write = 'data: 1\n\n') =>
  (server: Server): Server =>
    server.on('request', (_, response) => response.writeHead(200, head).write(write));
/** Without this, a socket that was handed over stays half open. */
const closing = (socket: Duplex): Duplex => socket.resume().on('end', () => socket.end());
const handingOver =
  (event: 'upgrade' | 'connect', answer: (socket: Duplex) => unknown) =>
  (server: Server): Server =>
    server.on(event, (_request, socket: Duplex) => answer(closing(socket)));

const STREAMS: Readonly<Record<string, Stream>> = {
  'an event stream': {
    ask: get('/feeds/1'),
    gets: 'data: 1',
    serve: events(EVENTS),
    open: '/feeds/:id event_stream',
    recorded: [200, 'event_stream', undefined],
  },
  'an event stream of HTTP/1.0': {
    ask: 'GET /feeds/1 HTTP/1.0\r\n\r\n',
    gets: 'data: 1',
    serve: events(EVENTS),
    open: '/feeds/:id event_stream',
    recorded: [200, 'event_stream', undefined],
  },
  'an event stream that ends with the connection': {
    ask: get('/feeds/1'),
    gets: 'data: 1',
    serve: (server) =>
      server.on('request', (_, response) => {
        response.useChunkedEncodingByDefault = false;
        response.writeHead(200, EVENTS).write('data: 1\n\n');
      }),
    open: '/feeds/:id event_stream',
    recorded: [200, 'event_stream', undefined],
  },
  'not events of a known length': {
    ask: get('/feeds/1', 'Connection: close'),
    gets: '',
    serve: (server) =>
      server.on('request', (_, response) =>
        response.writeHead(200, { ...EVENTS, 'content-length': 9 }).end('data: 1\n\n'),
      ),
    open: undefined,
    recorded: [200, undefined, undefined],
  },
  'not no events': {
    ask: get('/feeds/1', 'Connection: close'),
    gets: '',
    serve: (server) => server.on('request', (_, response) => response.writeHead(204, EVENTS).end()),
    open: undefined,
    recorded: [204, undefined, undefined],
  },
  'not another answer without a length': {
    ask: get('/feeds/1'),
    gets: 'half',
    serve: events({ 'x-kind': 'text/event-stream', 'content-type': 'text/plain' }, 'half'),
    open: undefined,
    recorded: [200, undefined, 'aborted'],
  },
  'a WebSocket': {
    ask: get('/feeds/1', ...UPGRADE),
    gets: '101',
    serve: handingOver('upgrade', (socket) => socket.write(SWITCHING)),
    open: '/feeds/:id websocket',
    recorded: [101, 'websocket', undefined],
  },
  'a WebSocket, after an informational answer': {
    ask: get('/feeds/1', ...UPGRADE),
    gets: '101',
    serve: handingOver('upgrade', (socket) => {
      socket.write('HTTP/1.1 103 Early Hints\r\n\r\n');
      socket.write(SWITCHING);
    }),
    open: '/feeds/:id websocket',
    recorded: [101, 'websocket', undefined],
  },
  'a WebSocket that is accepted and then refused': {
    ask: get('/feeds/1', ...UPGRADE),
    gets: '101',
    serve: handingOver('upgrade', (socket) => {
      socket.write(SWITCHING);
      socket.write('HTTP/1.1 400 Bad Request\r\n\r\n');
    }),
    open: '/feeds/:id websocket',
    recorded: [101, 'websocket', undefined],
  },
  'a WebSocket that the handler of a request accepts': {
    ask: get('/feeds/1', ...UPGRADE),
    gets: '101',
    serve: (server) => server.on('request', ({ socket }) => closing(socket).write(SWITCHING)),
    open: '/feeds/:id websocket',
    recorded: [101, 'websocket', undefined],
  },
  'a WebSocket that the response of a request accepts': {
    ask: get('/feeds/1', ...UPGRADE),
    gets: '101',
    serve: (server) =>
      server.on('request', (_, response) => {
        response.writeHead(101, { connection: 'upgrade', upgrade: 'websocket' }).end();
      }),
    open: '/feeds/:id websocket',
    recorded: [101, 'websocket', undefined],
  },
  'another upgrade, answered with bytes': {
    ask: get('/feeds/1', 'Connection: Upgrade', 'Upgrade: x'),
    gets: '101',
    serve: handingOver('upgrade', (socket) => socket.write(Buffer.from(SWITCHING))),
    open: '/feeds/:id upgrade',
    recorded: [101, 'upgrade', undefined],
  },
  'a tunnel': {
    ask: 'CONNECT x:443 HTTP/1.1\r\nHost: x:443\r\n\r\n',
    gets: '200',
    serve: handingOver('connect', (socket) => socket.write('HTTP/1.1 200 Connection Established\r\n\r\n')),
    open: 'undefined connect',
    recorded: [200, 'connect', undefined],
  },
  'not a WebSocket that is refused': {
    ask: get('/feeds/1', ...UPGRADE),
    gets: '401',
    serve: handingOver('upgrade', (socket) => socket.end('HTTP/1.1 401 Unauthorized\r\n\r\n')),
    open: undefined,
    recorded: [401, undefined, undefined],
  },
  'not a WebSocket that is refused at once': {
    ask: get('/feeds/1', ...UPGRADE),
    gets: '',
    serve: handingOver('upgrade', (socket) => {
      socket.write('HTTP/1.1 401 Unauthorized\r\n\r\n');
      socket.destroy();
    }),
    open: undefined,
    recorded: [401, undefined, undefined],
  },
  'not a WebSocket that the handler of a request refuses': {
    ask: get('/feeds/1', ...UPGRADE),
    gets: '401',
    serve: (server) => server.on('request', ({ socket }) => socket.end('HTTP/1.1 401 Unauthorized\r\n\r\n')),
    open: undefined,
    recorded: [401, undefined, undefined],
  },
  'not a WebSocket whose connection the app ends': {
    ask: get('/feeds/1', ...UPGRADE),
    gets: '',
    serve: handingOver('upgrade', (socket) => socket.end()),
    open: undefined,
    recorded: ['destroyed', undefined, 'destroyed'],
  },
  'not a WebSocket that is answered in no language of ours': {
    ask: get('/feeds/1', ...UPGRADE),
    gets: '?',
    serve: handingOver('upgrade', (socket) => socket.end('?')),
    open: undefined,
    recorded: ['taken', undefined, 'taken'],
  },
  'not a WebSocket that is refused without an answer': {
    ask: get('/feeds/1', ...UPGRADE),
    gets: '',
    serve: handingOver('upgrade', (socket) => socket.destroy()),
    open: undefined,
    recorded: ['destroyed', undefined, 'destroyed'],
  },
  'not an upgrade that the app does not listen for': {
    ask: get('/feeds/1', ...UPGRADE, 'Connection: close'),
    gets: '200',
    serve: (server) => server.on('request', (_, response) => response.end('x')),
    open: undefined,
    recorded: [200, undefined, undefined],
  },
};

const sources = [createManualRoutes(['/feeds/:id'])];
const open = (streams: Iterable<{ route: string | undefined; kind: string }>): string[] =>
  [...streams].map(({ route, kind }) => `${route} ${kind}`);

/** Every request of a client on a connection of its own, which the client closes. */
const leaves = async (site: Site, { ask, gets }: Stream, check: () => Promise<void>): Promise<void> => {
  const client = site.send(ask);
  if (gets === '') await client.closed;
  else await client.receives(gets);
  await check();
  client.socket.destroy();
  await client.closed;
};

engineContract('streams', {
  ...Object.fromEntries(
    Object.entries(STREAMS).map(([what, stream]): [string, Cases[string]] => [
      `are told apart: ${what}`,
      async (start) => {
        await using measured = measure(start, { sources });
        const server = http.createServer();
        stream.serve(server);
        const site = await measured.serve(server);
        await leaves(site, stream, async () => {
          if (stream.open !== undefined)
            await until(() => open(measured.engine.streams())[0] === stream.open);
        });
        await measured.until(1);
        assert.deepEqual(open(measured.engine.streams()), []);
        assert.deepEqual(
          measured.recorded.map((each) => [each.outcome, each.streamKind, each.errorType]),
          [stream.recorded],
        );
        assert.equal(measured.active(), 0);
      },
    ]),
  ),

  async 'of HTTP/2'(start) {
    await using measured = measure(start, { sources });
    const servers = [
      http2.createServer((_request, response) => response.writeHead(200, EVENTS).write('data: 1\n\n')),
      http2.createServer().on('stream', (answer) => {
        answer.respond(EVENTS);
        answer.write('data: 1\n\n');
      }),
    ];
    for (const [index, server] of servers.entries()) {
      await once(server.listen(0, '127.0.0.1'), 'listening');
      const client = http2.connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
      const stream = client.request({ ':path': '/feeds/1' });
      await once(stream, 'data');
      assert.deepEqual(open(measured.engine.streams()), ['/feeds/:id event_stream']);
      stream.close();
      await measured.until(index + 1);
      assert.deepEqual(open(measured.engine.streams()), []);
      client.destroy();
      server.close();
    }
    assert.deepEqual(
      measured.recorded.map((each) => [each.outcome, each.streamKind, each.errorType]),
      servers.map(() => [200, 'event_stream', undefined]),
    );
  },

  async 'may be a WebSocket over HTTP/2'(start) {
    await using measured = measure(start, { sources });
    const settings = { settings: { enableConnectProtocol: true } };
    const accepted = { ':status': 200 };
    const servers = [
      http2
        .createServer(settings, (_request, response) => response.end())
        .on('connect', ({ stream }) => {
          stream.respond(accepted);
          stream.pipe(stream);
        }),
      http2.createServer(settings).on('stream', (stream) => {
        stream.respond(accepted);
        stream.pipe(stream);
      }),
    ];
    for (const [index, server] of servers.entries()) {
      await once(server.listen(0, '127.0.0.1'), 'listening');
      const client = http2.connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
      await once(client, 'remoteSettings');
      const stream = client.request({ ':method': 'CONNECT', ':protocol': 'websocket', ':path': '/feeds/1' });
      stream.write('echo');
      await once(stream, 'data');
      assert.deepEqual(open(measured.engine.streams()), ['/feeds/:id websocket']);
      stream.close();
      await measured.until(index + 1);
      client.destroy();
      server.close();
    }
    assert.deepEqual(
      measured.recorded.map((each) => [each.method, each.outcome, each.streamKind, each.errorType]),
      servers.map(() => ['CONNECT', 200, 'websocket', undefined]),
    );
    assert.deepEqual(open(measured.engine.streams()), []);
  },
});
