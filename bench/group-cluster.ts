/** A node:cluster of the benchmark: its primary and its workers, started as their users start them, and questions to each. */
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type App, startApp } from './processes.ts';
import { CLIENTS, UNBUNDLED } from './variants.ts';

/** `sdk`: what routemeter records with, without anybody who collects. */
export type Library = (typeof CLIENTS)[number] | 'routemeter' | 'sdk';

export interface ClusterOptions {
  readonly library: Library;
  readonly workers: number;
  /** Of each worker. */
  readonly series: number;
  /** Whether all workers share a port; only with routemeter. */
  readonly grouped: boolean;
  readonly core?: number | undefined;
}

export interface Cluster {
  /** Of the metrics. */
  readonly port: number;
  /** The process that serves the metrics; where there is no group, one of the workers. */
  readonly serving: number;
  readonly workers: readonly number[];
  /** One process. */
  one<Answer>(pid: number, question: string, argument?: unknown): Promise<Answer>;
  /** Every worker. */
  each<Answer>(question: string, argument?: unknown): Promise<readonly Answer[]>;
  /** The primary and every worker. */
  everyone<Answer>(question: string): Promise<readonly Answer[]>;
  /** Settles when the last process has ended. */
  stop(): Promise<void>;
}

const START_MILLIS = 60_000;
const POLL_MILLIS = 20;

/** @returns when each worker serves its metrics, or has joined the group of the one that does */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const { library, workers, series, grouped, core } = options;
  const port = grouped ? await freePort() : 0;
  const app = await startApp({
    script: 'group-cluster.cjs',
    scriptArguments: [library, String(workers), String(series)],
    core,
    ...(library === 'routemeter' && {
      nodeArguments: UNBUNDLED.nodeArguments,
      env: {
        OTEL_EXPORTER_PROMETHEUS_HOST: '127.0.0.1',
        OTEL_EXPORTER_PROMETHEUS_PORT: String(port),
        ROUTEMETER_CARDINALITY_LIMIT: '100000',
      },
    }),
  });
  try {
    const pids = await app.ask<{ primary: number; workers: readonly number[] }>('pids');
    const aggregated = CLIENTS.some((client) => client === library);
    const serving = aggregated
      ? pids.primary
      : library === 'routemeter'
        ? await joined(app, workers)
        : undefined;
    return {
      port: aggregated ? await app.ask<number>('port') : port,
      serving: serving ?? pids.workers[0] ?? pids.primary,
      workers: pids.workers,
      one: (pid, question, argument) => app.ask('one', { pid, question, argument }),
      each: (question, argument) => app.ask('workers', { question, argument }),
      everyone: (question) => app.ask('everyone', { question }),
      async stop() {
        await app.stop();
        await ended(pids.workers);
      },
    };
  } catch (error) {
    await app.stop();
    throw error;
  }
}

/** Waits for the start line of each worker. @returns the process that serves the others, if there is one */
async function joined(app: App, workers: number): Promise<number | undefined> {
  for (const end = performance.now() + START_MILLIS; performance.now() < end; await sleep(POLL_MILLIS)) {
    const lines = app.stderr().match(/^routemeter: measuring .*$/gm) ?? [];
    if (lines.length < workers) continue;
    const pids = new Set(lines.flatMap((line) => /served by process (\d+)/.exec(line)?.[1] ?? []));
    if (pids.size > 1) throw new Error(`several processes serve: ${[...pids].join(', ')}`);
    const [pid] = pids;
    return pid === undefined ? undefined : Number(pid);
  }
  throw new Error(`not all workers have started: ${app.stderr().trim().slice(-300)}`);
}

/** The workers of a primary that was killed end by themselves. */
async function ended(pids: readonly number[]): Promise<void> {
  const end = performance.now() + START_MILLIS;
  while (pids.some(isRunning)) {
    if (performance.now() > end) throw new Error('the workers of a cluster did not end');
    await sleep(POLL_MILLIS);
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
