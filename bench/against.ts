/** A branch against its base: the working tree and a commit, taking turns within one run. */
import { join } from 'node:path';
import { type Base, basePreload } from './base.ts';
import type { Report, Table } from './report.ts';
import { servers } from './requests.ts';
import { measureSize, SIZES } from './scrape.ts';
import type { Settings } from './settings.ts';
import { measureStarts, SCRIPTS } from './startup.ts';
import { summarize } from './statistics.ts';
import { measureServer, type Variant } from './turns.ts';
import { missing, OURS, ROUTEMETER } from './variants.ts';

/** One figure, as it was measured of both. */
export interface Line {
  readonly what: string;
  readonly branch: readonly number[];
  readonly base: readonly number[];
}

const BASE = 'base';
const STARTS = [
  ['wallMillis', 'wall ms'],
  ['cpuMillis', 'CPU ms'],
  ['rssMegabytes', 'RSS MB'],
] as const;
const SCRAPES = [
  ['totalMillis', 'ms'],
  ['blockMillis', 'longest block ms'],
] as const;

/** Lower tenths and medians, and the ratios of the branch to the base: above 1 the branch takes more. */
export function comparison(title: string, lines: readonly Line[]): Table {
  const headers = ['lower tenth', 'median'].flatMap((name) => [`${name}, branch`, 'base', 'branch / base']);
  const pair = (branch: number, base: number): string[] => [
    branch.toFixed(1),
    base.toFixed(1),
    (branch / base).toFixed(2),
  ];
  return {
    title,
    headers: ['', ...headers],
    rows: lines.map(({ what, branch, base }) => {
      const [ours, theirs] = [summarize(branch), summarize(base)];
      return [what, ...pair(ours.tenth, theirs.tenth), ...pair(ours.median, theirs.median)];
    }),
  };
}

/** The two series of a benchmark's result. @throws Error where one of them could not be measured */
function both<
  Series extends { readonly variant: { readonly name: string }; readonly failure: string | undefined },
>(all: readonly Series[]): readonly [branch: Series, base: Series] {
  const [branch, base] = all;
  if (branch === undefined || base === undefined) throw new Error('two variants are compared');
  for (const { variant, failure } of [branch, base]) {
    if (failure !== undefined) throw new Error(`${variant.name}: ${failure}`);
  }
  return [branch, base];
}

async function requests(base: Base, settings: Settings): Promise<Line[]> {
  const { nodeArguments } = basePreload(base);
  const lines: Line[] = [];
  for (const server of servers()) {
    // The last one is routemeter, with the most that is measured of that server.
    const ours = server.variants.at(-1);
    if (ours === undefined) throw new Error(`${server.name} has no variants`);
    const variants: Variant[] = [ours, { ...ours, nodeArguments, name: BASE, missing: undefined }];
    const rounds = settings.rounds ?? (settings.quick ? 2 : 7);
    const [mine, theirs] = both(await measureServer({ ...server, variants }, rounds, settings));
    lines.push({ what: `${server.name}, CPU µs a request`, branch: mine.samples, base: theirs.samples });
  }
  return lines;
}

async function startup(base: Base, settings: Settings): Promise<Line[]> {
  const variants = [
    { name: OURS, ...ROUTEMETER, missing: missing() },
    { name: BASE, ...basePreload(base) },
  ];
  const rounds = settings.rounds ?? (settings.quick ? 4 : 30);
  const [mine, theirs] = both(await measureStarts(variants, rounds, settings));
  return SCRIPTS.flatMap((script) =>
    STARTS.map(([value, unit]) => ({
      what: `${script}, ${unit}`,
      branch: mine.samples[script].map((sample) => sample[value]),
      base: theirs.samples[script].map((sample) => sample[value]),
    })),
  );
}

async function scrape({ folder }: Base, settings: Settings): Promise<Line[]> {
  const script = 'scrape-routemeter.mjs';
  const variants = [
    { name: OURS, script, missing: missing() },
    // Its own script: it puts together what lies inside of that package.
    { name: BASE, script: join(folder, 'bench/apps', script) },
  ];
  const lines: Line[] = [];
  for (const size of SIZES) {
    const rounds = settings.rounds ?? (settings.quick ? 2 : 7);
    const [mine, theirs] = both(await measureSize(size, variants, rounds, settings));
    for (const [value, unit] of SCRAPES) {
      lines.push({
        what: `${size.toLocaleString('en')} series, ${unit}`,
        branch: mine.later.map((sample) => sample[value]),
        base: theirs.later.map((sample) => sample[value]),
      });
    }
  }
  return lines;
}

const comparing =
  (name: string, measure: (base: Base, settings: Settings) => Promise<Line[]>) =>
  async (base: Base, settings: Settings): Promise<Report> => {
    const title = `${name}, the working tree against ${base.commit.slice(0, 12)}`;
    return { name, tables: [comparison(title, await measure(base, settings))], targets: [], notes: [] };
  };

/** The benchmarks that can be run against a base. */
export const COMPARISONS: Readonly<Record<string, (base: Base, settings: Settings) => Promise<Report>>> = {
  requests: comparing('requests', requests),
  startup: comparing('startup', startup),
  scrape: comparing('scrape', scrape),
};
