/** Scrapes of a whole cluster: what the client sees, and what they cost the process that serves them and all others. */
import { setTimeout as sleep } from 'node:timers/promises';
import { fetchMetrics } from './fetch-metrics.ts';
import { type Cluster, type Library, startCluster } from './group-cluster.ts';
import type { Settings } from './settings.ts';
import { CLIENTS, missing } from './variants.ts';

export interface Size {
  readonly workers: number;
  /** Of each worker; the same ones in all. */
  readonly series: number;
}

export interface Scrape {
  /** From the request to the first byte. */
  readonly firstByteMillis: number;
  /** From the request to the last byte. */
  readonly totalMillis: number;
  readonly bytes: number;
  /** During the scrape and the rest of a second. */
  readonly blocked: Blocked;
  /** Of all processes, until the last byte. */
  readonly cpuMillis: number;
  /** It lacks records and reports that some processes were late; a scrape soon after has them. */
  readonly late: boolean;
}

/** One cluster, and its scrapes. */
export interface Run {
  readonly first: Scrape;
  readonly later: readonly Scrape[];
  /** In the second before the first scrape, when all series are new. */
  readonly settling: Blocked;
  /** Bytes of the serving process, at the most during these scrapes. */
  readonly peak: number;
  /** By how much that is more than just before the first scrape. */
  readonly growth: number;
  /** The most of each process, added up. */
  readonly peakOfAll: number;
}

export interface Series {
  readonly library: Library;
  readonly size: Size;
  readonly runs: Run[];
  failure: string | undefined;
}

/** Milliseconds of the serving process' event loop. */
export interface Blocked {
  readonly block: number;
  /** The longest one, where only the time on a processor counts. */
  readonly on: number;
}

interface Memory {
  readonly rss: number;
  readonly peak: number;
}

const LATER_SCRAPES = 3;
/** Long enough for work that is done every second to happen at least once. */
const WATCHED_MILLIS = 1_100;
const RIGHT_MILLIS = 5_000;

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** What is wrong with a scrape that should hold each series once, with that many records. */
function mistake(body: Buffer, series: number, records: number): string | undefined {
  const counts = [...body.toString('latin1').matchAll(/^job_duration_seconds_count\{.*\} (\S+)$/gm)].map(
    (line) => Number(line[1]),
  );
  if (counts.length === series && counts.every((count) => count === records)) return undefined;
  return `${counts.length} series with ${sum(counts)} records instead of ${series} with ${records} each`;
}

/** Whether a scrape itself reports that some processes were late. */
function reportsLate(body: Buffer): boolean {
  const text = body.toString('latin1');
  const value = (name: string): number =>
    Number(new RegExp(`^${name}(?:\\{.*\\})? (\\S+)$`, 'm').exec(text)?.[1]);
  return value('routemeter_group_members_fresh') < value('routemeter_group_members');
}

/** @throws Error unless a scrape is right within some seconds */
async function becomesRight(cluster: Cluster, series: number, records: number): Promise<void> {
  const end = performance.now() + RIGHT_MILLIS;
  for (;;) {
    const wrong = mistake((await fetchMetrics(cluster.port)).body, series, records);
    if (wrong === undefined) return;
    if (performance.now() > end) throw new Error(wrong);
  }
}

async function cpuOf(cluster: Cluster): Promise<number> {
  const all = await cluster.everyone<NodeJS.CpuUsage>('cpu');
  return sum(all.map(({ user, system }) => user + system)) / 1_000;
}

async function scrapeOnce(cluster: Cluster, size: Size): Promise<Scrape> {
  const records = sum(await cluster.each<number>('touch'));
  await cluster.one(cluster.serving, 'watch');
  const watched = sleep(WATCHED_MILLIS);
  const before = await cpuOf(cluster);
  const { body, firstMillis, millis } = await fetchMetrics(cluster.port);
  const cpuMillis = (await cpuOf(cluster)) - before;
  await watched;
  const blocked = await cluster.one<Blocked>(cluster.serving, 'blocked');
  const wrong = mistake(body, size.series, records / size.series);
  if (wrong !== undefined) {
    if (!reportsLate(body)) throw new Error(wrong);
    await becomesRight(cluster, size.series, records / size.series);
  }
  return {
    firstByteMillis: firstMillis,
    totalMillis: millis,
    bytes: body.length,
    blocked,
    cpuMillis,
    late: wrong !== undefined,
  };
}

async function run(library: Library, size: Size): Promise<Run> {
  const cluster = await startCluster({ library, ...size, grouped: library === 'routemeter' });
  try {
    await cluster.each('touch');
    await cluster.one(cluster.serving, 'watch');
    await sleep(WATCHED_MILLIS);
    const settling = await cluster.one<Blocked>(cluster.serving, 'blocked');
    await cluster.everyone('resetPeak');
    const before = await cluster.one<Memory>(cluster.serving, 'memory');
    const first = await scrapeOnce(cluster, size);
    const later: Scrape[] = [];
    for (let count = 0; count < LATER_SCRAPES; count++) later.push(await scrapeOnce(cluster, size));
    const after = await cluster.one<Memory>(cluster.serving, 'memory');
    const all = await cluster.everyone<Memory>('memory');
    return {
      first,
      later,
      settling,
      peak: after.peak,
      growth: after.peak - before.rss,
      peakOfAll: sum(all.map(({ peak }) => peak)),
    };
  } finally {
    await cluster.stop();
  }
}

/** A cluster of each library in turns. */
export async function measureScrapes(
  size: Size,
  rounds: number,
  settings: Settings,
): Promise<readonly Series[]> {
  const all: readonly Series[] = [
    ...CLIENTS.map((library): Series => ({ library, size, runs: [], failure: undefined })),
    { library: 'routemeter', size, runs: [], failure: missing() },
  ];
  for (let round = 0; round < rounds; round++) {
    for (const series of round % 2 === 0 ? all : all.toReversed()) {
      if (series.failure !== undefined) continue;
      const name = `${size.workers} workers of ${size.series} series, ${series.library}`;
      try {
        const done = await run(series.library, size);
        series.runs.push(done);
        const last = done.later.at(-1);
        settings.progress(
          `${name}: ${last?.totalMillis.toFixed(0)} ms, block ${last?.blocked.block.toFixed(0)} ms, ` +
            `${last?.blocked.on.toFixed(0)} on a processor, ${(done.growth / 1e6).toFixed(0)} MB more, ` +
            `${[done.first, ...done.later].filter(({ late }) => late).length} late`,
        );
      } catch (error) {
        series.failure = error instanceof Error ? error.message : String(error);
        settings.problem(`${name}: ${series.failure}`);
      }
    }
  }
  return all;
}
