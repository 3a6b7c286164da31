/** A fixed list of requests of known durations, and values of an app's own instruments. */
import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { pathToFileURL } from 'node:url';
import { type AppOptions, AppProcess, appPath, REGISTER } from '../app-process.ts';

export interface Group {
  readonly method: string;
  readonly path: string;
  /** Absent where no route matches. */
  readonly route?: string;
  readonly status: number;
  /** Of each request, in milliseconds, in the order in which they are made. */
  readonly millis: readonly number[];
}

/** The conventions' boundaries: https://opentelemetry.io/docs/specs/semconv/http/http-metrics/ */
export const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
/** The SDK's own: https://opentelemetry.io/docs/specs/otel/metrics/sdk/#explicit-bucket-histogram-aggregation */
export const DEFAULT = [0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10_000];

/** Each the same factor above the one before, from the lowest to the highest. */
const spread = (lowest: number, highest: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) =>
    Number((lowest * (highest / lowest) ** (i / (count - 1))).toPrecision(6)),
  );
const times = (count: number, value: number): number[] => Array.from({ length: count }, () => value);
const boundaries = SECONDS.map((bound) => bound * 1000);

const user = { path: '/users/42', route: '/users/:id' };
const order = { path: '/users/42/orders/7', route: '/users/:id/orders/:order' };
const orders = { path: '/users/42/orders', route: '/users/:id/orders' };
const root = { path: '/', route: '/' };

export const GROUPS: readonly Group[] = [
  { method: 'GET', ...user, status: 200, millis: spread(0.05, 120_000, 700) },
  {
    method: 'GET',
    ...order,
    status: 200,
    millis: boundaries.flatMap((bound) => [bound, bound * 1.0001, bound * 0.9999]),
  },
  { method: 'PUT', ...order, status: 200, millis: boundaries },
  { method: 'POST', ...orders, status: 201, millis: spread(1, 50, 200) },
  { method: 'GET', ...user, status: 404, millis: spread(0.2, 2, 20) },
  { method: 'PUT', ...user, status: 500, millis: spread(100, 30_000, 60) },
  { method: 'GET', ...user, status: 503, millis: [120_000] },
  { method: 'DELETE', ...user, status: 204, millis: [0.07] },
  { method: 'GET', ...root, status: 200, millis: [...times(150, 3.7), 90, 91, ...times(7, 400)] },
  { method: 'GET', path: '/nowhere', status: 404, millis: spread(0.1, 1, 30) },
];

export interface InstrumentValues {
  readonly kind: 'counter' | 'upDownCounter' | 'gauge' | 'histogram';
  readonly name: string;
  readonly unit: string;
  /** Its name in Prometheus. */
  readonly family: string;
  /** Of a histogram. */
  readonly bounds?: readonly number[];
  /** In the order in which they are recorded. */
  readonly values: readonly (readonly [value: number, attributes: { readonly region: string }])[];
}

const cologne = (...values: number[]) =>
  values.map((value) => [value, { region: 'Köln: West, (1)' }] as const);
const north = (...values: number[]) => values.map((value) => [value, { region: 'north' }] as const);

export const INSTRUMENTS: readonly InstrumentValues[] = [
  {
    kind: 'counter',
    name: 'roads.orders',
    unit: '{order}',
    family: 'roads_orders_total',
    values: [...cologne(3, 39), ...north(1)],
  },
  {
    kind: 'counter',
    name: 'roads.energy',
    unit: 'J',
    family: 'roads_energy_joules_total',
    values: [...north(1.125, 2.5), ...cologne(3.00048828125)],
  },
  {
    kind: 'upDownCounter',
    name: 'roads.connections',
    unit: '{connection}',
    family: 'roads_connections',
    values: [...north(9, -2), ...cologne(-3)],
  },
  {
    kind: 'gauge',
    name: 'roads.temperature',
    unit: 'Cel',
    family: 'roads_temperature_celsius',
    values: [...north(21.25), ...cologne(-12.5)],
  },
  {
    kind: 'histogram',
    name: 'roads.payload',
    unit: 'By',
    family: 'roads_payload_bytes',
    bounds: DEFAULT,
    values: north(...DEFAULT, 0, 1, 4.5, 77, 9999, 10_001),
  },
  {
    kind: 'histogram',
    name: 'roads.rendering',
    unit: 's',
    family: 'roads_rendering_seconds',
    bounds: SECONDS,
    values: cologne(...spread(0.001, 9, 50)),
  },
];

/** test/apps/workload.mjs under its virtual clock. */
export function startWorkloadApp(env: AppOptions['env'] = {}): AppProcess {
  const clock = pathToFileURL(appPath('virtual-clock.mjs')).href;
  return new AppProcess('workload.mjs', {
    flags: ['--import', clock, '--import', REGISTER],
    env: {
      NODE_ENV: 'production',
      OTEL_SERVICE_NAME: 'shop',
      OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'runtime-node',
      ...env,
    },
  });
}

/** Makes all requests, one after the other, the groups in turns, after the values of the instruments. */
export async function runWorkload(
  app: AppProcess,
  groups: readonly Group[] = GROUPS,
  instruments: readonly InstrumentValues[] = INSTRUMENTS,
): Promise<void> {
  const url = await app.url();
  const recorded = once(app.child, 'message');
  app.child.send({ instruments });
  await recorded;
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const longest = Math.max(...groups.map(({ millis }) => millis.length));
  for (let i = 0; i < longest; i++) {
    for (const { method, path, status, millis } of groups) {
      const duration = millis[i];
      if (duration === undefined) continue;
      const headers = { 'x-millis': String(duration), 'x-status': String(status) };
      const sent = request(new URL(path, url), { agent, method, headers }).end();
      const [response] = (await once(sent, 'response')) as [IncomingMessage];
      await once(response.resume(), 'end');
      if (response.statusCode !== status) throw new Error(`${method} ${path}: ${response.statusCode}`);
    }
  }
  agent.destroy();
}
