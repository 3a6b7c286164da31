/** The time that each request keeps the thread busy, in programs of known load. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { it } from 'node:test';
import { setTimeout as later } from 'node:timers/promises';
import { AppProcess, samples } from '../app-process.ts';

const NUMBER = 4;
const RAW = Array.from({ length: NUMBER }, (_, number) => `/thrown-at-once/${number}`);
/** The clock's numbers are added up in another order. */
const ROUNDING_MILLIS = 0.001;

interface Load {
  /** Milliseconds by route; `outside` is work outside of requests, or after their end. */
  readonly burnt: Readonly<Record<string, number>>;
  /** Milliseconds that the event loop has not waited. */
  readonly active: number;
}

async function ended(socket: Socket): Promise<string> {
  let text = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    text += chunk;
  });
  await once(socket, 'close');
  return text;
}

const answers = (text: string): number => text.split('HTTP/1.1 200 OK').length - 1;

/** Requests all of them at once, on one connection. */
async function pipelined(port: number, routes: readonly string[]): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  const closed = ended(socket);
  for (const route of routes) {
    const last = route === routes.at(-1);
    socket.write(`GET ${route} HTTP/1.1\r\nHost: x\r\n${last ? 'Connection: close\r\n' : ''}\r\n`);
  }
  assert.equal(answers(await closed), routes.length);
}

/** Posts a body of several packets. */
async function posted(port: number, route: string): Promise<void> {
  const socket = connect(port, '127.0.0.1').setNoDelay();
  const closed = ended(socket);
  socket.write(
    `POST ${route} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n`,
  );
  for (const chunk of ['5\r\nHello\r\n', '3\r\n, w\r\n', '4\r\norld\r\n0\r\n\r\n']) {
    await later(3);
    socket.write(chunk);
  }
  assert.equal(answers(await closed), 1);
}

const byRoute = (exposition: string, metric: string): Record<string, number> => {
  const found: Record<string, number> = {};
  for (const [labels, value] of Object.entries(samples(exposition, metric))) {
    const route = labels.match(/http_route="([^"]*)"/)?.[1] ?? '-';
    found[route] = (found[route] ?? 0) + value * 1000;
  }
  return found;
};

const sum = (values: Iterable<number>): number => [...values].reduce((total, value) => total + value, 0);

const runs: [name: string, env: Readonly<Record<string, string>>, program?: string][] = [
  ['with the lean engine', {}],
  ['with the engine of instrumentation-http', { ROUTEMETER_HTTP_ENGINE: 'otel' }],
  ['beside async hooks of the app', { OWN_HOOK: '1' }],
  ['in a worker thread', {}, 'cpu-thread.mjs'],
];
for (const [name, env, program = 'cpu.mjs'] of runs) {
  it(`more than a hundred concurrent requests each have their own busy time, ${name}`, async () => {
    const app = new AppProcess(program, {
      env: { ROUTEMETER_CPU: 'true', ROUTEMETER_ROUTES: RAW.join(), NUMBER: String(NUMBER), ...env },
    });
    const port = Number(new URL(await app.url()).port);
    const { burnt: kinds } = (await app.ask('load')) as Load;
    const routes = [...Object.keys(kinds), ...RAW].filter((key) => key.startsWith('/'));
    const bodies = routes.filter((route) => route.startsWith('/body'));
    const others = routes.filter((route) => !bodies.includes(route));
    await Promise.all([
      ...bodies.map((route) => posted(port, route)),
      ...others
        .filter((route) => Number(route.at(-1)) % 2 === 0)
        .map(async (route) => assert.equal((await app.get(route)).status, 200)),
      ...['1', '3'].map((number) =>
        pipelined(
          port,
          others.filter((route) => route.endsWith(number)),
        ),
      ),
    ]);
    const { burnt, active } = (await app.ask('load')) as Load;
    const exposition = await app.scrape();
    const busy = byRoute(exposition, 'http_server_request_cpu_duration_seconds_sum');
    const durations = byRoute(exposition, 'http_server_request_duration_seconds_sum');

    for (const route of routes) {
      const [load = Number.NaN, time = Number.NaN] = [burnt[route], busy[route]];
      assert.ok(time >= load - ROUNDING_MILLIS, `${route} has at least its own load: ${time} of ${load}`);
    }
    for (const [route, time] of Object.entries(busy)) {
      const { [route]: took = Number.NaN } = durations;
      assert.ok(time <= took + ROUNDING_MILLIS, `${route} has no more than it took: ${time} of ${took}`);
    }
    // All requests together have no more than the thread has worked inside of requests.
    const { outside = 0 } = burnt;
    assert.ok(outside > 0);
    assert.ok(sum(Object.values(busy)) + outside <= active + 1);
    // Requests that wait are busy for far less than they took.
    const waits = (millis: Record<string, number>): number =>
      sum(Object.entries(millis).map(([route, each]) => (route.startsWith('/wait/') ? each : 0)));
    assert.ok(waits(durations) > NUMBER * 100);
    assert.ok(waits(busy) < waits(durations) / 2);
  });
}

it('parts of requests have their own busy time', async () => {
  /** For each route the parts that have a share, and its other work. */
  const places: [route: string, parts: string[], besides: string[]][] = [
    ['/parallel', ['left', 'right'], []],
    ['/nested', ['outer'], []],
    ['/block', ['block'], ['around']],
    ['/metered', ['sync', 'steps', 'rows'], ['consumers']],
    ['/failing', ['failing'], ['caught']],
    ['/waiting', ['waiting'], []],
  ];
  const routes = places.map(([route]) => route);
  const app = new AppProcess('cpu-parts.mjs', {
    env: { ROUTEMETER_CPU: 'true', ROUTEMETER_ROUTES: routes.join() },
  });
  await Promise.all(routes.map((route) => app.get(route)));
  const burnt = (await app.ask('load')) as Load['burnt'];
  const exposition = await app.scrape();
  const millis = (metric: string): number =>
    sum(Object.values(samples(exposition, `${metric}_seconds_sum`))) * 1000;
  const requests = byRoute(exposition, 'http_server_request_cpu_duration_seconds_sum');

  for (const name of [...places.flatMap(([, parts]) => parts), 'inner', 'alone']) {
    if (name === 'waiting') continue;
    const [time, load = Number.NaN] = [millis(`${name}_cpu`), burnt[name]];
    assert.ok(time >= load - ROUNDING_MILLIS, `${name} has at least its own load: ${time} of ${load}`);
  }
  for (const [route, parts, besides] of places) {
    const known =
      sum(parts.map((part) => millis(`${part}_cpu`))) + sum(besides.map((each) => burnt[each] ?? 0));
    const { [route]: request = Number.NaN } = requests;
    assert.ok(known <= request + ROUNDING_MILLIS, `the parts of ${route} have ${known} of ${request}`);
  }
  // A part that waits is busy for far less than it took.
  assert.ok(millis('waiting_cpu') < millis('waiting') / 2);
  // A block outside of requests has no share.
  assert.equal(Object.values(samples(exposition, 'blockAlone_seconds_count'))[0], 1);
  assert.deepEqual(samples(exposition, 'blockAlone_cpu_seconds_count'), {});
});

it('no hook is installed unless ROUTEMETER_CPU is set', async () => {
  const program = `
    import { AsyncResource, createHook } from 'node:async_hooks';
    import http from 'node:http';
    import { time } from 'routemeter';
    const { runInAsyncScope } = AsyncResource.prototype;
    const server = http.createServer(async (request, response) => {
      await time('part', async () => {});
      response.end(String(AsyncResource.prototype.runInAsyncScope === runInAsyncScope));
    });
    server.listen(0, () => console.log('http://127.0.0.1:' + server.address().port));
  `;
  for (const [value, expected] of [
    ['', 'true'],
    ['false', 'true'],
    ['true', 'false'],
  ] as const) {
    const app = new AppProcess(program, { env: { ROUTEMETER_CPU: value } });
    assert.equal((await app.get('/')).body, expected);
    const measured = Object.keys(samples(await app.scrape(), 'part_cpu_seconds_count')).length;
    assert.equal(measured, expected === 'true' ? 0 : 1);
  }
});
