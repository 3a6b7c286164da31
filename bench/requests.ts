/** CPU time a request, on bare node:http and on Express. */
import { type App, CORES, startApp, withOutput } from './processes.ts';
import type { Report, Table, Target } from './report.ts';
import { byRoute, countedRight, difference, type RouteCounts, total } from './route-counts.ts';
import type { Settings } from './settings.ts';
import { type Summary, signedSpread, spread, summarize } from './statistics.ts';
import { missing, ROUTEMETER, scrapedCount } from './variants.ts';

export interface Variant {
  readonly name: string;
  readonly nodeArguments?: readonly string[];
  readonly scriptArguments?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Requests in the variant's own metrics; undefined where it has none. */
  readonly counted?: (app: App) => Promise<number>;
  /** The same by route, in place of `counted`: those without one under ''. */
  readonly routes?: (app: App) => Promise<RouteCounts>;
  readonly missing?: string | undefined;
}

export interface Server {
  readonly name: string;
  readonly script: string;
  readonly paths: readonly string[];
  /** The route of each path as the app declares it; needed for variants that count by route. */
  readonly routes?: Readonly<Record<string, string>>;
  readonly variants: readonly Variant[];
}

const CONNECTIONS = 32;
export const NOTHING = 'nothing';
const BY_HAND = 'prom-client by hand';
const OTEL_HTTP = 'instrumentation-http';
const OTEL_EXPRESS = 'instrumentation-http and -express';
export const OURS = 'routemeter';

const asks = (app: App): Promise<number> => app.ask<number>('counted');

export function servers(): readonly Server[] {
  const byHand: Variant = { name: BY_HAND, scriptArguments: ['prom-client'], counted: asks };
  const otel = (name: string): Variant => ({
    name,
    nodeArguments: ['-r', './apps/otel-setup.cjs'],
    counted: asks,
  });
  const ours: Variant = { name: OURS, ...ROUTEMETER, counted: scrapedCount, missing: missing() };
  return [
    {
      name: 'node:http',
      script: 'bare.cjs',
      paths: ['/users/42', '/health'],
      variants: [{ name: NOTHING }, byHand, otel(OTEL_HTTP), ours],
    },
    {
      name: 'Express 5',
      script: 'express.cjs',
      paths: ['/users/7/posts/42', '/users/8/posts/43', '/users/7/posts', '/health'],
      variants: [
        { name: NOTHING },
        byHand,
        { name: 'express-prom-bundle', scriptArguments: ['express-prom-bundle'], counted: asks },
        otel(OTEL_EXPRESS),
        ours,
      ],
    },
  ];
}

/** A server, and the series of each of its variants. */
export interface Measured {
  readonly server: Server;
  readonly all: readonly Series[];
}

interface Count {
  readonly sent: number;
  readonly counted: number;
  /** Those of them that were counted for the route that they have; undefined where that is not known. */
  readonly right: number | undefined;
}

/** The samples of one variant; it leaves the run at its first failure. */
export interface Series {
  readonly variant: Variant;
  /** CPU microseconds a request of each turn, user and system, all threads. */
  readonly samples: number[];
  /** Requests sent to each process, and requests in its own metrics. */
  readonly counts: Count[];
  failure: string | undefined;
}

/** One process of a variant, and the load that belongs to it. */
interface Session {
  readonly server: Server;
  readonly series: Series;
  readonly app: App;
  readonly load: App;
  sent: number;
}

async function open(server: Server, series: Series, warmUp: number): Promise<Session> {
  const app = await startApp({ ...series.variant, script: server.script, core: CORES?.measured });
  let load: App | undefined;
  try {
    load = await startApp({ script: 'load.cjs', core: CORES?.others });
    const port = await app.ask<number>('port');
    const first = await load.ask<number>('connect', { port, paths: server.paths, count: CONNECTIONS });
    await load.ask('send', warmUp);
    return { server, series, app, load, sent: first + warmUp };
  } catch (error) {
    await load?.stop();
    await app.stop();
    throw withOutput(error, app);
  }
}

async function turn(session: Session, requests: number): Promise<void> {
  const before = await session.app.ask<NodeJS.CpuUsage>('cpu');
  await session.load.ask('send', requests);
  const after = await session.app.ask<NodeJS.CpuUsage>('cpu');
  session.sent += requests;
  session.series.samples.push((after.user - before.user + after.system - before.system) / requests);
}

/** @returns what is wrong with the routes, if anything */
async function count({ server, series, app, load, sent }: Session): Promise<string | undefined> {
  const { counted, routes } = series.variant;
  if (counted) series.counts.push({ sent, counted: await counted(app), right: undefined });
  if (!routes) return undefined;
  const asked = byRoute(await load.ask<RouteCounts>('sent'), server.routes ?? {});
  const found = await routes(app);
  const right = countedRight(asked, found);
  series.counts.push({ sent, counted: total(found), right });
  return right === sent ? undefined : difference(asked, found);
}

/** One process of each variant, which then take turns. */
async function measureRound(server: Server, all: readonly Series[], settings: Settings): Promise<void> {
  const { turns, requests, warmUp } = settings.quick
    ? { turns: 3, requests: 5_000, warmUp: 10_000 }
    : { turns: 10, requests: 10_000, warmUp: 50_000 };
  const sessions: Session[] = [];
  const attempt = async (series: Series, step: () => Promise<unknown>): Promise<void> => {
    if (series.failure !== undefined) return;
    try {
      await step();
    } catch (error) {
      series.failure = error instanceof Error ? error.message : String(error);
      settings.progress(`${server.name}, ${series.variant.name}: ${series.failure}`);
    }
  };
  const attemptIn = (session: Session, step: (session: Session) => Promise<unknown>): Promise<void> =>
    attempt(session.series, async () => {
      try {
        await step(session);
      } catch (error) {
        throw withOutput(error, session.app);
      }
    });
  try {
    for (const series of all) {
      await attempt(series, async () => sessions.push(await open(server, series, warmUp)));
    }
    for (let number = 0; number < turns; number++) {
      for (const session of number % 2 === 0 ? sessions : sessions.toReversed()) {
        await attemptIn(session, (each) => turn(each, requests));
      }
    }
    for (const session of sessions) {
      await attemptIn(session, async (each) => {
        const wrong = await count(each);
        if (wrong) settings.progress(`${server.name}, ${each.series.variant.name}: ${wrong}`);
      });
    }
  } finally {
    for (const { app, load } of sessions) {
      await load.stop();
      await app.stop();
    }
  }
}

/** Begins with another variant in each round: what comes first, last or between others may run at another speed for that. */
export function rotated<Item>(items: readonly Item[], round: number): readonly Item[] {
  const first = (round - 1) % Math.max(items.length, 1);
  return [...items.slice(first), ...items.slice(0, first)];
}

/** Measures the servers in turns, a round of each after the other. */
export async function measureServers(
  servers: readonly Server[],
  rounds: number,
  settings: Settings,
): Promise<readonly Measured[]> {
  const measured = servers.map((server): Measured => {
    const all = server.variants.map(
      (variant): Series => ({ variant, samples: [], counts: [], failure: variant.missing }),
    );
    return { server, all };
  });
  for (let round = 1; round <= rounds; round++) {
    for (const { server, all } of measured) {
      await measureRound(server, rotated(all, round), settings);
      const medians = all
        .filter((series) => series.failure === undefined)
        .map((series) => `${series.variant.name} ${summarize(series.samples).median.toFixed(1)}`);
      settings.progress(`${server.name}, round ${round} of ${rounds}, µs so far: ${medians.join(', ')}`);
    }
  }
  return measured;
}

export async function measureServer(
  server: Server,
  rounds: number,
  settings: Settings,
): Promise<readonly Series[]> {
  const [measured] = await measureServers([server], rounds, settings);
  return measured?.all ?? [];
}

/** Differences to the same turn of another variant, by default the server with nothing. */
export function added(all: readonly Series[], name: string, to: string = NOTHING): Summary | undefined {
  const base = all.find((series) => series.variant.name === to);
  const series = all.find((one) => one.variant.name === name);
  if (!base || base.failure !== undefined || !series || series.failure !== undefined) return undefined;
  return summarize(series.samples.map((cpu, index) => cpu - (base.samples[index] ?? Number.NaN)));
}

export function counts({ variant, counts }: Series): string {
  if (!variant.counted && !variant.routes) return '';
  const wrong = counts.find(({ sent, counted }) => sent !== counted);
  return wrong ? `**${wrong.counted} of ${wrong.sent}**` : 'all';
}

export function tableOf(server: Server, all: readonly Series[], reference: string): Table {
  const base = added(all, reference)?.median;
  return {
    title: server.name,
    headers: ['variant', 'CPU µs a request', 'added', `of what ${reference} adds`, 'requests counted'],
    rows: all.map((series) => {
      const { name } = series.variant;
      if (series.failure !== undefined) return [name, `not measured: ${series.failure}`, '', '', ''];
      const difference = added(all, name);
      const isBase = name === NOTHING || !difference;
      return [
        name,
        spread(summarize(series.samples), 1),
        isBase ? '' : signedSpread(difference, 1),
        isBase || base === undefined ? '' : `${(difference.median / base).toFixed(2)} ×`,
        counts(series),
      ];
    }),
  };
}

/** At the most as much as something else adds. */
export function target(
  what: string,
  ours: Summary | undefined,
  limit: number | undefined,
  of: string,
): Target {
  const known = ours !== undefined && limit !== undefined;
  return {
    what,
    limit: limit === undefined ? of : `${limit.toFixed(2)} µs (${of})`,
    measured: ours === undefined ? '' : `${ours.median.toFixed(2)} µs`,
    reached: known ? ours.median <= limit : undefined,
  };
}

/** A difference that cannot be told from nothing. */
export function costsNothing(what: string, more: Summary | undefined, unit = 'µs'): Target {
  const digits = (value: number): string => value.toFixed(2);
  return {
    what,
    limit: `nothing: 0 ${unit} within the quartiles, or below`,
    measured: more ? `${digits(more.median)} ${unit} (${digits(more.low)} to ${digits(more.high)})` : '',
    reached: more && more.low <= 0,
  };
}

export async function requests(settings: Settings): Promise<Report> {
  const rounds = settings.rounds ?? (settings.quick ? 2 : 7);
  const [bare, express] = servers();
  if (!bare || !express) throw new Error('two servers are measured');
  const onBare = await measureServer(bare, rounds, settings);
  const onExpress = await measureServer(express, rounds, settings);
  const otel = added(onExpress, OTEL_EXPRESS)?.median;
  return {
    name: 'requests',
    tables: [tableOf(bare, onBare, BY_HAND), tableOf(express, onExpress, OTEL_EXPRESS)],
    targets: [
      target(
        'added on node:http',
        added(onBare, OURS),
        added(onBare, BY_HAND)?.median,
        'prom-client by hand',
      ),
      target(
        'added on Express 5',
        added(onExpress, OURS),
        otel === undefined ? undefined : otel / 10,
        'a tenth of the instrumentations',
      ),
    ],
    notes: [
      `${rounds} rounds, each with a new process of every variant, which then took turns; medians over all turns, and first to third quartile in brackets; what is added is the difference to "nothing" in the same turn.`,
      CORES
        ? 'The server had one core to itself and the load the other.'
        : 'Processes could not be pinned to cores.',
    ],
  };
}
