/** Tags that come from a header of the request or of its answer. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { warnings } from '../../api/serving-app.ts';
import { AppProcess, samples } from '../../app-process.ts';

const TAGS = 'plan@X-Plan=free,pro;cache@response:x-cache=HIT,MISS';

/** What is asked, and the tags that the request then has. */
const CASES: readonly (readonly [
  path: string,
  plan: string | readonly string[] | undefined,
  tags: string,
])[] = [
  ['/', undefined, ''],
  ['/', 'pro', 'plan="pro"'],
  ['/', 'PRO', 'plan="_OTHER"'],
  ['/', '<script>"\\', 'plan="_OTHER"'],
  ['/', ['free', 'pro'], 'plan="_OTHER"'],
  ['/hit', undefined, 'cache="HIT"'],
  ['/hit', 'free', 'cache="HIT",plan="free"'],
  ['/set', 'free', 'cache="MISS",plan="free"'],
  ['/twice', undefined, 'cache="_OTHER"'],
  ['/stale', undefined, 'cache="_OTHER"'],
  ['/changes', 'free', 'plan="free"'],
];
/** With calls of `tag` in the app's code, which win. */
const CALLS: typeof CASES = [
  ['/tags', 'free', 'plan="pro"'],
  ['/tags', undefined, 'plan="pro"'],
  ['/hit-tags', 'free', 'cache="MISS",plan="pro"'],
];

const HANDLER = `(req, res) => {
  const path = req.url;
  if (path.endsWith('tags')) tag('plan', 'pro');
  if (path === '/hit-tags') tag('cache', 'MISS');
  if (path === '/changes') req.headers['x-plan'] = 'pro';
  if (path === '/set') res.setHeader('X-Cache', 'MISS');
  if (path === '/stale') res.setHeader('X-CACHE', 'STALE');
  if (path === '/twice') res.setHeader('x-cache', ['HIT', 'MISS']);
  const head = path.startsWith('/hit') ? { 'X-Cache': 'HIT' } : {};
  count('seen');
  res.writeHead(200, head).end('x');
}`;
const HTTP1 = `const ask = (port, path, headers) => new Promise((resolve) =>
  http.get({ port, path, headers, agent: false }, (response) => response.resume().on('close', resolve)));`;
const HTTP2 = `let client;
const ask = (port, path, headers) => new Promise((resolve) => {
  client ??= http2.connect('http://127.0.0.1:' + port);
  client.request({ ':path': path, ...headers }).resume().on('close', resolve);
});`;

const SERVERS: Readonly<Record<string, string>> = {
  'HTTP/1.1': `${HTTP1} const server = http.createServer(${HANDLER});`,
  'HTTP/2': `${HTTP2} const server = http2.createServer(${HANDLER});`,
  'streams of HTTP/2': `${HTTP2} const server = http2.createServer().on('stream', (stream, headers) => {
    let sent = {};
    (${HANDLER})({ url: headers[':path'], headers }, {
      setHeader(name, value) { sent[name] = value; },
      writeHead(status, head) {
        stream.respond({ ':status': status, ...sent, ...head });
        return stream;
      },
    });
  });`,
};

const program = (serve: string, cases: typeof CASES, imports: string): string => `
import http from 'node:http';
import http2 from 'node:http2';
${imports}
${serve}
server.listen(0, '127.0.0.1', async () => {
  for (const [path, plan] of ${JSON.stringify(cases.map(([path, plan]) => [path, plan ?? null]))})
    await ask(server.address().port, path, plan === null ? {} : { 'x-PLAN': plan });
  console.log('asked');
});`;

const API = `import { count, tag } from 'routemeter';`;
const NO_API = 'const count = () => {}, tag = () => {};';

/** How often each set of tags is expected. */
function countsOf(cases: typeof CASES): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const [, , tags] of cases) counts[tags] = (counts[tags] ?? 0) + 1;
  return counts;
}

/** The values of a family by its tags alone. */
function byTags(exposition: string, family: string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const [labels, value] of Object.entries(samples(exposition, family))) {
    const tags = labels.split(',').filter((label) => /^(cache|plan)=/.test(label));
    counts[tags.join()] = (counts[tags.join()] ?? 0) + value;
  }
  return counts;
}

for (const engine of ['lean', 'otel']) {
  describe(`by the ${engine} engine`, () => {
    for (const [over, serve] of Object.entries(SERVERS)) {
      it(`the requests over ${over} have them, and what is counted in them`, async () => {
        const cases = [...CASES, ...CALLS];
        const app = new AppProcess(program(serve, cases, API), {
          env: { ROUTEMETER_HTTP_ENGINE: engine, ROUTEMETER_TAGS: TAGS },
        });
        await app.line('stdout', /^asked$/);
        const exposition = await app.scrape();
        const expected = countsOf(cases);
        assert.deepEqual(byTags(exposition, 'http_server_request_duration_seconds_count'), expected);
        assert.deepEqual(byTags(exposition, 'seen_total'), expected);
        assert.doesNotMatch(exposition, /<script|STALE/);
        assert.deepEqual(warnings(app), []);
        await app.end();
      });

      it(`the requests over ${over} have them without the in-request API`, async () => {
        const app = new AppProcess(program(serve, CASES, NO_API), {
          env: { ROUTEMETER_HTTP_ENGINE: engine, ROUTEMETER_TAGS: TAGS },
        });
        await app.line('stdout', /^asked$/);
        const counts = byTags(await app.scrape(), 'http_server_request_duration_seconds_count');
        assert.deepEqual(counts, countsOf(CASES));
        await app.end();
      });
    }
  });
}

it('what is counted when the request is over has the tags of its headers', async () => {
  const app = new AppProcess(
    `import http from 'node:http';
    import { count } from 'routemeter';
    const server = http.createServer((req, res) => {
      res.on('close', () => setImmediate(() => { count('late'); console.log('late'); }));
      res.setHeader('x-cache', 'HIT').end();
    });
    server.listen(0, '127.0.0.1', () => console.log('http://127.0.0.1:' + server.address().port));`,
    { env: { ROUTEMETER_TAGS: TAGS } },
  );
  await app.get('/', { headers: { 'x-plan': 'pro' } });
  await app.line('stdout', /^late$/);
  assert.deepEqual(byTags(await app.scrape(), 'late_total'), { 'cache="HIT",plan="pro"': 1 });
  await app.end();
});

it('a header of a stream of HTTP/2 that is given in two cases has both values', async () => {
  const app = new AppProcess(
    `import http2 from 'node:http2';
    const server = http2.createServer().on('stream', (stream) => {
      stream.respond([':status', '200', 'X-Cache', 'HIT', 'x-cache', 'MISS']);
      stream.end();
    });
    server.listen(0, '127.0.0.1', () => {
      const client = http2.connect('http://127.0.0.1:' + server.address().port);
      client.request({ ':path': '/' }).resume().on('close', () => console.log('asked'));
    });`,
    { env: { ROUTEMETER_TAGS: TAGS } },
  );
  await app.line('stdout', /^asked$/);
  const counts = byTags(await app.scrape(), 'http_server_request_duration_seconds_count');
  assert.deepEqual(counts, { 'cache="_OTHER"': 1 });
  await app.end();
});

it('a WebSocket has the tags of its request', async () => {
  const app = new AppProcess(
    `import http from 'node:http';
    const server = http.createServer();
    server.on('upgrade', (req, socket) => socket.end(
      'HTTP/1.1 101 Switching Protocols\\r\\nConnection: Upgrade\\r\\nUpgrade: websocket\\r\\n\\r\\n'));
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      const headers = { connection: 'upgrade', upgrade: 'websocket', 'x-plan': 'pro' };
      http.get({ port, headers }).on('upgrade', (_, socket) => {
        socket.end().on('close', () => console.log('closed')).resume();
      });
    });`,
    { env: { ROUTEMETER_TAGS: TAGS } },
  );
  await app.line('stdout', /^closed$/);
  const family = 'http_server_stream_duration_seconds_count';
  const exposition = await app.scrapeUntil((text) => Object.keys(samples(text, family)).length > 0);
  assert.deepEqual(byTags(exposition, family), { 'plan="pro"': 1 });
  await app.end();
});
