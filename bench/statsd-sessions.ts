/** The processes of the StatsD benchmark: servers, their load, and what a receiver gets of each. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type App, CORES, type Start, startApp } from './processes.ts';
import { missing, ROUTEMETER } from './variants.ts';

export interface Variant {
  readonly name: string;
  readonly client: 'none' | 'hot-shots' | 'routemeter';
  readonly dialect?: string;
  readonly maxBufferSize?: number;
  /** With the runtime metrics that routemeter has by default, and hot-shots has not. */
  readonly runtimeMetrics?: boolean;
  readonly missing?: string | undefined;
}

export const NOTHING = 'nothing';
export const BUFFERED = 'hot-shots, buffered';
export const WEIGHTED = ['dogstatsd', 'datadog', 'telegraf', 'sysdig'] as const;
/** The last repeats samples, so that its packets and bytes have no limit. */
export const DIALECTS = [...WEIGHTED, 'etsy'] as const;

const ours = (dialect: string): Variant => ({
  name: `routemeter, ${dialect}`,
  client: 'routemeter',
  dialect,
  missing: missing(),
});

/** What is compared with hot-shots: requests only. */
export const OURS: readonly Variant[] = DIALECTS.map(ours);

export const VARIANTS: readonly Variant[] = [
  { name: NOTHING, client: 'none' },
  { name: 'hot-shots, unbuffered', client: 'hot-shots', maxBufferSize: 0 },
  { name: BUFFERED, client: 'hot-shots', maxBufferSize: 1432 },
  ...OURS,
  { ...ours('dogstatsd'), name: 'routemeter, dogstatsd, and runtime metrics', runtimeMetrics: true },
];

/** Twenty routes, and the medians of their waits in milliseconds; the first five answer at once. */
const ROUTES: Readonly<Record<string, number>> = {
  ...{ sessions: 0, prices: 0, stock: 0, flags: 0, images: 0 },
  ...{ users: 1, carts: 2, addresses: 2, coupons: 2, wishlists: 3 },
  ...{ orders: 4, payments: 5, invoices: 6, returns: 6, shipments: 8 },
  ...{ products: 10, reviews: 12, suppliers: 15, search: 25, reports: 40 },
};

/** Rounds of all routes, in which each of the first ten is once not found: one request in a hundred. */
const ROUNDS = 50;

function paths(): readonly string[] {
  const names = Object.keys(ROUTES);
  return Array.from({ length: ROUNDS }, (_, round) =>
    names.map((name, index) => (index === round && index < 10 ? `/${name}/0 404` : `/${name}/42`)),
  ).flat();
}

const CONNECTIONS = 256;
/** At full speed: until then functions are still being compiled, at the cost of several microseconds a request. */
const WARM_UP_REQUESTS = { full: 100_000, quick: 5_000 } as const;
const INTERVAL_MILLIS = 10_000;
const POLL_MILLIS = 50;

/** What a receiver has got. */
export interface Received {
  readonly packets: number;
  readonly bytes: number;
  /** Requests, on a server that repeats a sample `trunc(1 / rate)` times. */
  readonly repeated: number;
  /** Requests, on a server that takes `1 / rate`. */
  readonly weighted: number;
}

/** A variant's server, its load and its receiver, each a process. */
export interface Session {
  readonly variant: Variant;
  readonly app: App;
  readonly load: App;
  readonly receiver: App;
  sent: number;
}

/** What one window has cost, and what has arrived in it. */
export interface Sample {
  readonly cpuMicros: number;
  readonly packets: number;
  readonly bytes: number;
  readonly requests: number;
  /** Requests that were due when no connection was free. */
  readonly late: number;
  readonly wallMillis: number;
  /** Requests received in it; undefined where nothing is sent to a receiver. */
  readonly counted: number | undefined;
}

export async function open(variant: Variant, waits: boolean): Promise<Session> {
  const started: App[] = [];
  const start = async (options: Start): Promise<App> => {
    const app = await startApp(options);
    started.push(app);
    return app;
  };
  try {
    const receiver = await start({ script: 'statsd-receiver.cjs', core: CORES?.others });
    const app = await start(serverOf(variant, waits, await receiver.ask<number>('port')));
    const load = await start({ script: 'load.cjs', core: CORES?.others });
    const port = await app.ask<number>('port');
    const sent = await load.ask<number>('connect', { port, paths: paths(), count: CONNECTIONS });
    return { variant, app, load, receiver, sent };
  } catch (error) {
    for (const app of started) await app.stop();
    throw error;
  }
}

function serverOf(
  { client, dialect = '', maxBufferSize, runtimeMetrics }: Variant,
  waits: boolean,
  port: number,
): Start {
  const names = Object.keys(ROUTES);
  const routes = waits ? ROUTES : Object.fromEntries(names.map((name) => [name, 0]));
  const server = { script: 'statsd-server.cjs', core: CORES?.measured };
  if (client !== 'routemeter') {
    const timed = client === 'hot-shots' ? [String(port), String(maxBufferSize)] : [];
    return { ...server, scriptArguments: [JSON.stringify(routes), ...timed] };
  }
  return {
    ...server,
    nodeArguments: ROUTEMETER.nodeArguments,
    scriptArguments: [JSON.stringify(routes)],
    env: {
      OTEL_METRICS_EXPORTER: 'statsd',
      ROUTEMETER_STATSD_URL: `udp://127.0.0.1:${port}`,
      ROUTEMETER_STATSD_DIALECT: dialect,
      ROUTEMETER_ROUTES: names.map((name) => `/${name}/:id`).join(),
      ...(!runtimeMetrics && { OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'runtime-node' }),
    },
  };
}

function receivedBy({ receiver }: Session): Promise<Received> {
  return receiver.ask<Received>('received');
}

export async function close({ load, app, receiver }: Session): Promise<void> {
  for (const one of [load, app, receiver]) await one.stop();
}

/** Whether all that was sent has arrived; from a server that sends nothing, it always has. */
function arrived({ variant, sent }: Session, { repeated }: Received): boolean {
  return variant.client === 'none' || repeated >= sent;
}

/** Waits until all that was sent has arrived, or two intervals have passed without it. */
async function settled(session: Session): Promise<Received> {
  const end = performance.now() + 2 * INTERVAL_MILLIS;
  for (;;) {
    const received = await receivedBy(session);
    if (arrived(session, received) || performance.now() > end) return received;
    await sleep(POLL_MILLIS);
  }
}

/** Waits until an interval's packets have just arrived, where a variant has intervals. */
export async function aligned(session: Session): Promise<void> {
  let { packets } = await settled(session);
  if (session.variant.client !== 'routemeter') return;
  const end = performance.now() + 2 * INTERVAL_MILLIS;
  for (let begun = false; performance.now() < end; ) {
    await sleep(POLL_MILLIS);
    const received = await receivedBy(session);
    if (begun && received.packets === packets) return;
    begun ||= received.packets > packets;
    packets = received.packets;
  }
  throw new Error('no packet in two intervals');
}

export async function warmUp(session: Session, quick: boolean): Promise<void> {
  const requests = WARM_UP_REQUESTS[quick ? 'quick' : 'full'];
  await session.load.ask('send', requests);
  session.sent += requests;
}

/** How long before the end of a window its load stops: by this much the intervals of servers may differ. */
const MARGIN_MILLIS = 2_000;

/**
 * One window of whole intervals, to begin just after one, so that all that the load sends is in their packets. The
 * window lasts until these have arrived.
 */
export async function window(session: Session, rate: number, intervals: number): Promise<Sample> {
  const millis = intervals * INTERVAL_MILLIS;
  const requests = (rate * (millis - MARGIN_MILLIS)) / 1_000;
  const start = performance.now();
  const before = await receivedBy(session);
  const cpuBefore = await session.app.ask<NodeJS.CpuUsage>('cpu');
  const late = await session.load.ask<number>('pace', { rate, requests });
  session.sent += requests;
  await sleep(Math.max(0, start + millis - performance.now()));
  const after = await settled(session);
  const cpu = await session.app.ask<NodeJS.CpuUsage>('cpu');
  return {
    cpuMicros: cpu.user - cpuBefore.user + cpu.system - cpuBefore.system,
    packets: after.packets - before.packets,
    bytes: after.bytes - before.bytes,
    requests,
    late,
    wallMillis: performance.now() - start,
    counted: session.variant.client === 'none' ? undefined : count(after) - count(before),
  };
}

/** Sends requests at full speed; resolves with how many have arrived. */
export async function fullSpeed(
  session: Session,
  requests: number,
): Promise<{ sent: number; counted: number }> {
  await session.load.ask('send', requests);
  session.sent += requests;
  return { sent: session.sent, counted: count(await settled(session)) };
}

/** Not a number where servers that repeat samples and servers that take fractions disagree. */
function count({ repeated, weighted }: Received): number {
  return Math.round(weighted) === repeated ? repeated : Number.NaN;
}
