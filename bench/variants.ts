/** How routemeter and the official preload are started: as their users start them. */
import { existsSync, realpathSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type App, BENCH } from './processes.ts';
import { parseCounts, type RouteCounts, total } from './route-counts.ts';

const ENDPOINT_MILLIS = 5_000;

/** The name of its rows. */
export const OURS = 'routemeter';

/** What is preloaded for it; and what every server of HTTP loads anyway. */
export const REGISTER = 'routemeter/register';
export const HTTP_LOADED = 'node:http loaded';

/** Prometheus clients that are used by hand; the second follows the first. */
export const CLIENTS = ['prom-client', '@prometheus-io/client'] as const;

/** The reader and exporter of OpenTelemetry's SDK. */
export const EXPORTER = 'exporter-prometheus';

export const ROUTEMETER = {
  nodeArguments: ['--import', REGISTER],
  env: { OTEL_EXPORTER_PROMETHEUS_PORT: '0' },
} as const;

/** The same, file by file as in `src`, so that a script can reach into them. */
export const UNBUNDLED = { ...ROUTEMETER, nodeArguments: ['--import', '../unbundled/register.js'] } as const;

/** All that can be turned on for the requests of a server. */
export const ALL_OPT_INS = {
  ROUTEMETER_FIRST_BYTE: 'true',
  ROUTEMETER_BODY_SIZE: 'true',
  ROUTEMETER_QUEUE: 'true',
  ROUTEMETER_CPU: 'true',
  ROUTEMETER_TAGS: 'plan@x-plan=free,pro',
} as const;

/** The same through a preload of the benchmark's own, which can leave out the sources of routes. */
const sources = (which: 'all' | 'none') => ({
  nodeArguments: ['--import', './apps/sources.mjs'],
  env: { ...ROUTEMETER.env, BENCH_SOURCES: which },
});
export const WITH_SOURCES = sources('all');
export const WITHOUT_SOURCES = sources('none');
export const NO_SOURCES = 'routemeter, no sources of routes';

/** Metrics only, and no detector that asks the network: less work than it does by default. */
export const AUTO_INSTRUMENTATIONS = {
  nodeArguments: ['-r', '@opentelemetry/auto-instrumentations-node/register'],
  env: {
    OTEL_TRACES_EXPORTER: 'none',
    OTEL_LOGS_EXPORTER: 'none',
    OTEL_METRICS_EXPORTER: 'prometheus',
    OTEL_EXPORTER_PROMETHEUS_PORT: '0',
    OTEL_NODE_RESOURCE_DETECTORS: 'env,host,os,process',
  },
} as const;

/** Why routemeter cannot be measured, if so. */
export function missing(): string | undefined {
  const entry = `${BENCH}node_modules/routemeter/dist/register.js`;
  return existsSync(entry) && existsSync(realpathSync(entry)) ? undefined : 'dist/register.js is not built';
}

const REQUESTS = 'http_server_request_duration_seconds_count';

/**
 * Requests that a process under the preload has counted, from the endpoint that its start line names.
 * @param metric the name of the samples, one count each
 */
export async function scrapedCount(app: App, metric = REQUESTS): Promise<number> {
  return total(parseCounts(await scraped(app), metric, 'http_route'));
}

/** The same by route; those without one are under ''. */
export async function scrapedRoutes(app: App): Promise<RouteCounts> {
  return parseCounts(await scraped(app), REQUESTS, 'http_route');
}

async function scraped(app: App): Promise<string> {
  const url = await endpoint(app);
  const response = await fetch(url);
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${url} answered ${response.status}`);
  return text;
}

/** Where a process under the preload serves its metrics. */
export async function metricsPort(app: App): Promise<number> {
  return Number(new URL(await endpoint(app)).port);
}

async function endpoint(app: App): Promise<string> {
  for (let waited = 0; waited < ENDPOINT_MILLIS; waited += 50) {
    const url = /http:\/\/[^\s,;]+/.exec(app.stderr())?.[0];
    if (url) return url.endsWith('/metrics') ? url : `${url.replace(/\/$/, '')}/metrics`;
    await sleep(50);
  }
  throw new Error(`no endpoint named on stderr: ${app.stderr().trim().slice(-200)}`);
}
