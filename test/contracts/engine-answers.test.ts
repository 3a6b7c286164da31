/** Engines record the status that the client got, whatever the app makes of the response. */
import assert from 'node:assert/strict';
import http, { type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { measure } from '../instruments/http/measured.ts';
import { until } from '../until.ts';
import { type Cases, engineContract } from './engines.ts';

interface Answer {
  /** Where the client leaves, the handler calls `over` before. */
  handle(request: IncomingMessage, response: ServerResponse, over: () => void, server: Server): void;
  /** The status that the client gets; undefined if it gets no answer. */
  readonly status: number | undefined;
  readonly method?: string;
  readonly version?: string;
  readonly headers?: readonly string[];
  readonly body?: string;
  /** What the client does when the handler has called `over`. */
  readonly leave?: (socket: Socket) => unknown;
}

const destroy = (socket: Socket): unknown => socket.destroy();
const EVENT_STREAM = { 'content-type': 'text/event-stream' };
const HINT = { link: '</a.css>; rel=preload' };
const MALFORMED = {
  method: 'POST',
  headers: ['Transfer-Encoding: chunked'],
  body: 'no size\r\n',
  status: 400,
} as const;

const ANSWERS: Readonly<Record<string, Answer>> = {
  'assigned after the end': {
    handle: (_, res) =>
      Object.assign(res.end('x'), { statusCode: 500, statusMessage: 'Internal Server Error' }),
    status: 200,
  },
  'assigned after writeHead': {
    handle: (_, res) => Object.assign(res.writeHead(404, 'OK'), { statusCode: 200 }).end('x'),
    status: 404,
  },
  'assigned after flushHeaders': {
    handle(_, res) {
      res.flushHeaders();
      res.statusCode = 500;
      setImmediate(() => res.end());
    },
    status: 200,
  },
  'assigned by a finish listener': {
    handle: (_, res) => res.prependListener('finish', () => Object.assign(res, { statusCode: 500 })).end('x'),
    status: 200,
  },
  'that looks like another in the reason phrase': {
    handle: (_, res) => res.writeHead(418, '500 Internal Server Error').end(),
    status: 418,
  },
  'under an accessor of a framework': {
    handle(_, res) {
      let code = 201;
      Object.defineProperty(res, 'statusCode', { get: () => code, set() {} });
      Object.defineProperty(res, 'headersSent', { value: false });
      res.end('x');
      code = 500;
    },
    status: 201,
  },
  'of a response that emits an error': {
    handle(_, res) {
      res.on('error', () => {}).emit('error', Object.assign(new Error('no'), { name: 'Broken\npipe' }));
      res.end('x');
    },
    status: 200,
  },
  'of HEAD': {
    method: 'HEAD',
    handle: (_, res) => Object.assign(res.writeHead(203).end('x'), { statusCode: 500 }),
    status: 203,
  },
  '204': { handle: (_, res) => Object.assign(res.writeHead(204).end(), { statusCode: 500 }), status: 204 },
  '304': {
    handle: (_, res) => Object.assign(Object.assign(res, { statusCode: 304 }).end(), { statusCode: 500 }),
    status: 304,
  },
  'of HTTP/1.0': {
    version: '1.0',
    handle: (_, res) => Object.assign(Object.assign(res, { statusCode: 202 }).end('x'), { statusCode: 500 }),
    status: 202,
  },
  'after informational responses': {
    handle(_, res) {
      res.writeContinue();
      res.writeProcessing();
      res.writeEarlyHints(HINT, () => {
        res.statusCode = 202;
        res.end('x');
        res.statusCode = 500;
      });
    },
    status: 202,
  },
  'of a write to a response that has ended': {
    handle: (_, res) =>
      res
        .on('error', () => {})
        .end('x')
        .write('y'),
    status: 200,
  },
  'of half an answer that the server gives up': {
    handle: (_, res) => res.write('x', () => res.destroy()),
    status: 200,
  },
  'of half an answer that the client gives up': {
    handle(_, res, over) {
      res.write('x');
      over();
    },
    status: 200,
    leave: destroy,
  },
  'of an event stream that has flushed its head': {
    handle(_, res, over) {
      res.writeHead(200, EVENT_STREAM).flushHeaders();
      over();
    },
    status: 200,
    leave: destroy,
  },
  'of a socket without its listeners': {
    handle({ socket }, res, over) {
      socket.removeAllListeners('close');
      res.write('x');
      over();
    },
    status: 200,
    leave: destroy,
  },
  'of a malformed body, by Node.js itself': { ...MALFORMED, handle: (req) => req.resume() },
  'of a malformed body, when the head waits': {
    ...MALFORMED,
    handle(req, res) {
      req.resume();
      res.writeHead(200);
    },
  },
  'of a body that comes too late, by Node.js itself': {
    method: 'POST',
    headers: ['Content-Length: 5'],
    handle(req, _, __, server) {
      req.resume();
      server.requestTimeout = 1;
    },
    status: 408,
  },
  'corked when the client closes its side, which the server allows': {
    handle({ socket }, res, over, server) {
      Object.assign(server, { httpAllowHalfOpen: true });
      res.writeProcessing();
      res.cork();
      res.write('x');
      socket.on('end', () => {
        Object.assign(server, { httpAllowHalfOpen: false });
        res.uncork();
        res.write('y', () => res.destroy());
      });
      over();
    },
    status: 200,
    leave: (socket) => socket.end(),
  },
  'none: a client that goes away before the response begins': {
    handle: (_, __, over) => over(),
    status: undefined,
    leave: destroy,
  },
  'none: a connection that the server destroys without an answer': {
    handle: (req) => req.socket.destroy(),
    status: undefined,
  },
  'none: writeHead, then destroy': { handle: (_, res) => res.writeHead(200).destroy(), status: undefined },
  'none: write and destroy at once': {
    handle(_, res) {
      res.write('x');
      res.destroy();
    },
    status: undefined,
  },
  'none: corked': {
    handle(_, res) {
      res.cork();
      res.write('x');
      setImmediate(() => res.destroy());
    },
    status: undefined,
  },
  'none: corked, and the client is gone': {
    handle(_, res, over) {
      res.cork();
      res.write('x');
      over();
    },
    status: undefined,
    leave: (socket) => socket.resetAndDestroy(),
  },
  'none: corked, and the client is gone without a reset': {
    handle(_, res, over) {
      res.cork();
      res.writeHead(200).write('x');
      over();
    },
    status: undefined,
    leave: destroy,
  },
  'none: an event stream that has said nothing yet': {
    handle(_, res, over) {
      res.writeHead(200, EVENT_STREAM);
      over();
    },
    status: undefined,
    leave: destroy,
  },
  'none: 100 is no answer': {
    handle: (_, res) =>
      res.writeContinue(() => {
        res.write('x');
        res.destroy();
      }),
    status: undefined,
  },
  'none: 103 is no answer': {
    handle: (_, res) =>
      res.writeEarlyHints(HINT, () => {
        res.write('x');
        res.destroy();
      }),
    status: undefined,
  },
  'none: the socket was ended before': {
    handle({ socket }, res) {
      socket.end();
      res.end('x');
    },
    status: undefined,
  },
  'none: the socket was destroyed before': {
    handle({ socket }, res) {
      socket.destroy();
      res.writeHead(200, { 'content-length': 1 }).write('x');
      res.end();
    },
    status: undefined,
  },
  'none: a length that the body does not have': {
    handle(_, res) {
      res.strictContentLength = true;
      res.writeHead(200, { 'content-length': 10 });
      assert.throws(() => res.end('x'));
      res.destroy();
    },
    status: undefined,
  },
  'none: a socket without its listeners': {
    handle({ socket }, _, over) {
      socket.removeAllListeners('close');
      over();
    },
    status: undefined,
    leave: destroy,
  },
};

const cases: Cases = Object.fromEntries(
  Object.entries(ANSWERS).map(([what, answer]) => [
    what,
    async (start) => {
      const { handle, status, method = 'GET', version = '1.1', headers = [], body = '', leave } = answer;
      await using measured = measure(start);
      let over = (): void => {};
      const isOver = new Promise<void>((resolve) => {
        over = resolve;
      });
      const times = { requestTimeout: 0, headersTimeout: 0, connectionsCheckingInterval: 10 };
      const server = http.createServer(times, (req, res) => handle(req, res, over, server));
      const site = await measured.serve(server);
      const head = [`${method} / HTTP/${version}`, 'Host: x', 'Connection: close', ...headers];
      const client = site.send(`${head.join('\r\n')}\r\n\r\n${body}`);
      if (leave !== undefined) {
        await isOver;
        if (status !== undefined) await client.receives('HTTP/1.1');
        leave(client.socket);
      }
      await client.closed;
      const statuses = [...client.received.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, text]) => Number(text));
      assert.equal(
        statuses.find((each) => each >= 200),
        status,
      );
      await until('the request is recorded', () => {
        measured.engine.sweep();
        return measured.recorded.length > 0;
      });
      assert.deepEqual(
        measured.recorded.map((each) => [each.method, each.outcome, each.errorType]),
        [[method, status ?? 'aborted', status === undefined ? 'aborted' : undefined]],
      );
      assert.equal(measured.active(), 0);
    },
  ]),
);

engineContract('the status that the client got', cases);
