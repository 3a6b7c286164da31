import { readFileSync } from 'node:fs';
import { programPath } from '../../scripts/backends/pins.ts';
import { block } from '../docs/pages.ts';
import { freePort, isBound } from '../ports.ts';
import { startProcess } from './process.ts';

export type Telegraf = Awaited<ReturnType<typeof startTelegraf>>;

/**
 * Telegraf with telegraf.conf as docs/backends.md has it, but for the port, the addresses and the intervals.
 * @param options.influxUrl base URL of the InfluxDB that it writes to, beside its file
 * @param options.intervalMillis how often it gathers what came in
 * @see https://github.com/influxdata/telegraf/blob/master/plugins/inputs/statsd/README.md
 */
export async function startTelegraf(options: { influxUrl?: string; intervalMillis?: number } = {}) {
  const { influxUrl, intervalMillis = 200 } = options;
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
    /** As in `ROUTEMETER_STATSD_URL`. */
    statsdUrl: `udp://127.0.0.1:${port}`,
    /** What it wrote so far, in InfluxDB's line protocol. */
    lines: () => readFileSync(`${running.folder}/metrics`, 'utf8').split('\n').filter(Boolean),
  };
}
