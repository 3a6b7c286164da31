/**
 * Starts the server twice, with the official exporter and with routemeter, has a real Prometheus scrape both, kills a
 * worker of each, and writes down and draws what Prometheus has of the requests:
 *
 *     npm run build && npm run backends -- prometheus
 *     npx node examples/five-workers/run.ts [--seconds 70] [--interval 7] [--folder examples/five-workers]
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { isReady, programPath } from '../../scripts/backends/pins.ts';
import type { Data } from './data.ts';
import { draw } from './graph.ts';
import { measure } from './measure.ts';

const LINE_WIDTH = 110;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '70' },
    // Node's servers close an idle connection after 6 s: a scrape a second would stay with one worker.
    interval: { type: 'string', default: '7' },
    folder: { type: 'string', default: fileURLToPath(new URL('.', import.meta.url)) },
  },
});

function fail(message: string): never {
  console.error(`five-workers: ${message}`);
  process.exit(2);
}

function positive(name: 'seconds' | 'interval'): number {
  const number = Number(values[name]);
  return number > 0 ? number : fail(`--${name} "${values[name]}" is not a positive number`);
}

const seconds = positive('seconds');
const scrapeIntervalSeconds = positive('interval');
if (!isReady('prometheus')) fail('Prometheus is missing: run npm run backends -- prometheus');

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
const data = await measure({
  prometheus: programPath('prometheus', 'prometheus'),
  seconds,
  scrapeIntervalSeconds,
});
writeFileSync(join(values.folder, 'data.json'), text(data));
writeFileSync(join(values.folder, 'graph.svg'), draw(data));
for (const name of ['official', 'routemeter'] as const) {
  const { made, increase } = data[name];
  console.log(`${name}: clients made ${made} requests, Prometheus' increase() reports ${increase}`);
}
process.exit();

/** JSON as the repository's formatter has it: lists of numbers in lines filled up to 110 characters. */
function text(value: Data): string {
  const filled = (_: string, indent: string, key: string, list: string): string => {
    const lines = [''];
    for (const number of list.trim().split(/,\s+/)) {
      const line = `${lines.at(-1)} ${number},`;
      if (indent.length + 1 + line.length <= LINE_WIDTH) lines[lines.length - 1] = line;
      else lines.push(` ${number},`);
    }
    const inner = lines.map((line) => `${indent} ${line}`).join('\n');
    return `${indent}${key}[\n${inner.slice(0, -1)}\n${indent}]`;
  };
  return `${JSON.stringify(value, null, 2).replace(/^( *)(".*": )\[([\d,\s]+)\]/gm, filled)}\n`;
}
