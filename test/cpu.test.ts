/** How long each request keeps the thread busy, shown by programs of known load. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, it } from 'node:test';
import { setTimeout as later } from 'node:timers/promises';
import { AppProcess, samples } from './app-process.ts';

const NUMBER = 8;
const RAW = Array.from({ length: NUMBER }, (_, number) => `/thrown-at-once/${number}`);
/** Of the clock's numbers, added up in another order. */
const ROUNDING_MILLIS = 0.001;

interface Load {
  /** Milliseconds by route; `outside` is of no request, or of one that is over. */
  readonly burnt: Readonly<Record<string, number>>;
  /** Milliseconds that the event loop has not waited meanwhile. */
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

/** All at once, on one connection. */
async function pipelined(port: number, routes: readonly string[]): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  const closed = ended(socket);
  for (const route of routes) {
    const last = route === routes.at(-1);
    socket.write(`GET ${route} HTTP/1.1\r\nHost: x\r\n${last ? 'Connection: close\r\n' : ''}\r\n`);
  }
  assert.equal(answers(await closed), routes.length);
}

/** A body of several packets, the first one after the head. */
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

async function load(app: AppProcess): Promise<Load> {
  const answer = once(app.child, 'message');
  app.child.send('load');
  const [told] = await answer;
  return told as Load;
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

const otel = { ROUTEMETER_HTTP_ENGINE: 'otel' };
const runs: [name: string, env: Readonly<Record<string, string>>][] = [
  ['the lean engine', {}],
  ['the engine of instrumentation-http', otel],
  ['an app with async hooks of its own', { OWN_HOOK: '1' }],
];
for (const [name, env] of runs) {
  describe(`hundreds of requests at the same time, with ${name}`, async () => {
    let told: Load = { burnt: {}, active: 0 };
    let busy: Record<string, number> = {};
    let durations: Record<string, number> = {};

    it('are all answered', async () => {
      const app = new AppProcess('cpu.mjs', {
        env: { ROUTEMETER_CPU: 'true', ROUTEMETER_ROUTES: RAW.join(), NUMBER: String(NUMBER), ...env },
      });
      const port = Number(new URL(await app.url()).port);
      // For instrumentation-http a request is over when its handler throws.
      const routes = [...Object.keys((await load(app)).burnt), ...(env === otel ? [] : RAW)].filter((key) =>
        key.startsWith('/'),
      );
      const bodies = routes.filter((route) => route.startsWith('/body'));
      const [alone, together] = [
        routes.filter((route) => !bodies.includes(route) && Number(route.at(-1)) % 2 === 0),
        routes.filter((route) => !bodies.includes(route) && Number(route.at(-1)) % 2 === 1),
      ];
      const connections = Object.values(Object.groupBy(together, (route) => route.at(-1) ?? ''));
      await Promise.all([
        ...bodies.map((route) => posted(port, route)),
        ...alone.map(async (route) => assert.equal((await app.get(route)).status, 200)),
        ...connections.map((each) => pipelined(port, each ?? [])),
      ]);
      told = await load(app);
      const exposition = await app.scrape();
      busy = byRoute(exposition, 'http_server_request_cpu_duration_seconds_sum');
      durations = byRoute(exposition, 'http_server_request_duration_seconds_sum');
      assert.deepEqual(
        routes.filter((route) => !(route in busy)),
        [],
      );
    });

    it('each have at least their own load', () => {
      const known = Object.entries(told.burnt).filter(([route]) => route.startsWith('/'));
      assert.deepEqual(
        known.filter(([route, millis]) => (busy[route] ?? 0) < millis - ROUNDING_MILLIS),
        [],
      );
    });

    // That of instrumentation-http reads the clock before it says that a request is over.
    it('have no more than they took', { skip: env === otel }, () => {
      assert.deepEqual(
        Object.entries(busy).filter(([route, millis]) => millis > (durations[route] ?? 0) + ROUNDING_MILLIS),
        [],
      );
    });

    it('have together no more than the thread has worked, without what is of no request', () => {
      const { outside = 0 } = told.burnt;
      assert.ok(outside > 0);
      assert.ok(sum(Object.values(busy)) + outside <= told.active + 1);
    });
  });
}
