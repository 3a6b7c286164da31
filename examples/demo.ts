/**
 * Starts the shop under the real preload, sends it traffic, and prints per route what it reads back from /metrics.
 *
 *     npm run demo                 until Ctrl-C
 *     npm run demo -- --seconds 10
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { perRoute, table } from './per-route.ts';

const { values } = parseArgs({ options: { seconds: { type: 'string' } } });
const seconds = values.seconds === undefined ? Number.POSITIVE_INFINITY : Number(values.seconds);
if (!(seconds > 0)) {
  console.error(`demo: --seconds "${values.seconds}" is not a positive number`);
  process.exit(2);
}

/** Requests a round, as [weight, method, path]. */
const TRAFFIC: readonly (readonly [number, string, () => string])[] = [
  [6, 'GET', () => '/'],
  [8, 'GET', () => '/products'],
  [12, 'GET', () => `/products/${Math.ceil(Math.random() * 1000)}`],
  [4, 'POST', () => '/checkout'],
  [1, 'GET', () => '/reports/sales'],
  [5, 'GET', () => `/users/u${Math.ceil(Math.random() * 500)}/orders`],
  [5, 'GET', () => `/users/u${Math.ceil(Math.random() * 500)}/orders/${Math.ceil(Math.random() * 9999)}`],
  [3, 'GET', () => `/wp-admin/${Math.random().toString(36).slice(2)}.php`],
];

const stopping = new AbortController();
process.once('SIGINT', () => stopping.abort());
process.once('SIGTERM', () => stopping.abort());

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, 'localhost');
  const [event] = await Promise.race([
    once(server, 'listening').then(() => ['listening']),
    once(server, 'error').then(() => ['error']),
  ]);
  await new Promise((resolve) => server.close(resolve));
  return event === 'listening';
}

/** Resolves with the first match in what the child prints, and passes every line on. */
function lineMatching(child: ChildProcess, name: 'stdout' | 'stderr', pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    const stream = child[name];
    if (stream === null) return reject(new Error('the shop has no output'));
    createInterface({ input: stream }).on('line', (line) => {
      console.log(line);
      const match = line.match(pattern)?.[0];
      if (match !== undefined) resolve(match);
    });
    child.once('exit', (code) => reject(new Error(`the shop ended with code ${code}`)));
  });
}

const preload = import.meta.resolve('routemeter/register');
const shop = spawn(
  process.execPath,
  ['--import', preload, new URL('shop/app.js', import.meta.url).pathname],
  {
    env: {
      ...process.env,
      PORT: (await isFree(3000)) ? '3000' : '0',
      OTEL_SERVICE_NAME: 'shop',
      OTEL_EXPORTER_PROMETHEUS_PORT: (await isFree(9464)) ? '9464' : '0',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    // Ctrl-C is for the demo alone: it still has to ask the shop for its figures.
    detached: true,
  },
);
process.on('exit', () => shop.kill('SIGKILL'));
const [base, endpoint] = await Promise.all([
  lineMatching(shop, 'stdout', /http:\S+/),
  lineMatching(shop, 'stderr', /http:\S+\/metrics/),
]);
console.log(`\nTraffic is on its way. Look at it:\n\n    curl ${endpoint}\n`);
console.log(Number.isFinite(seconds) ? `Ends by itself in ${seconds} s.\n` : 'Ctrl-C ends it.\n');

const lottery = TRAFFIC.flatMap((entry) => Array.from({ length: entry[0] }, () => entry));
const deadline = Date.now() + seconds * 1000;
const going = new Set<Promise<void>>();
while (!stopping.signal.aborted && Date.now() < deadline) {
  const [, method, path] = lottery[Math.floor(Math.random() * lottery.length)] ?? [1, 'GET', () => '/'];
  const request: Promise<void> = fetch(new URL(path(), base), { method })
    .then((response) => response.arrayBuffer())
    .then(
      () => undefined,
      () => undefined,
    )
    .finally(() => going.delete(request));
  going.add(request);
  await pause(10, undefined, { signal: stopping.signal }).catch(() => undefined);
}
await Promise.all(going);

const exposition = await fetch(endpoint).then(
  (response) => response.text(),
  () => undefined,
);
console.log(exposition === undefined ? 'The shop is gone already.' : table(perRoute(exposition)));
shop.kill('SIGTERM');
if (shop.exitCode === null && shop.signalCode === null) await once(shop, 'exit');
