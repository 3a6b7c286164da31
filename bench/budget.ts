/** Where the time goes that is added to a request: the parts one after the other, in a loop without a network. */
import { isDeepStrictEqual } from 'node:util';
import { type App, CORES, startApp } from './processes.ts';
import type { Report, Table } from './report.ts';
import { difference } from './route-counts.ts';
import type { Settings } from './settings.ts';
import { type Figures, signed, signedSpread, summarize } from './statistics.ts';
import { missing, ROUTEMETER, scrapedRoutes } from './variants.ts';

/** What of routemeter runs: from `exchange` on, each after all before it. */
export type Part = 'channels' | 'clock' | 'exchange' | 'look-ups' | 'record' | 'sources' | 'routemeter';

export interface Loop {
  readonly part: Part | 'nothing';
  readonly framework?: 'express';
}

/** One process that makes requests in a loop. */
interface Process {
  readonly loop: Loop;
  readonly app: App;
}

const NOTHING: Loop = { part: 'nothing' };
const CHANNELS: Loop = { part: 'channels' };
const CLOCK: Loop = { part: 'clock' };
const EXCHANGE: Loop = { part: 'exchange' };
const LOOK_UPS: Loop = { part: 'look-ups' };
const RECORD: Loop = { part: 'record' };
const SOURCES: Loop = { part: 'sources' };
const ALL: Loop = { part: 'routemeter' };
const EXPRESS_NOTHING: Loop = { part: 'nothing', framework: 'express' };
const EXPRESS: Loop = { part: 'routemeter', framework: 'express' };
const LOOPS = [NOTHING, CHANNELS, CLOCK, EXCHANGE, LOOK_UPS, RECORD, SOURCES, ALL, EXPRESS_NOTHING, EXPRESS];

/** The time of the first loops less that of the others. */
interface Line {
  readonly name: string;
  readonly more: readonly Loop[];
  readonly less: readonly Loop[];
}

const LINES: readonly Line[] = [
  { name: 'clock: two readings', more: [CLOCK], less: [NOTHING] },
  { name: 'channels: Node.js publishes the start and the end', more: [CHANNELS], less: [NOTHING] },
  {
    name: 'exchange: its object, the open requests of its connection, its status',
    more: [EXCHANGE, NOTHING],
    less: [CHANNELS, CLOCK],
  },
  { name: 'look-ups: from its attributes to its series', more: [LOOK_UPS], less: [EXCHANGE] },
  { name: 'record: into the accumulation of the series', more: [RECORD], less: [LOOK_UPS] },
  { name: 'route: its sources are asked, and none has one', more: [SOURCES], less: [RECORD] },
  {
    name: 'the rest: whose server it is, what is left out, what the app has loaded',
    more: [ALL],
    less: [SOURCES],
  },
  { name: '**all of it, without a framework**', more: [ALL], less: [NOTHING] },
  { name: 'route: that of Express, at a mount', more: [EXPRESS, NOTHING], less: [EXPRESS_NOTHING, ALL] },
  { name: '**all of it, on Express**', more: [EXPRESS], less: [EXPRESS_NOTHING] },
];

/** Nanoseconds a request of each turn, by loop. */
type Samples = ReadonlyMap<Loop, number[]>;

async function open(loop: Loop, warmUp: number): Promise<Process> {
  const { part, framework } = loop;
  const preload = part === 'routemeter' ? ROUTEMETER : undefined;
  const app = await startApp({
    script: 'budget.ts',
    scriptArguments: framework ? [part, framework] : [part],
    nodeArguments: ['--expose-gc', ...(preload?.nodeArguments ?? [])],
    core: CORES?.measured,
    ...(preload && { env: preload.env }),
  });
  await app.ask('turn', warmUp);
  await app.ask('collectGarbage');
  return { loop, app };
}

/** @throws Error unless routemeter, where it runs, has counted them all under their route */
async function verify({ part, framework }: Loop, app: App, sent: number): Promise<void> {
  if (part !== 'routemeter') return;
  // Express has answered one that was really sent.
  const expected = framework === 'express' ? { '/users/:user/posts/:post': sent + 1 } : { '': sent };
  const counted = await scrapedRoutes(app);
  if (!isDeepStrictEqual(counted, expected)) throw new Error(difference(expected, counted));
}

/** A process of each loop, which then take turns. */
async function measureRound(samples: Samples, settings: Settings): Promise<void> {
  const { turns, requests, warmUp } = settings.quick
    ? { turns: 2, requests: 1_000, warmUp: 1_000 }
    : { turns: 30, requests: 20_000, warmUp: 200_000 };
  const processes: Process[] = [];
  const sent = warmUp + turns * requests;
  try {
    for (const loop of LOOPS) processes.push(await open(loop, warmUp));
    for (let turn = 0; turn < turns; turn++) {
      for (const { loop, app } of turn % 2 === 0 ? processes : processes.toReversed()) {
        samples.get(loop)?.push(await app.ask<number>('turn', requests));
      }
    }
    for (const { loop, app } of processes) await verify(loop, app, sent);
  } finally {
    for (const { app } of processes) await app.stop();
  }
}

/** The differences turn by turn; the lower tenth is the difference between lower tenths. */
export function differences(
  samples: Samples,
  { more, less }: Omit<Line, 'name'>,
): Figures & { text: string } {
  const values = (loop: Loop): readonly number[] => samples.get(loop) ?? [];
  const sum = (loops: readonly Loop[], value: (loop: Loop) => number): number =>
    loops.reduce((total, loop) => total + value(loop), 0);
  const subtract = (value: (loop: Loop) => number): number => sum(more, value) - sum(less, value);
  const turns = (more[0] ? values(more[0]) : []).map((_, turn) =>
    subtract((loop) => values(loop)[turn] ?? Number.NaN),
  );
  const summary = summarize(turns);
  return {
    median: summary.median,
    tenth: subtract((loop) => summarize(values(loop)).tenth),
    text: signedSpread(summary, 0),
  };
}

function tableOf(samples: Samples): Table {
  return {
    title: 'Where the added time goes',
    headers: ['part', 'CPU ns a request', 'lower tenths'],
    rows: LINES.map((line) => {
      const { tenth, text } = differences(samples, line);
      return [line.name, text, signed(tenth, 0)];
    }),
  };
}

export async function budget(settings: Settings): Promise<Report> {
  const rounds = settings.rounds ?? (settings.quick ? 1 : 5);
  const samples: Samples = new Map(LOOPS.map((loop) => [loop, []]));
  let failure = missing();
  try {
    for (let round = 1; round <= rounds && failure === undefined; round++) {
      await measureRound(samples, settings);
      const { text } = differences(samples, { more: [ALL], less: [NOTHING] });
      settings.progress(`budget, round ${round} of ${rounds}, ns in all: ${text}`);
    }
  } catch (error) {
    failure = error instanceof Error ? error.message : String(error);
    settings.problem(`budget: ${failure}`);
  }
  return {
    name: 'budget',
    tables: failure === undefined ? [tableOf(samples)] : [],
    targets: [],
    notes:
      failure === undefined
        ? [
            `${rounds} rounds, each with a new process of every loop, which then took turns; medians of the differences turn by turn, and first to third quartile in brackets.`,
          ]
        : [`Not measured: ${failure}`],
  };
}
