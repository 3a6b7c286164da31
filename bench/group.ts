/** One scrape for many processes, beside the clients' cluster aggregation; and what being in a group costs. */
import { availableParallelism } from 'node:os';
import { measureMembers } from './group-member.ts';
import { measureRequests } from './group-requests.ts';
import { measureScrapes, type Series, type Size } from './group-scrape.ts';
import { tableOf, targetsOf } from './group-tables.ts';
import type { Report } from './report.ts';
import type { Settings } from './settings.ts';

/** The targets are those of the first. */
const SIZES: readonly Size[] = [
  { workers: 4, series: 10_000 },
  { workers: 4, series: 2_000 },
  { workers: 16, series: 2_000 },
  { workers: 64, series: 2_000 },
];
const QUICK: readonly Size[] = [{ workers: 2, series: 1_000 }];
/** Starting so many takes long, and their scrapes differ little. */
const MANY = { workers: 64, rounds: 3 } as const;

/** What a cluster may take at the most, by far: prom-client's with 64 workers of 2,000 series. */
const PROCESS_BYTES = 150e6;

function measurable({ workers }: Size): boolean {
  return workers * PROCESS_BYTES < process.availableMemory();
}

export async function group(settings: Settings): Promise<Report> {
  const rounds = settings.rounds ?? (settings.quick ? 1 : 5);
  const scrapes: (readonly Series[])[] = [];
  const sizes = settings.quick ? QUICK : SIZES;
  const skipped = sizes.filter((size) => !measurable(size));
  for (const size of sizes.filter(measurable)) {
    const { workers } = size;
    scrapes.push(
      await measureScrapes(size, workers < MANY.workers ? rounds : Math.min(rounds, MANY.rounds), settings),
    );
  }
  const members = await measureMembers(Math.min(rounds, 3), settings);
  const requests = await measureRequests(rounds, settings);
  const targeted = scrapes.find(([series]) => series?.size === sizes[0]) ?? [];
  return {
    name: 'group',
    tables: [...scrapes.map(tableOf), ...members.tables, ...requests.tables],
    targets: [...targetsOf(targeted), ...members.targets, ...requests.targets],
    notes: [
      `${rounds} clusters of each (${Math.min(rounds, MANY.rounds)} of ${MANY.workers} workers), in turns, each with a first scrape and three later ones, every series of every worker recorded to before each; medians, and first to third quartile in brackets.`,
      `The processes of a cluster shared ${availableParallelism()} cores with the client.`,
      ...skipped.map(({ workers }) => `${workers} workers: not measured, there is too little memory.`),
      ...members.notes,
    ],
  };
}
