/** Engines record the status that the client got, whatever the app makes of the response. */
import assert from 'node:assert/strict';
import http, { type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Cut } from '../../src/instruments/http/cut.ts';
import { measure } from '../instruments/http/measured.ts';
import { until } from '../until.ts';
import { engineContract } from './engines.ts';

type Handle = (response: ServerResponse, request: IncomingMessage, server: Server) => unknown;

interface Sent {
  readonly method?: string;
  readonly version?: string;
  readonly headers?: readonly string[];
  readonly body?: string;
  /** What the client does when the handler has run and, if there is an answer, some of that has arrived. */
  readonly leave?: (socket: Socket) => unknown;
}

const GONE: Sent = { leave: (socket) => socket.destroy() };
const MALFORMED: Sent = { method: 'POST', headers: ['Transfer-Encoding: chunked'], body: 'no size\r\n' };
/** More than a system takes at once. */
const LARGE = 'x'.repeat(1 << 25);
const HINT = { link: '</a.css>; rel=preload' };

/** What no response that has begun should be read for. */
const lie = (response: ServerResponse): unknown =>
  Object.assign(response, { statusCode: 500, statusMessage: 'Internal Server Error' });

const ignoring = (response: ServerResponse) => response.on('error', () => {});

const eventStream = (response: ServerResponse) =>
  response.writeHead(200, { 'content-type': 'text/event-stream' });
const silence = ({ socket }: IncomingMessage) => socket.removeAllListeners('close');

const corked = (response: ServerResponse): void => {
  response.cork();
  response.write('x');
};
const writeAndDestroy = (response: ServerResponse): void => {
  response.write('x');
  response.destroy();
};

const ANSWERED: Readonly<
  Record<string, readonly [status: number, handle: Handle, sent?: Sent | undefined, cut?: Cut]>
> = {
  'assigned after the end': [200, (res) => lie(res.end('x'))],
  'assigned after writeHead': [404, (res) => Object.assign(res.writeHead(404), { statusCode: 200 }).end('x')],
  'assigned after flushHeaders': [
    200,
    (res) => {
      res.flushHeaders();
      lie(res);
      setImmediate(() => res.end());
    },
  ],
  'assigned by a finish listener': [200, (res) => res.prependListener('finish', () => lie(res)).end('x')],
  'before a reason phrase of another': [418, (res) => res.writeHead(418, '500 Internal Server Error').end()],
  'under an accessor of a framework': [
    201,
    (res) => {
      let code = 201;
      Object.defineProperty(res, 'statusCode', { get: () => code, set() {} });
      Object.defineProperty(res, 'headersSent', { value: false });
      res.end('x');
      code = 500;
    },
  ],
  'of a response that emits an error': [
    200,
    (res) => {
      ignoring(res).emit('error', Object.assign(new Error('no'), { name: 'Broken\npipe' }));
      res.end('x');
    },
  ],
  'of HEAD': [203, (res) => lie(res.writeHead(203).end('x')), { method: 'HEAD' }],
  '304': [304, (res) => lie(Object.assign(res, { statusCode: 304 }).end())],
  'of HTTP/1.0': [202, (res) => lie(Object.assign(res, { statusCode: 202 }).end('x')), { version: '1.0' }],
  'after informational responses': [
    202,
    (res) => {
      res.writeContinue();
      res.writeProcessing();
      res.writeEarlyHints(HINT, () => lie(Object.assign(res, { statusCode: 202 }).end('x')));
    },
  ],
  'of a write to a response that has ended': [200, (res) => ignoring(res).end('x').write('y')],
  'of half an answer that the server gives up': [
    200,
    (res) => res.write('x', () => res.destroy()),
    undefined,
    'destroyed',
  ],
  'of half an answer that the client gives up': [200, (res) => res.write('x'), GONE, 'aborted'],
  'of an answer as long as promised that has not ended': [
    200,
    (res) => res.writeHead(200, { 'content-length': 2 }).write('ok'),
    GONE,
  ],
  'of an answer as long as promised that waits to be sent, and has ended': [
    200,
    (res) => res.end(LARGE),
    GONE,
    'aborted',
  ],
  'of an answer as long as promised that waits to be sent, and has not ended': [
    200,
    (res) => res.writeHead(200, { 'content-length': LARGE.length }).write(LARGE),
    GONE,
    'aborted',
  ],
  'of half an answer, on a socket that the server then ends': [
    200,
    (res, { socket }) => res.write('x', () => socket.end()),
    undefined,
    'destroyed',
  ],
  'of an event stream that has flushed its head': [200, (res) => eventStream(res).flushHeaders(), GONE],
  'of a socket without its listeners': [200, (res, req) => silence(req) && res.write('x'), GONE, 'aborted'],
  'of a malformed body, by Node.js itself': [400, (_, req) => req.resume(), MALFORMED, 'malformed'],
  'of a malformed body, if the head waits': [
    400,
    (res, req) => res.writeHead(200) && req.resume(),
    MALFORMED,
    'malformed',
  ],
  'of a body that comes too late, by Node.js itself': [
    408,
    (_, req, server) => Object.assign(server, { requestTimeout: 1 }) && req.resume(),
    { method: 'POST', headers: ['Content-Length: 5'] },
    'timeout',
  ],
  'corked when the client closes its side, which the server allows': [
    200,
    (res, { socket }, server) => {
      Object.assign(server, { httpAllowHalfOpen: true });
      res.writeProcessing();
      corked(res);
      socket.on('end', () => {
        Object.assign(server, { httpAllowHalfOpen: false });
        res.uncork();
        res.write('y', () => res.destroy());
      });
    },
    { leave: (socket) => socket.end() },
    'aborted',
  ],
};

/** What ends without any, and why. */
const NONE: Readonly<Record<string, readonly [cut: Cut, handle: Handle, sent?: Sent]>> = {
  'a client that goes away before the response begins': ['aborted', () => undefined, GONE],
  'a connection that the server destroys without an answer': ['destroyed', (_, req) => req.socket.destroy()],
  'writeHead, then destroy': ['destroyed', (res) => res.writeHead(200).destroy()],
  'write and destroy at once': ['destroyed', writeAndDestroy],
  corked: ['destroyed', (res) => [corked(res), setImmediate(() => res.destroy())]],
  'corked, and the client is gone': ['aborted', corked, { leave: (socket) => socket.resetAndDestroy() }],
  'corked, and the client is gone without a reset': ['aborted', (res) => corked(res.writeHead(200)), GONE],
  'an event stream that has said nothing yet': ['aborted', eventStream, GONE],
  '100 is no answer': ['destroyed', (res) => res.writeContinue(() => writeAndDestroy(res))],
  '103 is no answer': ['destroyed', (res) => res.writeEarlyHints(HINT, () => writeAndDestroy(res))],
  'the socket was ended before': ['destroyed', (res, { socket }) => socket.end() && res.end('x')],
  'the socket was ended without an answer': ['destroyed', (_, { socket }) => socket.end()],
  'the app answers on the socket itself': ['taken', (_, { socket }) => socket.end('not by a response')],
  'the app answers on a socket that it has taken from the response': [
    'taken',
    (res, { socket }) => {
      res.detachSocket(socket);
      socket.end('not by a response');
    },
  ],
  'the socket was destroyed before': [
    'destroyed',
    (res, { socket }) => {
      socket.destroy();
      res.writeHead(200, { 'content-length': 1 }).write('x');
      res.end();
    },
  ],
  'a length that the body does not have': [
    'destroyed',
    (res) => {
      res.strictContentLength = true;
      res.writeHead(200, { 'content-length': 10 });
      assert.throws(() => res.end('x'));
      res.destroy();
    },
  ],
  'a socket without its listeners': ['aborted', (_, req) => silence(req), GONE],
};

const cases: readonly (readonly [
  string,
  number | undefined,
  Cut | undefined,
  Handle,
  (Sent | undefined)?,
])[] = [
  ...Object.entries(ANSWERED).map(
    ([what, [status, handle, sent, cut]]) => [what, status, cut, handle, sent] as const,
  ),
  ...Object.entries(NONE).map(
    ([what, [cut, ...rest]]) => [`none: ${what}`, undefined, cut, ...rest] as const,
  ),
];

engineContract(
  'the status that the client got',
  Object.fromEntries(
    cases.map(([what, status, cut, handle, sent = {}]) => [
      what,
      async (start) => {
        const { method = 'GET', version = '1.1', headers = [], body = '', leave } = sent;
        await using measured = measure(start);
        const times = { requestTimeout: 0, headersTimeout: 0, connectionsCheckingInterval: 10 };
        let handled = false;
        const server = http.createServer(times, (req, res) => {
          handle(res, req, server);
          handled = true;
        });
        const site = await measured.serve(server);
        const head = [`${method} / HTTP/${version}`, 'Host: x', 'Connection: close', ...headers];
        const client = site.send(`${head.join('\r\n')}\r\n\r\n${body}`);
        if (leave !== undefined) {
          await until('the handler has run', () => handled);
          if (status !== undefined) await client.receives('HTTP/1.1');
          leave(client.socket);
        }
        await client.closed;
        const statuses = [...client.received.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, text]) => Number(text));
        const got = statuses.find((each) => each >= 200);
        assert.equal(got, status);
        await until('the request is recorded', () => {
          measured.engine.sweep();
          return measured.recorded.length > 0;
        });
        const seen = measured.recorded.map((each) => [each.method, each.outcome, each.errorType]);
        assert.deepEqual(seen, [[method, status ?? cut, cut]]);
        assert.equal(measured.active(), 0);
      },
    ]),
  ),
);
