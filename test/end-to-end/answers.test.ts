import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, it } from 'node:test';
import { AppProcess, samples } from '../app-process.ts';

/** What the client does when the handler has run. */
type Leave = (socket: Socket) => unknown;

interface Answer {
  readonly what: string;
  /** The body of a handler of `req` and `res`; where the client leaves, it calls `over` before. */
  readonly handler: string;
  /** The status that the client gets; undefined where it gets no answer. */
  readonly status: number | undefined;
  readonly method?: string;
  readonly version?: string;
  readonly headers?: readonly string[];
  readonly body?: string;
  readonly leave?: Leave;
}

const ANSWERS: readonly Answer[] = [
  { what: 'assigned after the end', handler: `res.end('x'); res.statusCode = 500;`, status: 200 },
  {
    what: 'assigned after the end, with its reason phrase',
    handler: `res.end('x'); res.statusCode = 500; res.statusMessage = 'Internal Server Error';`,
    status: 200,
  },
  {
    what: 'assigned after writeHead',
    handler: `res.writeHead(404, 'OK'); res.statusCode = 200; res.end('x');`,
    status: 404,
  },
  {
    what: 'assigned after flushHeaders',
    handler: `res.flushHeaders(); res.statusCode = 500; setImmediate(() => res.end());`,
    status: 200,
  },
  {
    what: 'assigned by a finish listener',
    handler: `res.prependListener('finish', () => { res.statusCode = 500; }); res.end('x');`,
    status: 200,
  },
  {
    what: 'that looks like another in the reason phrase',
    handler: `res.writeHead(418, '500 Internal Server Error'); res.end();`,
    status: 418,
  },
  {
    what: 'under an accessor of a framework',
    handler: `let code = 201;
      Object.defineProperty(res, 'statusCode', { get: () => code, set() {} });
      Object.defineProperty(res, 'headersSent', { value: false });
      res.end('x');
      code = 500;`,
    status: 201,
  },
  {
    what: 'of HEAD',
    method: 'HEAD',
    handler: `res.writeHead(203); res.end('x'); res.statusCode = 500;`,
    status: 203,
  },
  { what: '204', handler: `res.writeHead(204); res.end(); res.statusCode = 500;`, status: 204 },
  { what: '304', handler: `res.statusCode = 304; res.end(); res.statusCode = 500;`, status: 304 },
  {
    what: 'of HTTP/1.0',
    version: '1.0',
    handler: `res.statusCode = 202; res.end('x'); res.statusCode = 500;`,
    status: 202,
  },
  {
    what: 'after informational responses',
    handler: `res.writeContinue(); res.writeProcessing(); res.writeEarlyHints({ link: '</a.css>; rel=preload' }, () => {
        res.statusCode = 202; res.end('x'); res.statusCode = 500;
      });`,
    status: 202,
  },
  {
    what: 'of a write to a response that has ended',
    handler: `res.on('error', () => {}); res.end('x'); res.write('y');`,
    status: 200,
  },
  {
    what: 'of half an answer that the server gives up',
    handler: `res.write('x', () => res.destroy());`,
    status: 200,
  },
  {
    what: 'of half an answer that the client gives up',
    handler: `res.write('x'); over();`,
    status: 200,
    leave: (socket) => socket.destroy(),
  },
  {
    what: 'of an event stream that has flushed its head',
    handler: `res.writeHead(200, { 'content-type': 'text/event-stream' }); res.flushHeaders(); over();`,
    status: 200,
    leave: (socket) => socket.destroy(),
  },
  {
    what: 'of a socket without its listeners',
    handler: `req.socket.removeAllListeners('close'); res.write('x'); over();`,
    status: 200,
    leave: (socket) => socket.destroy(),
  },
  {
    what: 'of a malformed body, by Node.js itself',
    method: 'POST',
    headers: ['Transfer-Encoding: chunked'],
    body: 'no size\r\n',
    handler: `req.resume();`,
    status: 400,
  },
  {
    what: 'of a malformed body, when the head waits',
    method: 'POST',
    headers: ['Transfer-Encoding: chunked'],
    body: 'no size\r\n',
    handler: `req.resume(); res.writeHead(200);`,
    status: 400,
  },
  {
    what: 'of a body that comes too late, by Node.js itself',
    method: 'POST',
    headers: ['Content-Length: 5'],
    handler: `req.resume();
      server.requestTimeout = 1;
      res.on('close', () => { server.requestTimeout = 0; });`,
    status: 408,
  },
  { what: 'none: writeHead, then destroy', handler: `res.writeHead(200); res.destroy();`, status: undefined },
  { what: 'none: write and destroy at once', handler: `res.write('x'); res.destroy();`, status: undefined },
  {
    what: 'none: corked',
    handler: `res.cork(); res.write('x'); setImmediate(() => res.destroy());`,
    status: undefined,
  },
  {
    what: 'none: corked, and the client is gone',
    handler: `res.cork(); res.write('x'); over();`,
    status: undefined,
    leave: (socket) => socket.resetAndDestroy(),
  },
  {
    what: 'none: corked, and the client is gone without a reset',
    handler: `res.cork(); res.writeHead(200); res.write('x'); over();`,
    status: undefined,
    leave: (socket) => socket.destroy(),
  },
  {
    what: 'corked when the client closes its side, which the server allows',
    handler: `server.httpAllowHalfOpen = true;
      res.writeProcessing();
      res.cork();
      res.write('x');
      req.socket.on('end', () => {
        server.httpAllowHalfOpen = false;
        res.uncork();
        res.write('y', () => res.destroy());
      });
      over();`,
    status: 200,
    leave: (socket) => socket.end(),
  },
  {
    what: 'none: an event stream that has said nothing yet',
    handler: `res.writeHead(200, { 'content-type': 'text/event-stream' }); over();`,
    status: undefined,
    leave: (socket) => socket.destroy(),
  },
  {
    what: 'none: 100 is no answer',
    handler: `res.writeContinue(() => { res.write('x'); res.destroy(); });`,
    status: undefined,
  },
  {
    what: 'none: 103 is no answer',
    handler: `res.writeEarlyHints({ link: '</a.css>; rel=preload' }, () => { res.write('x'); res.destroy(); });`,
    status: undefined,
  },
  {
    what: 'none: the socket was ended before',
    handler: `req.socket.end(); res.end('x');`,
    status: undefined,
  },
  {
    what: 'none: the socket was destroyed before',
    handler: `req.socket.destroy(); res.writeHead(200, { 'content-length': 1 }); res.write('x'); res.end();`,
    status: undefined,
  },
  {
    what: 'none: a length that the body does not have',
    handler: `res.strictContentLength = true;
      res.writeHead(200, { 'content-length': 10 });
      try { res.end('x'); } catch { res.destroy(); }`,
    status: undefined,
  },
  {
    what: 'none: a socket without its listeners',
    handler: `req.socket.removeAllListeners('close'); over();`,
    status: undefined,
    leave: (socket) => socket.destroy(),
  },
  {
    what: 'none: a socket that is reset while it ends',
    handler: `req.socket.end(); req.socket.resetAndDestroy();`,
    status: undefined,
  },
];

const path = (index: number): string => `/answers/${index}`;

const APP = `
import http from 'node:http';
const handlers = [${ANSWERS.map(({ handler }) => `(req, res, over) => { ${handler} }`).join(',\n')}];
const server = http.createServer(
  { requestTimeout: 0, headersTimeout: 0, connectionsCheckingInterval: 10 },
  (req, res) => handlers[Number(req.url.slice(9))](req, res, () => console.log(req.url + ' is over')),
);
server.listen(0, '127.0.0.1', () => console.log('http://127.0.0.1:' + server.address().port));
`;

/** The status that a client gets; undefined if it gets no answer. */
async function ask(
  app: AppProcess,
  index: number,
  { method = 'GET', version = '1.1', headers = [], body = '', status, leave }: Answer,
): Promise<number | undefined> {
  const socket = connect(Number(new URL(await app.url()).port), '127.0.0.1');
  const closed = new Promise((resolve) => socket.on('error', () => undefined).on('close', resolve));
  let received = '';
  socket.on('data', (data) => {
    received += data;
  });
  const lines = [`${method} ${path(index)} HTTP/${version}`, 'Host: x', 'Connection: close', ...headers];
  socket.write(`${lines.join('\r\n')}\r\n\r\n${body}`);
  if (leave !== undefined) {
    await app.line('stdout', new RegExp(`^${path(index)} is over$`));
    while (status !== undefined && received === '') await once(socket, 'data');
    leave(socket);
  }
  await closed;
  const statuses = [...received.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status));
  return statuses.find((each) => each >= 200);
}

/** The labels of the requests to a path, when they are counted. */
async function counted(app: AppProcess, index: number): Promise<string[]> {
  for (;;) {
    const counts = samples(await app.scrape(), 'http_server_request_duration_seconds_count');
    const found = Object.keys(counts).filter((labels) => labels.includes(`http_route="${path(index)}"`));
    if (found.length > 0) return found;
  }
}

for (const engine of ['lean', 'otel']) {
  describe(`the status that the client got, by the ${engine} engine:`, () => {
    const app = new AppProcess(APP, {
      env: {
        ROUTEMETER_HTTP_ENGINE: engine,
        ROUTEMETER_ROUTES: ANSWERS.map((_, index) => path(index)).join(),
      },
    });

    for (const [index, answer] of ANSWERS.entries()) {
      const { what, method = 'GET', status } = answer;
      it(what, async () => {
        assert.equal(await ask(app, index, answer), status);
        const error = status === undefined ? 'error_type="aborted",' : '';
        const code = status === undefined ? '' : `http_response_status_code="${status}",`;
        assert.deepEqual(await counted(app, index), [
          `${error}http_request_method="${method}",${code}http_route="${path(index)}",url_scheme="http"`.replace(
            /(http_response_status_code="\d+",)(http_route="[^"]+",)/,
            '$1$2',
          ),
        ]);
      });
    }

    it('and no request stays active', async () => {
      const active = Object.values(samples(await app.scrape(), 'http_server_active_requests'));
      assert.deepEqual([...new Set(active)], [0]);
      assert.equal(app.stderr.length, 1, app.stderr.join('\n'));
    });
  });
}
