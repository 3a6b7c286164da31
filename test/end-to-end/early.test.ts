/** What happens to a server right after it listens: the preload is then still loading what measures it, turn by turn. */
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, it } from 'node:test';
import { AppProcess, requestCounts, samples } from '../app-process.ts';
import { freePort } from '../ports.ts';
import { makeCertificates } from '../receivers/certificates.ts';

const certificates = makeCertificates();

/** `listening` is called in the turn in which the server listens; `said` prints what it is given once that is over. */
const PRELUDE = `
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import http2 from 'node:http2';
import net from 'node:net';
import { readFileSync } from 'node:fs';
const { KEY, CERT } = process.env;
const secrets = () => ({ key: readFileSync(KEY), cert: readFileSync(CERT) });
const local = { host: '127.0.0.1', rejectUnauthorized: false, agent: false };
const answer = (request, response) => response.end('ok');
const get = async (options, from = http) => {
  const [response] = await once(from.get({ ...local, ...options }), 'response');
  await once(response.resume(), 'close');
};
const speak = async (port, text) => {
  const socket = net.connect(port, local.host).end(text);
  await once(socket.resume(), 'close');
};
const said = (work) => work.then(() => console.log('done'));
`;

const LISTENING = (server: string, work: string): string =>
  `${PRELUDE}
  const server = ${server};
  server.listen(0, local.host, () => { const { port } = server.address(); said((async () => { ${work} })()); });`;

describe('a server that is asked as soon as it listens', () => {
  const plain = 'http.createServer(answer)';
  const rows: [what: string, program: string, counts: Record<string, number>][] = [
    ['counts its first request', LISTENING(plain, 'await get({ port })'), { 'GET - 200': 1 }],
    [
      'counts each of many',
      LISTENING(plain, 'await Promise.all(Array.from({ length: 50 }, () => get({ port })))'),
      { 'GET - 200': 50 },
    ],
    [
      'counts what comes before and after the preload is ready, each once, on one connection',
      LISTENING(
        plain,
        `const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
        for (let n = 0; n < 200; n++) await get({ port, agent });
        agent.destroy();`,
      ),
      { 'GET - 200': 200 },
    ],
    [
      'counts what Node.js rejects before there is a request',
      LISTENING(plain, `await speak(port, 'nonsense\\r\\n\\r\\n')`),
      { '_OTHER - 400': 1 },
    ],
    [
      'counts over TLS',
      LISTENING('https.createServer(secrets(), answer)', 'await get({ port }, https)'),
      { 'GET - 200': 1 },
    ],
    [
      'counts over HTTP/2',
      LISTENING(
        'http2.createServer(answer)',
        `const client = http2.connect('http://127.0.0.1:' + port);
        const stream = client.request();
        await once(stream.resume(), 'close');
        client.close();`,
      ),
      { 'GET - 200': 1 },
    ],
    [
      'counts for each of two servers',
      `${PRELUDE}
      const servers = [http.createServer(answer), http.createServer(answer)];
      for (const server of servers) server.listen(0, local.host);
      said(Promise.all(servers.map(async (server) => {
        await once(server, 'listening');
        await speak(server.address().port, 'nonsense\\r\\n\\r\\n');
        await get(server.address());
      })));`,
      { 'GET - 200': 2, '_OTHER - 400': 2 },
    ],
  ];
  for (const [what, program, counts] of rows) {
    it(what, async () => {
      const app = new AppProcess(program, { env: { ...certificates?.server.files } });
      await app.line('stdout', /^done$/);
      assert.deepEqual(requestCounts(await app.scrape()), counts);
      assert.equal(app.stderr.length, 1, app.stderr.join('\n'));
    });
  }

  it('measures a connection that is handed over at once as a stream', async () => {
    const app = new AppProcess(
      LISTENING(
        `http.createServer(answer).on('upgrade', (request, socket) =>
          socket.end('HTTP/1.1 101 Switching Protocols\\r\\nConnection: Upgrade\\r\\nUpgrade: test\\r\\n\\r\\n'))`,
        `await speak(port, 'GET / HTTP/1.1\\r\\nHost: x\\r\\nConnection: Upgrade\\r\\nUpgrade: test\\r\\n\\r\\n')`,
      ),
    );
    await app.line('stdout', /^done$/);
    const exposition = await app.scrape();
    assert.deepEqual(requestCounts(exposition), {});
    assert.deepEqual(Object.values(samples(exposition, 'http_server_stream_duration_seconds_count')), [1]);
  });

  it('answers a scrape that its own port gets before that with what there is', async () => {
    const port = await freePort();
    const app = new AppProcess(
      LISTENING(
        plain,
        `await get({ port });
        for (;;) try { await get({ port: ${port}, path: '/metrics' }); break; } catch {}`,
      ),
      { env: { OTEL_EXPORTER_PROMETHEUS_PORT: String(port) } },
    );
    await app.line('stdout', /^done$/);
    assert.deepEqual(requestCounts(await app.scrape()), { 'GET - 200': 1 });
  });
});

describe('an app that does more as soon as its server listens', () => {
  const rows: [what: string, work: string, metric: string][] = [
    [
      'makes an instrument',
      `const { metrics } = await import('@opentelemetry/api'); metrics.getMeter('app').createCounter('made').add(1);`,
      'made_total',
    ],
    [
      'imports the in-request API',
      `const { count } = await import('routemeter'); count('made');`,
      'made_total',
    ],
  ];
  for (const [what, work, metric] of rows) {
    it(`is measured if it ${what}`, async () => {
      const app = new AppProcess(LISTENING('http.createServer(answer)', `${work} await get({ port });`));
      await app.line('stdout', /^done$/);
      const exposition = await app.scrape();
      assert.deepEqual(requestCounts(exposition), { 'GET - 200': 1 });
      assert.deepEqual(Object.values(samples(exposition, metric)), [1]);
    });
  }

  it('is told that start() has no effect any more', async () => {
    const app = new AppProcess(
      `import { start, stop } from 'routemeter/start';
      ${LISTENING('http.createServer(answer)', `start({ prometheus: { port: 1 } }); await get({ port });`)}`,
    );
    await app.line('stderr', /start\(\) has no effect: already measuring/);
    await app.line('stdout', /^done$/);
    assert.deepEqual(requestCounts(await app.scrape()), { 'GET - 200': 1 });
  });

  it('can stop and start again', async () => {
    const app = new AppProcess(
      `import { start, stop } from 'routemeter/start';
      ${LISTENING('http.createServer(answer)', `await stop(); start({ prometheus: { port: 0 } }); await get({ port });`)}`,
    );
    await app.line('stdout', /^done$/);
    assert.deepEqual(requestCounts(await app.scrape()), { 'GET - 200': 1 });
  });

  it('keeps its instruments if it sets a MeterProvider of its own', async () => {
    const app = new AppProcess(
      LISTENING(
        'http.createServer(answer)',
        `const { metrics } = await import('@opentelemetry/api');
        const { createNoopMeter } = await import('@opentelemetry/api');
        console.log('set ' + metrics.setGlobalMeterProvider({ getMeter: () => createNoopMeter() }));
        await get({ port });`,
      ),
    );
    await app.line('stdout', /^set true$/);
    await app.line('stdout', /^done$/);
    await app.line('stderr', /the app sets its own OpenTelemetry MeterProvider: its instruments go there/);
    assert.deepEqual(requestCounts(await app.scrape()), { 'GET - 200': 1 });
  });

  it('has the port of the metrics if it takes that', async () => {
    const port = await freePort();
    const app = new AppProcess(
      LISTENING(
        'http.createServer(answer)',
        `const second = http.createServer(answer).listen(${port}, local.host);
        await once(second, 'listening');
        await get({ port: ${port} });`,
      ),
      { env: { OTEL_EXPORTER_PROMETHEUS_PORT: String(port) } },
    );
    await app.line('stdout', /^done$/);
    await app.line('stderr', new RegExp(`cannot listen on localhost:${port}: the port is already in use`));
  });
});

describe('an app that ends as soon as its server listens', () => {
  const rows: [what: string, work: string, end: { code: number | null; signal: NodeJS.Signals | null }][] = [
    ['by process.exit', 'process.exit(3)', { code: 3, signal: null }],
    ['since nothing is left to do', 'server.close()', { code: 0, signal: null }],
    ['by a signal', `process.kill(process.pid, 'SIGTERM')`, { code: null, signal: 'SIGTERM' }],
    [
      'by a signal that it handles',
      `process.once('SIGTERM', () => { server.close(); process.exitCode = 4; }); process.kill(process.pid, 'SIGTERM')`,
      { code: 4, signal: null },
    ],
  ];
  for (const [what, work, end] of rows) {
    it(`ends as without the preload ${what}`, async () => {
      const program = LISTENING('http.createServer(answer)', work);
      assert.deepEqual(await new AppProcess(program, { flags: [] }).ended, end);
      const app = new AppProcess(program);
      assert.deepEqual(await app.ended, end);
      assert.deepEqual(
        app.stderr.filter((line) => !/measuring HTTP requests/.test(line)),
        [],
      );
    });
  }

  it('ends as without the preload by an error that nobody catches', async () => {
    const program = `${PRELUDE}\nhttp.createServer(answer).listen(0, () => { throw new Error('of the app'); });`;
    const [alone, app] = [new AppProcess(program, { flags: [] }), new AppProcess(program)];
    assert.deepEqual(await app.ended, await alone.ended);
    assert.deepEqual(
      app.stderr.filter((line) => /^Error: of the app|routemeter:/.test(line)),
      ['Error: of the app'],
    );
  });
});

describe('an app whose package is changed while it starts', () => {
  const DIST = resolve(import.meta.dirname, '../../dist');
  for (const missing of ['resource', 'http', 'pipeline', 'members', 'runtime']) {
    it(`goes on without ${missing}, and logs one line`, async (t) => {
      const folder = mkdtempSync(join(tmpdir(), 'routemeter-'));
      t.after(() => rmSync(folder, { recursive: true }));
      cpSync(DIST, join(folder, 'dist'), { recursive: true });
      cpSync(resolve(DIST, '../package.json'), join(folder, 'package.json'));
      symlinkSync(resolve(DIST, '../node_modules'), join(folder, 'node_modules'));
      rmSync(join(folder, `dist/routemeter-${missing}.js`));
      const app = new AppProcess(
        LISTENING(
          'http.createServer(answer)',
          `await get({ port }); console.log('http://127.0.0.1:' + port); await once(process, 'message');
          await get({ port }); server.close(); process.disconnect();`,
        ),
        {
          flags: ['--import', join(folder, 'dist/register.js')],
          env: { OTEL_EXPORTER_PROMETHEUS_PORT: String(await freePort()) },
        },
      );
      assert.deepEqual(await app.get('/'), { status: 200, body: 'ok' });
      await app.line('stderr', /internal error at [\w.]+, the app is not affected/);
      app.child.send('end');
      await app.line('stdout', /^done$/);
      assert.deepEqual(await app.ended, { code: 0, signal: null });
      assert.equal(app.stderr.filter((line) => /internal error/.test(line)).length, 1);
    });
  }
});
