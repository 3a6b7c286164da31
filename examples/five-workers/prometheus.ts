/** A Prometheus of one's own, in a temporary folder. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const START_LIMIT_MILLIS = 30_000;

/** Times in seconds since the epoch. */
export type Samples = readonly (readonly [time: number, value: number])[];

export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  readonly values: Samples;
}

export interface Prometheus {
  /** A value at a time; of a range selector all samples in it. */
  query(promql: string, at: number): Promise<Series[]>;
  queryRange(promql: string, range: { start: number; end: number; step: number }): Promise<Series[]>;
  stop(): Promise<void>;
}

export interface PrometheusOptions {
  /** Path of the binary. */
  readonly program: string;
  readonly port: number;
  readonly scrapeIntervalSeconds: number;
  /** `host:port` by job. */
  readonly targets: Readonly<Record<string, string>>;
}

interface Result {
  readonly metric: Record<string, string>;
  readonly value?: readonly [number, string];
  readonly values?: readonly (readonly [number, string])[];
}

/** @throws when it ends at once, or is not ready in 30 s */
export async function startPrometheus(options: PrometheusOptions): Promise<Prometheus> {
  const folder = mkdtempSync(join(tmpdir(), 'five-workers-'));
  // JSON is YAML.
  writeFileSync(
    join(folder, 'prometheus.yml'),
    JSON.stringify({
      global: { scrape_interval: `${options.scrapeIntervalSeconds}s`, scrape_timeout: '1s' },
      scrape_configs: Object.entries(options.targets).map(([job, target]) => ({
        job_name: job,
        static_configs: [{ targets: [target] }],
      })),
    }),
  );
  const child = spawn(
    options.program,
    [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${options.port}`,
      '--scrape.discovery-reload-interval=100ms',
      '--log.level=error',
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  process.once('exit', () => {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });
  const url = `http://127.0.0.1:${options.port}`;
  await ready(child, `${url}/-/ready`);

  const ask = async (path: string, parameters: Record<string, string | number>): Promise<Series[]> => {
    const query = new URLSearchParams();
    for (const [key, value] of Object.entries(parameters)) query.set(key, `${value}`);
    const response = await fetch(`${url}/api/v1/${path}?${query}`);
    const { error, data } = (await response.json()) as { error?: string; data?: { result: Result[] } };
    if (data === undefined) throw new Error(`Prometheus: ${error}`);
    return data.result.map(({ metric, value, values = value === undefined ? [] : [value] }) => ({
      labels: metric,
      values: values.map(([time, text]) => [time, Number(text)] as const),
    }));
  };
  return {
    query: (query, time) => ask('query', { query, time }),
    queryRange: (query, range) => ask('query_range', { query, ...range }),
    async stop() {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}

async function ready(child: ChildProcess, url: string): Promise<void> {
  const deadline = Date.now() + START_LIMIT_MILLIS;
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error('Prometheus ended at once');
    if (Date.now() > deadline) throw new Error('Prometheus is not ready');
    const response = await fetch(url).catch(() => undefined);
    await response?.arrayBuffer();
    if (response?.ok) return;
    await pause(100);
  }
}
