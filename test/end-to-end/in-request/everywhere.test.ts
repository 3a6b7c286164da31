/** Measurements from everywhere in a request: an app that imports the API, under the preload. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { describe, it } from 'node:test';
import { AppProcess, samples } from '../../app-process.ts';

/** Scrapes until a metric has that sum. */
const scrapeUntil = (app: AppProcess, metric: string, sum: number): Promise<string> =>
  app.scrapeUntil(
    (text) => Object.values(samples(text, metric)).reduce((all, value) => all + value, 0) >= sum,
  );

const PLACES = [
  ...['handler', 'await', 'timer', 'interval', 'immediate', 'tick', 'microtask', 'callback', 'stream'],
  ...['emitter', 'data', 'lines', 'piped', 'end', 'drain', 'finish', 'close', 'after'],
];
const BODY = ['data', 'lines', 'piped'];

/** Sends a body of so many packets, each after the app's answer to the one before. */
async function sendSlowly(url: URL, packets: number): Promise<void> {
  const sending = request(url, { method: 'POST', agent: false });
  sending.write('packet');
  const [response] = await once(sending, 'response');
  for (let i = 0; i < packets; i++) {
    await once(response, 'data');
    if (i < packets - 1) sending.write('packet');
  }
  sending.end();
  response.resume();
  await once(response, 'end');
}

/** Has a connection handed over, sends so many packets, each after the app's answer to the one before, and leaves. */
async function talk(base: string, packets: number): Promise<void> {
  const socket = connect(Number(new URL(base).port), '127.0.0.1');
  socket.write('GET /upgraded/1 HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n');
  for (let i = 0; i < packets; i++) {
    await once(socket, 'data');
    socket.write('packet');
  }
  await once(socket, 'data');
  socket.end();
  await once(socket, 'close');
}

/** Requests all of them at once, on one connection. */
async function pipeline(base: string, paths: readonly string[]): Promise<void> {
  const socket = connect(Number(new URL(base).port), '127.0.0.1');
  const heads = paths.map((path, i) => {
    const last = i === paths.length - 1 ? 'Connection: close\r\n' : '';
    return `GET ${path} HTTP/1.1\r\nHost: x\r\n${last}\r\n`;
  });
  socket.write(heads.join(''));
  socket.resume();
  await once(socket, 'close');
}

const MEASURED_BY: [what: string, env: Record<string, string>][] = [
  ['the lean engine', {}],
  ['the otel engine', { ROUTEMETER_HTTP_ENGINE: 'otel' }],
  ['the lean engine, with the time on the thread', { ROUTEMETER_CPU: 'true' }],
];
for (const [what, env] of MEASURED_BY) {
  it(`code is attributed to its request wherever it runs, by ${what}`, async () => {
    const app = new AppProcess('in-request.mjs', { env });
    const base = await app.url();
    for (const place of PLACES) {
      const body = BODY.includes(place) ? { method: 'POST', body: 'packet' } : {};
      assert.equal((await app.get(`/places/${place}/1`, body)).status, 200);
    }
    const inEach = Object.fromEntries(PLACES.map((place) => [`http_route="/places/${place}/:id"`, 1]));
    const exposition = await scrapeUntil(app, 'place_total', PLACES.length);
    assert.deepEqual(samples(exposition, 'place_total'), inEach);
    assert.deepEqual(samples(exposition, 'started_total'), { '': 1 });

    // Bodies in several packets, of two requests at a time.
    await Promise.all(
      BODY.flatMap((place) => [
        sendSlowly(new URL(`/places/${place}/1`, base), 3),
        sendSlowly(new URL(`/places/${place}/2`, base), 4),
      ]),
    );
    for (const place of BODY) inEach[`http_route="/places/${place}/:id"`] = 8;
    const total = PLACES.length + 7 * BODY.length;
    assert.deepEqual(samples(await scrapeUntil(app, 'place_total', total), 'place_total'), inEach);

    // A client that goes away.
    const leaving = request(new URL('/aborted/1', base));
    leaving.end();
    const [response] = await once(leaving, 'response');
    response.on('error', () => {});
    response.destroy();
    assert.deepEqual(samples(await scrapeUntil(app, 'place_total', total + 4), 'place_total'), {
      ...inEach,
      'http_route="/aborted/:id"': 4,
    });

    // Connections that are handed over, two at a time.
    await Promise.all([talk(base, 3), talk(base, 4)]);
    assert.deepEqual(samples(await scrapeUntil(app, 'place_total', total + 19), 'place_total'), {
      ...inEach,
      'http_route="/aborted/:id"': 4,
      'http_route="/upgraded/:id"': 15,
    });
    assert.equal(app.stderr.length, 1, app.stderr.join('\n'));
  });
}

describe('however many requests there are at once', () => {
  const frameworks: [framework: string, env: Record<string, string>][] = [
    ['express', {}],
    ['express', { ROUTEMETER_HTTP_ENGINE: 'otel' }],
    ['express', { ROUTEMETER_CPU: 'true' }],
    ['express4', {}],
    ['fastify', {}],
    ['fastify', { ROUTEMETER_HTTP_ENGINE: 'otel' }],
    ['http', { ROUTEMETER_ROUTES: '/a/:n,/b/:n,/c/:n' }],
  ];
  /** Paths in no particular order, and what two requests for each of them come to. */
  const paths = Array.from({ length: 300 }, (_, i) => `/${'abc'[(i * 7) % 3]}/${(i * 11) % 8}`);
  const expected: Record<string, number> = {};
  const observed: Record<string, number> = {};
  for (const path of paths) {
    const [, letter, n] = path.split('/');
    const labels = `http_route="/${letter}/:n",parity="${Number(n) % 2 === 0 ? 'even' : 'odd'}"`;
    observed[labels] = (observed[labels] ?? 0) + 2;
    if (Number(n) > 0) expected[labels] = (expected[labels] ?? 0) + 2 * Number(n);
  }

  for (const [framework, more] of frameworks) {
    const name = [framework, ...Object.values(more)].join(' ');
    it(`each counts for its own route, on kept and pipelined connections: ${name}`, async () => {
      const app = new AppProcess('in-request-load.mjs', {
        env: { FRAMEWORK: framework, ROUTEMETER_TAGS: 'parity=even,odd', ...more },
      });
      const base = await app.url();
      const agent = new Agent({ keepAlive: true, maxSockets: 20 });
      await Promise.all([
        ...paths.map(async (path) => {
          const [response] = await once(request(new URL(path, base), { agent }).end(), 'response');
          response.resume();
          await once(response, 'end');
        }),
        ...[0, 1, 2].map((third) =>
          pipeline(
            base,
            paths.filter((_, i) => i % 3 === third),
          ),
        ),
      ]);
      agent.destroy();
      const sum = 2 * paths.length;
      const exposition = await scrapeUntil(app, 'http_server_request_duration_seconds_count', sum);
      assert.deepEqual(samples(exposition, 'mixed_total'), expected);
      assert.deepEqual(samples(exposition, 'step_seconds_count'), expected);
      assert.deepEqual(samples(exposition, 'asked_count'), observed);
    });
  }
});

describe('ignored requests count without a route', () => {
  for (const engine of ['lean', 'otel']) {
    it(`by path and by route, by the ${engine} engine`, async () => {
      const app = new AppProcess('in-request.mjs', {
        env: {
          ROUTEMETER_HTTP_ENGINE: engine,
          ROUTEMETER_IGNORE: '/places/timer/1,/places/await/:id',
        },
      });
      for (const path of ['/places/timer/1', '/places/timer/2', '/places/await/1', '/places/close/1']) {
        await app.get(path);
      }
      assert.deepEqual(samples(await scrapeUntil(app, 'place_total', 4), 'place_total'), {
        '': 2,
        'http_route="/places/timer/:id"': 1,
        'http_route="/places/close/:id"': 1,
      });
      await pipeline(await app.url(), ['/places/handler/1', '/places/timer/1', '/places/handler/2']);
      assert.deepEqual(samples(await scrapeUntil(app, 'place_total', 7), 'place_total'), {
        '': 3,
        'http_route="/places/timer/:id"': 1,
        'http_route="/places/close/:id"': 1,
        'http_route="/places/handler/:id"': 2,
      });
    });
  }
});

describe('outside of requests', () => {
  const app = (env: Record<string, string> = {}): AppProcess =>
    new AppProcess(
      `import { createServer } from 'node:http';
      import { count, tag, time } from 'routemeter';
      count('job');
      const server = createServer((_req, res) => res.end()).listen(0, '127.0.0.1', () => {
        console.log('http://127.0.0.1:' + server.address().port + '/');
      });
      setTimeout(() => { tag('plan', 'pro'); count('job'); time('work', () => 1); }, 1);`,
      { env },
    );

  it('and before a server listens, everything is recorded without a route', async () => {
    const exposition = await scrapeUntil(app(), 'job_total', 2);
    assert.deepEqual(samples(exposition, 'job_total'), { '': 2 });
    assert.deepEqual(samples(exposition, 'work_seconds_count'), { '': 1 });
  });

  it('and in requests that are not measured, everything is recorded without a route', async () => {
    const running = new AppProcess('in-request.mjs', {
      env: { OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'http' },
    });
    await running.get('/places/handler/1');
    assert.deepEqual(samples(await running.scrape(), 'place_total'), { '': 1 });
  });

  it('a process that serves nothing ends by itself', async () => {
    const job = new AppProcess(`import { count, time } from 'routemeter';
      count('job');
      await time('work', async () => 1);
      time('open');
      console.log('done');`);
    assert.deepEqual(await job.ended, { code: 0, signal: null });
    assert.deepEqual(job.stdout, ['done']);
  });
});

it('a worker thread that serves has its own metrics', async () => {
  const app = new AppProcess(
    `import { Worker } from 'node:worker_threads';
    import { count } from 'routemeter';
    const text = \`
      import { createServer } from 'node:http';
      import { count } from 'routemeter';
      const server = createServer((req, res) => { count('served'); setTimeout(() => res.end(), 1); });
      server.listen(0, '127.0.0.1', () => console.log('http://127.0.0.1:' + server.address().port + '/'));
    \`;
    new Worker(text, { eval: true });`,
    { env: { ROUTEMETER_ROUTES: '/users/:id' } },
  );
  await app.get('/users/1');
  await app.get('/users/2');
  assert.deepEqual(samples(await app.scrape(), 'served_total'), { 'http_route="/users/:id"': 2 });
});
