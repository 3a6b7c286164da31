/** One scrape of many histogram series: how long it takes, and how long it holds the event loop. */
import { fetchMetrics } from './fetch-metrics.ts';
import { measureHeap } from './heap.ts';
import { type App, CORES, startApp } from './processes.ts';
import type { Report, Table, Target } from './report.ts';
import { tableOf, targetsOf } from './scrape-tables.ts';
import type { Settings } from './settings.ts';
import { CLIENTS, EXPORTER, missing, OURS } from './variants.ts';

interface Variant {
  readonly name: string;
  readonly script: string;
  /** After the number of series. */
  readonly scriptArguments?: readonly string[];
  readonly missing?: string | undefined;
}

export interface Sample {
  /** From the request to the last byte. */
  readonly totalMillis: number;
  /** The longest block of the event loop meanwhile. */
  readonly blockMillis: number;
  /** The longest one, where only the time on a processor counts. */
  readonly blockOnMillis: number;
  /** Of the scraped process, until the last byte. */
  readonly cpuMillis: number;
  readonly bytes: number;
}

export interface Series {
  readonly variant: Variant;
  readonly first: Sample[];
  readonly later: Sample[];
  failure: string | undefined;
}

export const SIZES = [1_000, 10_000] as const;
const LATER_SCRAPES = 5;

function variants(): readonly Variant[] {
  return [
    { name: EXPORTER, script: 'scrape-exporter-prometheus.cjs' },
    ...CLIENTS.map((name) => ({ name, script: 'scrape-prom-client.cjs', scriptArguments: [name] })),
    { name: OURS, script: 'scrape-routemeter.mjs', missing: missing() },
  ];
}

/** @throws Error unless the text holds that many series with that many records in all */
function verify(body: Buffer, series: number, records: number): void {
  const lines = [
    ...body.toString('utf8').matchAll(/^http_server_request_duration(?:_seconds)?_count\{.*\} (\S+)$/gm),
  ];
  const sum = lines.reduce((total, line) => total + Number(line[1]), 0);
  if (lines.length !== series || sum !== records) {
    throw new Error(`${lines.length} series with ${sum} records instead of ${series} with ${records}`);
  }
}

async function scrapeOnce(app: App, port: number, size: number): Promise<Sample> {
  const records = await app.ask<number>('touch');
  await app.ask('watch');
  const before = await app.ask<NodeJS.CpuUsage>('cpu');
  const { body, millis } = await fetchMetrics(port);
  const after = await app.ask<NodeJS.CpuUsage>('cpu');
  const blocked = await app.ask<{ block: number; on: number }>('blocked');
  verify(body, size, records);
  return {
    totalMillis: millis,
    blockMillis: blocked.block,
    blockOnMillis: blocked.on,
    cpuMillis: (after.user + after.system - before.user - before.system) / 1_000,
    bytes: body.length,
  };
}

async function measure(series: Series, size: number): Promise<void> {
  const app = await startApp({
    script: series.variant.script,
    scriptArguments: [String(size), ...(series.variant.scriptArguments ?? [])],
    core: CORES?.measured,
  });
  try {
    const port = await app.ask<number>('port');
    series.first.push(await scrapeOnce(app, port, size));
    for (let count = 0; count < LATER_SCRAPES; count++) {
      series.later.push(await scrapeOnce(app, port, size));
    }
  } finally {
    await app.stop();
  }
}

export async function measureSize(
  size: number,
  variants: readonly Variant[],
  rounds: number,
  settings: Settings,
): Promise<readonly Series[]> {
  const all = variants.map(
    (variant): Series => ({
      variant,
      first: [],
      later: [],
      failure: variant.missing,
    }),
  );
  for (let round = 0; round < rounds; round++) {
    for (const series of round % 2 === 0 ? all : all.toReversed()) {
      if (series.failure !== undefined) continue;
      try {
        await measure(series, size);
        const last = series.later.at(-1);
        settings.progress(
          `${size} series, ${series.variant.name}: ${last?.totalMillis.toFixed(0)} ms, ${last?.cpuMillis.toFixed(0)} of CPU, block ${last?.blockMillis.toFixed(0)} ms, ${last?.blockOnMillis.toFixed(0)} on a processor`,
        );
      } catch (error) {
        series.failure = error instanceof Error ? error.message : String(error);
        settings.problem(`${size} series, ${series.variant.name}: ${series.failure}`);
      }
    }
  }
  return all;
}

export async function scrape(settings: Settings): Promise<Report> {
  const rounds = settings.rounds ?? (settings.quick ? 1 : 7);
  const tables: Table[] = [];
  let targets: readonly Target[] = [];
  for (const size of SIZES) {
    const all = await measureSize(size, variants(), rounds, settings);
    tables.push(tableOf(size, all));
    targets = targetsOf(all);
  }
  const heap = await measureHeap(settings);
  return {
    name: 'scrape',
    tables: [...tables, ...heap.tables],
    targets: [...targets, ...heap.targets],
    notes: [
      `${rounds} processes each with a first scrape and ${LATER_SCRAPES} later ones, every series recorded to before each; the blocks are those of all scrapes; medians, and first to third quartile in brackets.`,
      CORES ? 'The scraped process was pinned to one core.' : 'Processes could not be pinned to cores.',
    ],
  };
}
