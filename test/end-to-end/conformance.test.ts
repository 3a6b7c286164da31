import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { describe, it } from 'node:test';
import { AppProcess, samples } from '../app-process.ts';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND', 'QUERY'];
const STATUSES = [200, 201, 204, 301, 304, 400, 401, 404, 418, 429, 499, 500, 501, 503, 599, 600, 799];
const PATHS = [
  '/',
  '/users/1',
  '/users/a%2Fb',
  '/users/1/posts/2',
  '/users/1/posts',
  '/fails',
  '/nowhere',
  '/?q=1',
  '/USERS/3',
];

const HEADERS = [
  { host: 'example.org' },
  { 'x-forwarded-proto': 'https' },
  { 'x-forwarded-host': 'a.example', forwarded: 'for=1.2.3.4;proto=https' },
  { expect: '100-continue' },
  { 'user-agent': 'x'.repeat(2000) },
];
const RAW = ['GET / HTTP/1.0\r\n\r\n', 'GET http://x/y HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'];

async function send(base: string, method: string, path: string, headers = {}): Promise<void> {
  const outgoing = request(new URL(base), { method, path, headers, agent: false });
  outgoing.end(method === 'POST' ? 'body' : undefined);
  const [response] = await once(outgoing, 'response');
  response.resume();
  await once(response, 'end');
}

/** One raw exchange, for what a client library would not send. */
async function sendRaw(base: string, text: string): Promise<void> {
  const socket = connect(Number(new URL(base).port), '127.0.0.1');
  socket.end(text);
  socket.resume();
  await once(socket, 'close');
}

/** The data points of both engines after the same requests. */
async function compare(
  program: string,
  drive: (base: string) => Promise<unknown>,
): Promise<Record<string, number>[]> {
  const engines = ['lean', 'otel'].map(async (engine) => {
    const app = new AppProcess(program, {
      env: { ROUTEMETER_HTTP_ENGINE: engine, ROUTEMETER_ATTRIBUTES: '+network.protocol.version' },
    });
    await drive(await app.url());
    const exposition = await app.scrape();
    assert.equal(app.stderr.length, 1, app.stderr.join('\n'));
    await app.end();
    return samples(exposition, 'http_server_request_duration_seconds_count');
  });
  return Promise.all(engines);
}

describe('the lean engine and @opentelemetry/instrumentation-http give the same data points', () => {
  it('for every method and status on node:http', async () => {
    const [lean, otel] = await compare('http.mjs', async (base) => {
      for (const method of METHODS) {
        await send(base, method, '/');
      }
      for (const status of STATUSES) {
        for (const method of ['GET', 'POST', 'HEAD']) {
          await send(base, method, `/status/${status}`);
        }
      }
      for (const headers of HEADERS) await send(base, 'GET', '/echo', headers);
      for (const text of RAW) await sendRaw(base, text);
    });
    assert.deepEqual(lean, otel);
    assert.equal(
      Object.values(lean ?? {}).reduce((sum, count) => sum + count, 0),
      METHODS.length + 3 * STATUSES.length + HEADERS.length + RAW.length,
    );
  });

  it('for every route on Express', async () => {
    const [lean, otel] = await compare('express.mjs', async (base) => {
      for (const path of PATHS)
        for (const method of ['GET', 'HEAD', 'OPTIONS', 'POST']) await send(base, method, path);
    });
    assert.deepEqual(lean, otel);
    assert.ok(
      Object.keys(lean ?? {}).some((labels) => labels.includes('http_route="/users/:user/posts/:post"')),
    );
  });

  it('for every route on Fastify', async () => {
    const [lean, otel] = await compare('fastify.mjs', async (base) => {
      for (const path of ['/', '/users/1/posts/2', '/users/fails', '/nowhere']) {
        for (const method of ['GET', 'HEAD', 'POST']) await send(base, method, path);
      }
    });
    assert.deepEqual(lean, otel);
  });
});

/** As docs/http-metrics.md lists it: [what, how, labels]. */
const UNANSWERED: readonly (readonly [string, string, string])[] = [
  [
    'a client that goes away before the response begins',
    '/hang',
    'error_type="aborted",http_request_method="GET",url_scheme="http"',
  ],
  [
    'a connection that the server destroys without an answer',
    '/destroy',
    'error_type="aborted",http_request_method="GET",url_scheme="http"',
  ],
];

/** Requests that a server does not emit as `request`. */
const NOT_EMITTED: readonly (readonly [what: string, text: string, status: number])[] = [
  ['whose body is asked for', 'POST /a HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n\r\n', 202],
  ['with another expectation', 'GET /b HTTP/1.1\r\nHost: x\r\nExpect: more\r\n\r\n', 418],
  ['without a host', 'GET /c HTTP/1.1\r\n\r\n', 400],
  ['beyond those of a connection', 'GET /d HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(2), 503],
];

describe('both engines measure', () => {
  for (const engine of ['lean', 'otel']) {
    it(`requests that a server does not emit as such: ${engine}`, async () => {
      const app = new AppProcess(
        `import http from 'node:http';
        const answer = (status) => (_req, res) => { res.statusCode = status; res.end(); };
        const server = http.createServer(answer(200))
          .on('checkContinue', answer(202))
          .on('checkExpectation', answer(418))
          .listen(0, '127.0.0.1', () => console.log('http://127.0.0.1:' + server.address().port));
        server.maxRequestsPerSocket = 1;`,
        { env: { ROUTEMETER_HTTP_ENGINE: engine } },
      );
      const base = await app.url();
      for (const [, text] of NOT_EMITTED) await sendRaw(base, text);
      const statuses = new Map<number, number>();
      const counts = samples(await app.scrape(), 'http_server_request_duration_seconds_count');
      for (const [labels, count] of Object.entries(counts)) {
        statuses.set(Number(labels.match(/status_code="(\d+)"/)?.[1]), count);
      }
      assert.deepEqual(
        NOT_EMITTED.map(([what, , status]) => [what, statuses.get(status)]),
        NOT_EMITTED.map(([what]) => [what, 1]),
      );
    });

    for (const [what, path, expected] of UNANSWERED) {
      it(`${what}: ${engine}`, async () => {
        const app = new AppProcess('http.mjs', { env: { ROUTEMETER_HTTP_ENGINE: engine } });
        const socket = connect(Number(new URL(await app.url()).port), '127.0.0.1');
        socket.on('error', () => undefined);
        socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
        for (;;) {
          const exposition = await app.scrape();
          const found = samples(exposition, 'http_server_request_duration_seconds_count');
          if (Object.keys(found).length > 0) {
            assert.deepEqual(found, { [expected]: 1 });
            break;
          }
          if (Object.values(samples(exposition, 'http_server_active_requests')).includes(1)) socket.destroy();
        }
      });
    }
  }
});
