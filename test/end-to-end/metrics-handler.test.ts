/** The metrics on the app's own port, by whatever way its framework calls a handler. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { metricsHandler } from '../../src/api/metrics-handler.ts';
import { AppProcess, requestCounts } from '../app-process.ts';
import { freePort } from '../ports.ts';
import { until } from '../until.ts';

/** How an app serves `/a` and `/metrics`; `served` prints where it listens. */
const SERVERS: Readonly<Record<string, string>> = {
  'node:http': `
    import { createServer } from 'node:http';
    const handler = metricsHandler();
    served(createServer((request, response) => {
      if (request.url.startsWith('/metrics')) return handler(request, response);
      response.end('a');
    }));`,
  Express: `
    import express from 'express';
    import { createServer } from 'node:http';
    const app = express();
    app.get('/a', (request, response) => response.send('a'));
    app.use('/metrics', metricsHandler());
    served(createServer(app));`,
  Fastify: `
    import fastify from 'fastify';
    const app = fastify();
    app.get('/a', async () => 'a');
    app.route({ method: ['GET', 'HEAD', 'POST'], url: '/metrics', handler: metricsHandler(), exposeHeadRoute: false });
    await app.ready();
    served(app.server);`,
  Koa: `
    import { createServer } from 'node:http';
    const handler = metricsHandler();
    served(createServer(async (req, res) => {
      const context = { req, res, respond: true, method: req.method, headers: req.headers, url: req.url };
      if (req.url.startsWith('/metrics')) await handler(context, async () => {});
      if (context.respond) res.end('a');
    }));`,
  'a Request': `
    import { createServer } from 'node:http';
    import { Readable } from 'node:stream';
    const handler = metricsHandler();
    served(createServer(async (req, res) => {
      if (!req.url.startsWith('/metrics')) return res.end('a');
      const request = new Request('http://app' + req.url, { method: req.method, headers: req.headers });
      const { status, headers, body } = await handler(WRAPPED);
      res.writeHead(status, Object.fromEntries(headers));
      if (body === null) res.end();
      else Readable.fromWeb(body).pipe(res);
    }));`,
};

const WRAPPINGS = { 'a Request': 'request', Hono: '{ req: { raw: request } }', 'an event': '{ request }' };

const program = (server: string, wrapped = 'request'): string => `
  import { metricsHandler } from 'routemeter';
  const served = (server) => server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () =>
    console.log('http://127.0.0.1:' + server.address().port));
  ${server.replace('WRAPPED', wrapped)}`;

const PROGRAMS: readonly (readonly [name: string, text: string])[] = [
  ...Object.entries(SERVERS).flatMap(([name, server]) =>
    name === 'a Request'
      ? Object.entries(WRAPPINGS).map(([way, wrapped]) => [way, program(server, wrapped)] as const)
      : [[name, program(server)] as const],
  ),
];

const OPEN_METRICS = 'application/openmetrics-text;version=1.0.0';

describe('metricsHandler serves the metrics, and is not measured itself, in', () => {
  for (const [name, text] of PROGRAMS) {
    it(name, async () => {
      const app = new AppProcess(text);
      const url = await app.url();
      assert.equal((await app.get('/a')).body, 'a');
      const served = await until('the request is counted', async () => {
        const { status, body } = await app.get('/metrics');
        assert.equal(status, 200);
        return Object.keys(requestCounts(body)).length > 0 && body;
      });
      const expected = name === 'Express' || name === 'Fastify' ? 'GET /a 200' : 'GET - 200';
      assert.deepEqual(requestCounts(served), { [expected]: 1 });

      const asked = await fetch(`${url}/metrics?name[]=http_server_request_duration_seconds`, {
        headers: { accept: OPEN_METRICS },
      });
      assert.match(
        asked.headers.get('content-type') ?? '',
        /^application\/openmetrics-text; version=1\.0\.0/,
      );
      const body = await asked.text();
      assert.match(body, /# EOF\n$/);
      assert.deepEqual(body.match(/^# TYPE .*$/gm), [
        '# TYPE http_server_request_duration_seconds histogram',
      ]);

      const head = await fetch(`${url}/metrics`, { method: 'HEAD' });
      assert.deepEqual([head.status, await head.text()], [200, '']);
      assert.equal((await fetch(`${url}/metrics`, { method: 'POST' })).status, 405);
      assert.deepEqual(requestCounts((await app.get('/metrics')).body), { [expected]: 1 });
      await app.end();
    });
  }
});

it('a client that accepts gzip gets gzip', async () => {
  const app = new AppProcess(program(SERVERS['node:http'] ?? ''));
  const url = await app.url();
  await app.endpoint();
  const asked = request(`${url}/metrics`, { headers: { 'accept-encoding': 'gzip' } }).end();
  const [response]: IncomingMessage[] = await once(asked, 'response');
  assert.ok(response);
  assert.equal(response.headers['content-encoding'], 'gzip');
  assert.match(gunzipSync(Buffer.concat(await response.toArray())).toString(), /^# HELP target_info/);
  await app.end();
});

const NOT_SERVED = 'No metrics: routemeter does not run, or not with the prometheus exporter.\n';
for (const [what, options] of [
  ['without the preload', { flags: [] }],
  ['without the prometheus exporter', { env: { OTEL_METRICS_EXPORTER: 'console' } }],
] as const) {
  it(`${what} the answer is 503`, async () => {
    const app = new AppProcess(program(SERVERS['node:http'] ?? ''), options);
    assert.deepEqual(await app.get('/metrics'), { status: 503, body: NOT_SERVED });
    await app.end();
  });
}

it('a call with something else is rejected with what is accepted', async () => {
  const handler = metricsHandler();
  await assert.rejects(Reflect.apply(handler, undefined, [{}, {}]), {
    name: 'TypeError',
    message: 'metricsHandler: called with neither a request and a response of Node.js nor a Request',
  });
});

it('in a process that does not serve its group, the answer is the sum of all', async () => {
  const port = String(await freePort());
  const env = { OTEL_SERVICE_NAME: 'handled', OTEL_EXPORTER_PROMETHEUS_PORT: port };
  const text = program(SERVERS['node:http'] ?? '');
  const first = new AppProcess(text, { env });
  await first.get('/a');
  await first.endpoint();
  const second = new AppProcess(text, { env });
  await second.get('/a');
  await second.line('stderr', /served by process/);
  for (const app of [first, second]) {
    const all = await until('both are counted', async () => {
      const counts = requestCounts((await app.get('/metrics')).body);
      return counts['GET - 200'] === 2 && counts;
    });
    assert.deepEqual(all, { 'GET - 200': 2 });
  }
  // The second takes the place of the first.
  await first.end();
  await until('the second serves', async () => {
    const counts = requestCounts((await second.get('/metrics')).body);
    return counts['GET - 200'] === 2;
  });
  await second.end();
});
