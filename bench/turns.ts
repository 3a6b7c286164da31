/** Variants of a server, as processes that take turns: the CPU time a request of each, and whether all were counted. */
import { type App, CORES, startApp, withOutput } from './processes.ts';
import { byRoute, countedRight, difference, type RouteCounts, total } from './route-counts.ts';
import type { Settings } from './settings.ts';
import { summarize } from './statistics.ts';

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
  /** That of HTTP/1 by default. */
  readonly load?: string;
  readonly paths: readonly string[];
  /** Of each request besides what every client sends; `{now}` stands for the time, in milliseconds since 1970. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The route of each path as the app declares it; needed for variants that count by route. */
  readonly routes?: Readonly<Record<string, string>>;
  readonly variants: readonly Variant[];
}

const CONNECTIONS = 32;

/** The variant that the others are compared with. */
export const NOTHING = 'nothing';

/** A server, and the series of each of its variants. */
export interface Measured<Row extends Server = Server> {
  readonly server: Row;
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
  const { script, load: loadScript = 'load.cjs', paths, headers } = server;
  const nodeArguments = ['--expose-gc', ...(series.variant.nodeArguments ?? [])];
  const app = await startApp({ ...series.variant, nodeArguments, script, core: CORES?.measured });
  let load: App | undefined;
  try {
    await app.ask('collectGarbage');
    load = await startApp({ script: loadScript, core: CORES?.others });
    const port = await app.ask<number>('port');
    const first = await load.ask<number>('connect', { port, paths, headers, count: CONNECTIONS });
    await load.ask('send', warmUp);
    await app.ask('collectGarbage');
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

/** Compares what a variant's own metrics have with what was sent. */
async function count({ server, series, app, load, sent }: Session, settings: Settings): Promise<void> {
  const { name, counted, routes } = series.variant;
  if (counted) series.counts.push({ sent, counted: await counted(app), right: undefined });
  if (routes) {
    const asked = byRoute(await load.ask<RouteCounts>('sent'), server.routes ?? {});
    const found = await routes(app);
    const right = countedRight(asked, found);
    series.counts.push({ sent, counted: total(found), right });
    if (right !== sent) settings.progress(`${server.name}, ${name}: ${difference(asked, found)}`);
  }
  const last = series.counts.at(-1);
  if (last === undefined || last.counted === sent) return;
  settings.problem(`${server.name}, ${name}: ${last.counted} of ${sent} requests are counted`);
}

/** One process of each variant, which then take turns. */
async function measureRound(server: Server, all: readonly Series[], settings: Settings): Promise<void> {
  const { turns, requests, warmUp } = settings.quick
    ? { turns: 3, requests: 1_000, warmUp: 2_000 }
    : { turns: 20, requests: 5_000, warmUp: 50_000 };
  const sessions: Session[] = [];
  const attempt = async (series: Series, step: () => Promise<unknown>): Promise<void> => {
    if (series.failure !== undefined) return;
    try {
      await step();
    } catch (error) {
      series.failure = error instanceof Error ? error.message : String(error);
      settings.problem(`${server.name}, ${series.variant.name}: ${series.failure}`);
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
    for (const session of sessions) await attemptIn(session, (each) => count(each, settings));
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
export async function measureServers<Row extends Server>(
  servers: readonly Row[],
  rounds: number,
  settings: Settings,
): Promise<readonly Measured<Row>[]> {
  const measured = servers.map((server): Measured<Row> => {
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
