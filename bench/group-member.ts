/** What a member of a group costs between scrapes: the share of a core that workers take, idle and recording. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Cluster, type ClusterOptions, startCluster } from './group-cluster.ts';
import { CORES, startApp } from './processes.ts';
import type { Report, Table, Target } from './report.ts';
import type { Settings } from './settings.ts';
import { type Summary, signedSpread, spread, summarize } from './statistics.ts';
import { missing } from './variants.ts';

const SERIES = 2_000;
const WARM_UP_MILLIS = 10_000;
const SDK_ONLY = 'the SDK, never collected';
const ALONE = 'routemeter, a port of its own';
const MEMBER = 'routemeter, a member of a group';
const SERVING = 'routemeter, serving the group';
const LIMIT_PERCENT = { idle: 0.5, changing: 1 } as const;
type Load = keyof typeof LIMIT_PERCENT;

/** Percent of a core, a value a round. */
interface Series {
  readonly name: string;
  readonly idle: number[];
  readonly changing: number[];
}

/** A running cluster, and where the samples of some of its workers go. */
interface Session {
  readonly cluster: Cluster;
  readonly workers: readonly (readonly [pid: number, name: string])[];
}

/** All sessions at the same time: together they leave the core idle most of the time. */
async function measure(
  all: ReadonlyMap<string, Series>,
  sessions: readonly Session[],
  load: Load,
  millis: number,
): Promise<void> {
  await Promise.all(
    sessions.map(async ({ cluster, workers }) => {
      const readings: { name: string; at: number; micros: number }[] = [];
      const read = async (): Promise<void> => {
        for (const [pid, name] of workers) {
          const { user, system } = await cluster.one<NodeJS.CpuUsage>(pid, 'cpu');
          readings.push({ name, at: performance.now(), micros: user + system });
        }
      };
      await read();
      await sleep(millis);
      await read();
      for (const [before, after] of workers.map((_, i) => [readings[i], readings[i + workers.length]])) {
        if (!before || !after) continue;
        const percent = (100 * (after.micros - before.micros)) / (1_000 * (after.at - before.at));
        all.get(after.name)?.[load].push(percent);
      }
    }),
  );
}

async function measureRound(all: ReadonlyMap<string, Series>, quick: boolean): Promise<void> {
  const sessions: Session[] = [];
  const start = async (
    options: Pick<ClusterOptions, 'library' | 'grouped'>,
    choose: (cluster: Cluster) => Session['workers'],
  ): Promise<void> => {
    const cluster = await startCluster({ ...options, workers: 2, series: SERIES, core: CORES?.measured });
    sessions.push({ cluster, workers: choose(cluster) });
  };
  const change = (on: boolean) => Promise.all(sessions.map(({ cluster }) => cluster.each('change', on)));
  const millis = quick ? 4_000 : 20_000;
  try {
    await start({ library: 'sdk', grouped: false }, ({ serving }) => [[serving, SDK_ONLY]]);
    await start({ library: 'routemeter', grouped: false }, ({ serving }) => [[serving, ALONE]]);
    await start({ library: 'routemeter', grouped: true }, ({ workers, serving }) =>
      workers.map((pid) => [pid, pid === serving ? SERVING : MEMBER]),
    );
    await change(true);
    await sleep(quick ? millis : WARM_UP_MILLIS);
    await measure(all, sessions, 'changing', millis);
    await change(false);
    await sleep(2_000);
    await measure(all, sessions, 'idle', millis);
  } finally {
    for (const { cluster } of sessions) await cluster.stop();
  }
}

function added(series: Series, base: Series | undefined, load: Load): Summary {
  return summarize(series[load].map((value, round) => value - (base?.[load][round] ?? Number.NaN)));
}

function tableOf(all: ReadonlyMap<string, Series>): Table {
  const sdk = all.get(SDK_ONLY);
  const cells = (series: Series, load: Load): string[] => [
    spread(summarize(series[load]), 2),
    series === sdk ? '' : signedSpread(added(series, sdk, load), 2),
  ];
  return {
    title: `A worker with ${SERIES.toLocaleString('en')} series`,
    headers: ['variant', 'idle, % of a core', 'added', 'all changing every second, % of a core', 'added'],
    rows: [...all.values()].map((series) => [
      series.name,
      ...cells(series, 'idle'),
      ...cells(series, 'changing'),
    ]),
  };
}

function targetOf(all: ReadonlyMap<string, Series>, load: Load, what: string): Target {
  const member = all.get(MEMBER);
  const whole = member && added(member, all.get(SDK_ONLY), load).median;
  const group = member && added(member, all.get(ALONE), load).median;
  return {
    what,
    limit: `${LIMIT_PERCENT[load]} % of a core`,
    measured:
      whole === undefined || group === undefined
        ? ''
        : `${whole.toFixed(2)} %, of it ${group.toFixed(2)} % by being in a group`,
    reached: whole === undefined || Number.isNaN(whole) ? undefined : whole < LIMIT_PERCENT[load],
  };
}

export async function measureMembers(
  rounds: number,
  settings: Settings,
): Promise<Pick<Report, 'tables' | 'targets' | 'notes'>> {
  const all = new Map(
    [SDK_ONLY, ALONE, MEMBER, SERVING].map((name): [string, Series] => [
      name,
      { name, idle: [], changing: [] },
    ]),
  );
  let failure = missing();
  const awake = CORES && (await startApp({ script: 'awake.cjs', core: CORES.measured }));
  try {
    for (let round = 1; round <= rounds && failure === undefined; round++) {
      await measureRound(all, settings.quick);
      const last = [...all.values()].map(
        ({ name, idle, changing }) => `${name} ${idle.at(-1)?.toFixed(2)} and ${changing.at(-1)?.toFixed(2)}`,
      );
      settings.progress(`members, round ${round} of ${rounds}, % idle and changing: ${last.join('; ')}`);
    }
  } catch (error) {
    failure = error instanceof Error ? error.message : String(error);
    settings.problem(`members: ${failure}`);
  } finally {
    await awake?.stop();
  }
  return {
    tables: failure === undefined ? [tableOf(all)] : [],
    targets: [
      targetOf(all, 'idle', `a member, idle with ${SERIES.toLocaleString('en')} series`),
      targetOf(all, 'changing', 'a member, all of them changing every second'),
    ],
    notes:
      failure === undefined
        ? [
            `A member's cost: ${rounds} rounds of ${settings.quick ? 4 : 20} s each, all variants at the same time on one core that is kept awake; what is added is the difference to the SDK alone in the same round.`,
          ]
        : [`A member's cost was not measured: ${failure}`],
  };
}
