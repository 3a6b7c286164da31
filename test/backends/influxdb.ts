import { programPath } from '../../scripts/backends/pins.ts';
import { freePort } from '../ports.ts';
import { answers, startProcess } from './process.ts';

export interface InfluxSeries {
  /** Of the measurement. */
  readonly name: string;
  /** Of GROUP BY. */
  readonly tags: Readonly<Record<string, string>>;
  /** By column; `time` is in milliseconds since the epoch. */
  readonly rows: readonly Readonly<Record<string, string | number | boolean | null>>[];
}

const CONFIG = (port: number, otherPort: number): string => `
reporting-disabled = true
bind-address = "127.0.0.1:${otherPort}"
[meta]
dir = "{FOLDER}/meta"
logging-enabled = false
[data]
dir = "{FOLDER}/data"
wal-dir = "{FOLDER}/wal"
query-log-enabled = false
[http]
bind-address = "127.0.0.1:${port}"
log-enabled = false
[monitor]
store-enabled = false
[subscriber]
enabled = false
`;

/** InfluxDB 1. @see https://docs.influxdata.com/influxdb/v1/tools/api/ */
export async function startInfluxDB() {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const running = await startProcess({
    name: 'influxdb',
    program: programPath('influxdb', 'influxd'),
    args: ['run', '-config', '{FOLDER}/influxdb.conf'],
    files: { 'influxdb.conf': CONFIG(port, await freePort()) },
    ready: () => answers(`${url}/ping`),
  });

  /** Of the database `telegraf`. */
  async function query(influxql: string): Promise<InfluxSeries[]> {
    const response = await fetch(`${url}/query?${new URLSearchParams({ db: 'telegraf', epoch: 'ms' })}`, {
      method: 'POST',
      body: new URLSearchParams({ q: influxql }),
    });
    const answer = (await response.json()) as {
      error?: string;
      results?: {
        error?: string;
        series?: {
          name: string;
          tags?: Record<string, string>;
          columns: string[];
          values: (string | number | boolean | null)[][];
        }[];
      }[];
    };
    const error = answer.error ?? answer.results?.find((result) => result.error)?.error;
    if (error !== undefined) throw new Error(`${influxql}: ${error}`);
    return (answer.results ?? [])
      .flatMap(({ series = [] }) => series)
      .map(({ name, tags = {}, columns, values }) => ({
        name,
        tags,
        rows: values.map((row) => Object.fromEntries(columns.map((column, i) => [column, row[i] ?? null]))),
      }));
  }

  await query('CREATE DATABASE telegraf');
  return { ...running, url, query };
}
