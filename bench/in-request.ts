/** What calls of the in-request API cost a request, beside the same by hand; and ROUTEMETER_CPU. */
import { added, tableOf, to } from './added.ts';
import type { App } from './processes.ts';
import { CORES } from './processes.ts';
import type { Report, Target } from './report.ts';
import type { Settings } from './settings.ts';
import { atMost } from './targets.ts';
import { measureServer, NOTHING, type Series, type Server, type Variant } from './turns.ts';
import { missing, ROUTEMETER, scrapedCount } from './variants.ts';

const ROUTES = { ROUTEMETER_ROUTES: '/users/:id,/health' };
const PATHS = ['/users/42', '/health'];

const PROM_CLIENT = 'prom-client by hand';
const OPENTELEMETRY = "OpenTelemetry's API by hand";
const UNLOADED = 'routemeter, the API not imported';
const LOADED = 'routemeter, no call';
const CALLS = { 1: 'one call', 10: 'ten calls' } as const;

const asks = (app: App): Promise<number> => app.ask<number>('counted');

function byHand(name: string, argument: string, calls: 1 | 10): Variant {
  return { name: `${name}, ${CALLS[calls]}`, scriptArguments: [argument, String(calls)], counted: asks };
}

function ours(name: string, calls: string, metric?: string): Variant {
  return {
    name,
    nodeArguments: ROUTEMETER.nodeArguments,
    scriptArguments: ['routemeter', calls],
    env: { ...ROUTEMETER.env, ...ROUTES },
    counted: (app) => scrapedCount(app, metric),
    missing: missing(),
  };
}

const SIGNUPS = 'user_signup_total';
const API: Server = {
  name: 'Calls in a request, node:http',
  script: 'in-request.cjs',
  paths: PATHS,
  variants: [
    { name: NOTHING },
    ours(UNLOADED, 'unloaded'),
    ours(LOADED, '0'),
    byHand(PROM_CLIENT, 'prom-client', 1),
    byHand(OPENTELEMETRY, 'opentelemetry', 1),
    ours(`routemeter, ${CALLS[1]}`, '1', SIGNUPS),
    byHand(PROM_CLIENT, 'prom-client', 10),
    byHand(OPENTELEMETRY, 'opentelemetry', 10),
    ours(`routemeter, ${CALLS[10]}`, '10', SIGNUPS),
  ],
};

const CPU_OFF = 'routemeter';
const CPU_ON = 'routemeter, ROUTEMETER_CPU=true';
const cpuVariants = (env: Readonly<Record<string, string>> = {}): readonly Variant[] => {
  const off: Variant = {
    name: CPU_OFF,
    nodeArguments: ROUTEMETER.nodeArguments,
    env: { ...ROUTEMETER.env, ...env },
    counted: scrapedCount,
    missing: missing(),
  };
  return [
    { name: NOTHING },
    off,
    {
      ...off,
      name: CPU_ON,
      env: { ...off.env, ROUTEMETER_CPU: 'true' },
      counted: (app) => scrapedCount(app, 'http_server_request_cpu_duration_seconds_count'),
    },
  ];
};
const CPU: readonly Server[] = [
  {
    name: 'Time on the thread, node:http',
    script: 'bare.cjs',
    paths: PATHS,
    variants: cpuVariants(ROUTES),
  },
  {
    name: 'Time on the thread, Express 5',
    script: 'express.cjs',
    paths: ['/users/7/posts/42', '/users/8/posts/43', '/users/7/posts', '/health'],
    variants: cpuVariants(),
  },
  {
    name: 'Time on the thread, twenty awaits',
    script: 'awaits.cjs',
    paths: PATHS,
    variants: cpuVariants(ROUTES),
  },
];

function beside(all: readonly Series[], calls: 1 | 10): Target {
  const theirs = added(all, `${OPENTELEMETRY}, ${CALLS[calls]}`);
  const own = added(all, `routemeter, ${CALLS[calls]}`);
  return atMost(`added by routemeter and ${CALLS[calls]}`, own, 1, theirs, OPENTELEMETRY);
}

export async function inRequest(settings: Settings): Promise<Report> {
  const rounds = settings.rounds ?? (settings.quick ? 1 : 7);
  const calls = await measureServer(API, rounds, settings);
  const cpu = [];
  for (const server of CPU)
    cpu.push(tableOf(server, await measureServer(server, rounds, settings), to(CPU_OFF)));
  return {
    name: 'in-request',
    tables: [tableOf(API, calls, to(`${OPENTELEMETRY}, ${CALLS[10]}`)), ...cpu],
    targets: [beside(calls, 1), beside(calls, 10)],
    notes: [
      `${rounds} rounds, each with a new process of every variant, which then took turns; medians over all turns, and first to third quartile in brackets; what is added is the difference to "nothing" in the same turn.`,
      CORES
        ? 'The server had one core to itself and the load the other.'
        : 'Processes could not be pinned to cores.',
    ],
  };
}
