import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { programPath } from '../../scripts/backends/pins.ts';
import { block } from '../docs/pages.ts';
import { freePort } from '../ports.ts';
import { until } from '../until.ts';
import { answers, startProcess } from './process.ts';

/** What the package ships. */
export const RULES = readFileSync(new URL('../../dashboards/prometheus-rules.yml', import.meta.url), 'utf8');

interface ShippedRule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
}
export const SHIPPED_RULES: readonly ShippedRule[] = parse(RULES).groups.flatMap(
  ({ rules }: { rules: ShippedRule[] }) => rules,
);

export interface PrometheusOptions {
  /** `host:port` by job; /metrics is scraped. */
  readonly targets?: Readonly<Record<string, string>>;
  /** More of what is scraped, every 200 ms if nothing else is said. */
  readonly scrapes?: readonly object[];
  /** Evaluates the rules that the package ships, every so many milliseconds. */
  readonly rulesMillis?: number;
  /** Texts by name, beside the configuration. */
  readonly files?: Readonly<Record<string, string>>;
}

export interface Sample {
  /** With `__name__`, where there is one. */
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export type Prometheus = Awaited<ReturnType<typeof startPrometheus>>;
export type PrometheusApi = ReturnType<typeof askPrometheus>;

interface Result {
  readonly metric: Record<string, string>;
  readonly value: readonly [number, string];
  readonly values: readonly (readonly [number, string])[];
}

/** The HTTP API writes all values as strings. */
const number = (text: string): number => Number(text.replace('Inf', 'Infinity'));

/** Prometheus 3, which also takes OTLP. */
export async function startPrometheus({
  targets = {},
  scrapes = [],
  rulesMillis,
  files = {},
}: PrometheusOptions = {}) {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const config = {
    global: {
      scrape_interval: '200ms',
      scrape_timeout: '200ms',
      ...(rulesMillis && { evaluation_interval: `${rulesMillis}ms` }),
    },
    ...(rulesMillis && { rule_files: ['rules.yml'] }),
    scrape_configs: [
      ...Object.entries(targets).map(([job, target]) => ({
        job_name: job,
        static_configs: [{ targets: [target] }],
      })),
      ...scrapes,
    ],
  };
  const running = await startProcess({
    name: 'prometheus',
    program: programPath('prometheus', 'prometheus'),
    args: [
      '--config.file=prometheus.yml',
      '--storage.tsdb.path=data',
      '--web.enable-otlp-receiver',
      // Otherwise it looks for targets 5 s after its start.
      '--scrape.discovery-reload-interval=100ms',
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    // JSON is YAML.
    files: { 'prometheus.yml': JSON.stringify(config), 'rules.yml': RULES, ...files },
    ready: () => answers(`${url}/-/ready`),
  });
  /** Base URL for OTLP over HTTP: /v1/metrics comes after it. */
  const otlpUrl = `${url}/api/v1/otlp`;
  return { ...running, port, otlpUrl, ...askPrometheus(url) };
}

/**
 * The questions that a Prometheus at a URL can be asked, however it was started.
 * @see https://prometheus.io/docs/prometheus/latest/querying/api/
 */
export function askPrometheus(url: string) {
  /** The `data` that a path of the HTTP API answers with: `/api/v1/rules`. */
  async function get(path: string): Promise<unknown> {
    const response = await fetch(new URL(path, url));
    const answer = (await response.json()) as { status: string; error?: string; data?: unknown };
    if (answer.status !== 'success') throw new Error(`${path}: ${answer.error}`);
    return answer.data;
  }

  /** An instant query of vectors or scalars; now, or at a time in seconds. */
  async function query(promql: string, at?: number): Promise<Sample[]> {
    const parameters = new URLSearchParams({ query: promql, ...(at !== undefined && { time: `${at}` }) });
    const data = (await get(`/api/v1/query?${parameters}`)) as { resultType: string; result: unknown };
    if (data.resultType === 'scalar') {
      const [, text] = data.result as Result['value'];
      return [{ labels: {}, value: number(text) }];
    }
    return (data.result as Result[]).map(({ metric, value: [, text] }) => ({
      labels: metric,
      value: number(text),
    }));
  }

  /** Waits until an instant query returns something, of a job if one is named. */
  const returned = (promql: string, job?: string): Promise<Sample[]> =>
    until(`${promql} returns something`, async () => {
      const found = (await query(promql)).filter(({ labels }) => job === undefined || labels.job === job);
      return found.length > 0 && found;
    });

  /** The values of all series in the last seconds, one each second. */
  async function recent(promql: string, seconds: number): Promise<number[]> {
    const end = Date.now() / 1000;
    const range = { start: `${end - seconds}`, end: `${end}`, step: '1' };
    const parameters = new URLSearchParams({ query: promql, ...range });
    const { result } = (await get(`/api/v1/query_range?${parameters}`)) as { result: Result[] };
    return result.flatMap(({ values }) => values.map(([, text]) => number(text)));
  }

  /** Waits for a successful scrape that began after this call. */
  async function scraped(job: string): Promise<void> {
    const now = Date.now();
    const up = `up{job="${job}"}`;
    // Not by /api/v1/targets, which tells of a scrape before what it brought can be queried.
    await until(`${job} is scraped`, async () =>
      (await query(`timestamp(${up}) and ${up} == 1`)).some(({ value }) => Math.round(value * 1000) > now),
    );
  }

  return { get, query, returned, recent, scraped };
}

export interface Scrape {
  job_name: string;
  honor_labels?: boolean;
  static_configs: [{ targets: string[] }];
  /** https://prometheus.io/docs/prometheus/latest/configuration/configuration/#scrape_config */
  scrape_protocols?: string[];
  metric_name_escaping_scheme?: 'allow-utf-8' | 'underscores' | 'dots' | 'values';
}

/** What a configuration on a page scrapes. */
export const scrapesOf = (page: string, file: string): [Scrape] =>
  parse(block(page, `file: ${file}`).lines.join('\n')).scrape_configs;

/** Runs promtool and returns what it said. @throws with what it said when it fails */
export async function promtool(args: readonly string[], options: { cwd?: string } = {}): Promise<string> {
  const { stdout, stderr } = await promisify(execFile)(
    programPath('prometheus', 'promtool'),
    [...args],
    options,
  );
  return stdout + stderr;
}
