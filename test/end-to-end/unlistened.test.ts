/** Servers that are given their connections, and do not listen themselves. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AppProcess, requestCounts, samples } from '../app-process.ts';
import { makeCertificates } from '../receivers/certificates.ts';

const certificates = makeCertificates();

const HTTP = 'HTTP requests per route';

const PRELUDE = `
import http from 'node:http';
import http2 from 'node:http2';
import net from 'node:net';
import tls from 'node:tls';
import { readFileSync } from 'node:fs';
import { count } from 'routemeter';
const { KEY, CERT } = process.env;
const secrets = () => ({ key: readFileSync(KEY), cert: readFileSync(CERT) });
/** Counts under the URL that came in, whatever the app has made of it. */
const answer = (req, res) => { req.url = '/items/too/deep'; count('seen'); res.end('answered'); };
const listen = async (server) => {
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: server.address().port, host: '127.0.0.1', rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] };
};
/** Two requests, each on a connection of its own, then a line. */
const ask = async (connect) => {
  for (const path of ['/items/1', '/items/2']) {
    const stream = connect();
    let received = '';
    stream.on('data', (data) => { received += data; });
    stream.write('GET ' + path + ' HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n');
    await new Promise((resolve) => stream.on('end', resolve));
    if (!received.includes('answered')) throw new Error(received);
  }
  console.log('asked');
  setInterval(() => {}, 1e6);
};
`;

const HANDED = `
  const web = http.createServer(answer);
  const to = await listen(net.createServer((socket) => web.emit('connection', socket)));
  await ask(() => net.connect(to));`;

/** The kinds of connections are tried with every engine in test/contracts/engines.test.ts. */
const SERVERS: readonly (readonly [
  what: string,
  scheme: string,
  said: string,
  engine: string,
  program: string,
])[] = [
  ['a server of sockets', 'http', HTTP, 'lean', HANDED],
  [
    'a server of sockets before an HTTP/2 server that allows HTTP/1',
    'https',
    HTTP,
    'lean',
    `const web = http2.createSecureServer({ ...secrets(), allowHTTP1: true }, answer);
    const to = await listen(net.createServer((socket) => web.emit('connection', socket)));
    await ask(() => tls.connect(to));`,
  ],
  ['a parent process', 'http', HTTP, 'otel', 'handed.mjs'],
  ['the primary of a cluster', 'http', HTTP, 'lean', 'handed.mjs'],
];

describe('a server that does not listen itself', () => {
  for (const [what, scheme, said, engine, program] of SERVERS) {
    it(`is measured from its first request on, with connections from ${what}: ${engine}`, async () => {
      const app = new AppProcess(program.endsWith('.mjs') ? program : `${PRELUDE}${program}`, {
        env: {
          ...certificates?.server.files,
          CLUSTER: String(what.includes('cluster')),
          OTEL_SERVICE_NAME: 'fronted',
          ROUTEMETER_ROUTES: '/items/:id',
          ROUTEMETER_HTTP_ENGINE: engine,
        },
      });
      await app.line('stdout', /^asked$/);
      const endpoint = await app.endpoint();
      const exposition = await app.scrape();
      assert.deepEqual(samples(exposition, 'http_server_request_duration_seconds_count'), {
        [`http_request_method="GET",http_response_status_code="200",http_route="/items/:id",url_scheme="${scheme}"`]: 2,
      });
      assert.deepEqual(samples(exposition, 'seen_total'), { 'http_route="/items/:id"': 2 });
      assert.deepEqual(app.stderr, [`routemeter: measuring ${said} of fronted: ${endpoint}`]);
      await app.end();
    });
  }

  it('is measured from its first request over HTTP/2 on', async () => {
    const app = new AppProcess(
      `${PRELUDE}
      const web = http2.createServer(answer);
      const { port } = await listen(net.createServer((socket) => web.emit('connection', socket)));
      const client = http2.connect('http://127.0.0.1:' + port);
      client.request({ ':path': '/items/1' }).resume().on('close', () => console.log('asked'));`,
      { env: { ROUTEMETER_ROUTES: '/items/:id' } },
    );
    await app.line('stdout', /^asked$/);
    await app.line('stderr', /measuring HTTP requests per route/);
    const exposition = await app.scrape();
    assert.deepEqual(requestCounts(exposition), { 'GET /items/:id 200': 1 });
    assert.deepEqual(samples(exposition, 'seen_total'), { 'http_route="/items/:id"': 1 });
    await app.end();
  });

  it('reports an invalid configuration at its first request, which is answered', async () => {
    const app = new AppProcess(`${PRELUDE}${HANDED}`, { env: { ROUTEMETER_CARDINALITY_LIMIT: 'many' } });
    await app.line('stdout', /^asked$/);
    await app.line('stderr', /ROUTEMETER_CARDINALITY_LIMIT="many"/);
    assert.equal(app.stderr.filter((line) => line.startsWith('routemeter:')).length, 1);
    await app.end();
  });

  it('is not measured after stop(), and again after start()', async () => {
    const app = new AppProcess(`${PRELUDE}
      import { start, stop } from 'routemeter';
      const web = http.createServer(answer);
      const to = await listen(net.createServer((socket) => web.emit('connection', socket)));
      const twice = () => ask(() => net.connect(to));
      await twice();
      await new Promise((resolve) => process.once('message', resolve));
      await stop();
      await twice();
      start({ serviceName: 'again' });
      await twice();`);
    await app.endpoint();
    app.child.send('stop');
    const [, endpoint] = await app.line('stderr', /of again: (http:\S+)/);
    await app.lines('stdout', /^asked$/, 3);
    assert.deepEqual(requestCounts(await (await fetch(String(endpoint))).text()), { 'GET - 200': 2 });
    assert.equal(app.stderr.length, 2);
    await app.end();
  });
});
