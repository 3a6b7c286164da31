import { readFileSync } from 'node:fs';
import { programPath } from '../../scripts/backends/pins.ts';
import { block } from '../docs/pages.ts';
import { freePort, isBound } from '../ports.ts';
import { type Running, startProcess } from './process.ts';

export interface TelegrafOptions {
  /** Base URL of the InfluxDB that it writes to, beside its file; none by default. */
  readonly influxUrl?: string;
  /** How often it gathers what came in; default 200 ms. */
  readonly intervalMillis?: number;
}

export interface Telegraf extends Running {
  /** As in `ROUTEMETER_STATSD_URL`. */
  readonly statsdUrl: string;
  /** What it wrote so far, in InfluxDB's line protocol. */
  lines(): string[];
}

/**
 * Telegraf with telegraf.conf as docs/backends.md has it, but for the port, the addresses and the intervals.
 * @see https://github.com/influxdata/telegraf/blob/master/plugins/inputs/statsd/README.md
 */
export async function startTelegraf({
  influxUrl,
  intervalMillis = 200,
}: TelegrafOptions = {}): Promise<Telegraf> {
  const port = await freePort();
  const [inputs = '', outputs = ''] = block('docs/backends.md', 'file: telegraf.conf')
    .lines.join('\n')
    .split(/^(?=\[\[outputs)/m);
  const running = await startProcess({
    name: 'telegraf',
    program: programPath('telegraf', 'telegraf'),
    args: ['--config', 'telegraf.conf'],
    files: {
      'telegraf.conf': `
[agent]
interval = "${intervalMillis}ms"
flush_interval = "100ms"
round_interval = false
${inputs.replace('localhost:8125', `127.0.0.1:${port}`)}
${influxUrl === undefined ? '' : outputs.replace('http://localhost:8086', influxUrl)}
[[outputs.file]]
files = ["{FOLDER}/metrics"]
data_format = "influx"
`,
      metrics: '',
    },
    ready: () => isBound(port),
  });
  return {
    ...running,
    statsdUrl: `udp://127.0.0.1:${port}`,
    lines: () => readFileSync(`${running.folder}/metrics`, 'utf8').split('\n').filter(Boolean),
  };
}
