import { readFileSync } from 'node:fs';
import { programPath } from '../../scripts/backends/pins.ts';
import { freePort, isBound } from '../ports.ts';
import { accepts, type Running, startProcess } from './process.ts';

export interface TelegrafOptions {
  /** Where it writes to, beside its file; none by default. */
  readonly influx?: { readonly url: string; readonly database: string };
  readonly protocol?: 'udp' | 'tcp';
  /** How often it gathers what came in, and writes it; default 200 ms. */
  readonly flushIntervalMillis?: number;
  /** More settings of `[[inputs.statsd]]`, as TOML. */
  readonly statsd?: string;
}

export interface Telegraf extends Running {
  readonly port: number;
  /** What it wrote so far, in InfluxDB's line protocol. */
  lines(): string[];
}

const CONFIG = (
  address: string,
  {
    influx,
    protocol,
    flushIntervalMillis,
    statsd,
  }: Required<Omit<TelegrafOptions, 'influx'>> & TelegrafOptions,
): string => `
[agent]
interval = "${flushIntervalMillis}ms"
flush_interval = "${flushIntervalMillis}ms"
round_interval = false
omit_hostname = true
[[inputs.statsd]]
protocol = "${protocol}"
service_address = "${address}"
${statsd}
[[outputs.file]]
files = ["{FOLDER}/metrics"]
data_format = "influx"
${
  influx === undefined
    ? ''
    : `[[outputs.influxdb]]
urls = ["${influx.url}"]
database = "${influx.database}"
skip_database_creation = true`
}
`;

/** Telegraf's StatsD input. @see https://github.com/influxdata/telegraf/blob/master/plugins/inputs/statsd/README.md */
export async function startTelegraf({
  protocol = 'udp',
  flushIntervalMillis = 200,
  statsd = '',
  ...others
}: TelegrafOptions = {}): Promise<Telegraf> {
  const port = await freePort();
  const options = { ...others, protocol, flushIntervalMillis, statsd };
  const running = await startProcess({
    name: 'telegraf',
    program: programPath('telegraf', 'telegraf'),
    args: ['--config', 'telegraf.conf'],
    files: { 'telegraf.conf': CONFIG(`127.0.0.1:${port}`, options), metrics: '' },
    ready: () => (protocol === 'udp' ? isBound(port) : accepts(port)),
  });
  return {
    ...running,
    port,
    lines: () => readFileSync(`${running.folder}/metrics`, 'utf8').split('\n').filter(Boolean),
  };
}
