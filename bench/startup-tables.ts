/** Starts as a table and as targets. */
import type { Table, Target } from './report.ts';
import type { Sample, Script, Series } from './startup.ts';
import { type Figures, type Summary, spread, summarize } from './statistics.ts';
import { atMost, MEGABYTES, MILLIS, neverOver } from './targets.ts';
import { HTTP_LOADED, REGISTER } from './variants.ts';

const PROM_CLIENT = 'prom-client';
const LIMIT_EMPTY_MILLIS = 60;
const LIMIT_BLOCK_MILLIS = 5;

function summaryOf(
  all: readonly Series[],
  name: string,
  script: Script,
  value: keyof Sample,
): Summary | undefined {
  const series = all.find(({ variant }) => variant.name === name);
  if (!series || series.failure !== undefined) return undefined;
  return summarize(series.samples[script].map((sample) => sample[value]));
}

/** What preloading it adds to the time until the script's line, beside node:http alone. */
function delay(all: readonly Series[], name: string, script: Script): Figures | undefined {
  const own = summaryOf(all, name, script, 'wallMillis');
  const http = summaryOf(all, HTTP_LOADED, script, 'wallMillis');
  return own && http && { median: own.median - http.median, tenth: own.tenth - http.tenth };
}

export function tableOf(all: readonly Series[]): Table {
  const headers = [
    'preloaded',
    'empty script, wall ms',
    'empty script, RSS MB',
    'server listens, wall ms',
    'lower tenth',
    'server 300 ms later, RSS MB',
    'server 300 ms later, CPU ms',
    'longest block after that, ms',
    'the worst',
  ];
  const cells = (series: Series): string[] => {
    if (series.failure !== undefined) return [`not measured: ${series.failure}`];
    const cell = (script: Script, value: keyof Sample): string =>
      spread(summarize(series.samples[script].map((sample) => sample[value])), 0);
    const blocks = summarize(series.blocks);
    return [
      cell('empty.cjs', 'wallMillis'),
      cell('empty.cjs', 'rssMegabytes'),
      cell('listen.cjs', 'wallMillis'),
      summarize(series.samples['listen.cjs'].map(({ wallMillis }) => wallMillis)).tenth.toFixed(0),
      cell('listen.cjs', 'rssMegabytes'),
      cell('listen.cjs', 'cpuMillis'),
      spread(blocks, 1),
      blocks.max.toFixed(1),
    ];
  };
  return {
    title: 'Start-up',
    headers,
    rows: all.map((series) => {
      const row = [series.variant.name, ...cells(series)];
      return headers.map((_, column) => row[column] ?? '');
    }),
  };
}

export function targetsOf(all: readonly Series[]): readonly Target[] {
  const settled = (name: string, value: keyof Sample): Summary | undefined =>
    summaryOf(all, name, 'listen.cjs', value);
  const listens = delay(all, PROM_CLIENT, 'listen.cjs');
  const blocks = all.find(
    ({ variant, failure }) => variant.name === REGISTER && failure === undefined,
  )?.blocks;
  const empty = delay(all, REGISTER, 'empty.cjs');
  return [
    {
      what: 'start-up of an empty script',
      limit: `${LIMIT_EMPTY_MILLIS} ms over ${HTTP_LOADED}`,
      measured: empty === undefined ? '' : `${empty.median.toFixed(0)} ms`,
      reached: empty && empty.median <= LIMIT_EMPTY_MILLIS,
    },
    atMost(
      `until a server listens, over ${HTTP_LOADED}`,
      delay(all, REGISTER, 'listen.cjs'),
      1,
      listens,
      PROM_CLIENT,
      MILLIS,
    ),
    atMost(
      'CPU of a server until 300 ms later',
      settled(REGISTER, 'cpuMillis'),
      1.5,
      settled(PROM_CLIENT, 'cpuMillis'),
      PROM_CLIENT,
      MILLIS,
    ),
    atMost(
      'RSS of a server 300 ms later',
      settled(REGISTER, 'rssMegabytes'),
      1,
      settled(PROM_CLIENT, 'rssMegabytes'),
      PROM_CLIENT,
      MEGABYTES,
    ),
    neverOver('longest block after that', blocks && summarize(blocks), LIMIT_BLOCK_MILLIS, {
      name: 'ms',
      digits: 1,
    }),
  ];
}
