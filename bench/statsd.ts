/** What StatsD costs at several rates: CPU, packets and bytes, beside hot-shots; and whether every request arrives. */
import { CORES, startApp } from './processes.ts';
import type { Report } from './report.ts';
import type { Settings } from './settings.ts';
import {
  aligned,
  close,
  fullSpeed,
  OURS,
  open,
  type Session,
  VARIANTS,
  warmUp,
  window,
} from './statsd-sessions.ts';
import {
  exactTarget,
  fullSpeedTable,
  lateText,
  RATES,
  type Series,
  tableOf,
  targetsAt,
} from './statsd-tables.ts';

/** Up to here all variants are loaded at the same time, above it one after the other. */
const TOGETHER = 100;
/** Above it each variant has its turn, which takes minutes. */
const QUICK_RATES = [TOGETHER] as const;
const TARGET_RATES = [1_000, 10_000] as const;
const FULL_SPEED_REQUESTS = { full: 200_000, quick: 20_000 } as const;

async function attempt(series: Series, settings: Settings, step: () => Promise<unknown>): Promise<void> {
  if (series.failure !== undefined) return;
  try {
    await step();
  } catch (error) {
    series.failure = error instanceof Error ? error.message : String(error);
    settings.problem(`${series.variant.name}: ${series.failure}`);
  }
}

/** One process of each variant, that stays for all rates. */
async function measureRound(all: readonly Series[], settings: Settings): Promise<void> {
  const intervals = settings.quick ? 1 : 2;
  const sessions = new Map<Series, Session>();
  const each = (step: (series: Series, session: Session) => Promise<unknown>) =>
    all.flatMap((series) => {
      const session = sessions.get(series);
      return session ? [(): Promise<void> => attempt(series, settings, () => step(series, session))] : [];
    });
  try {
    // At the same time, so that their intervals begin nearly together.
    await Promise.all(
      all.map((series) =>
        attempt(series, settings, async () => {
          sessions.set(series, await open(series.variant, true));
        }),
      ),
    );
    for (const step of each((_series, session) => warmUp(session, settings.quick))) await step();
    for (const rate of settings.quick ? QUICK_RATES : RATES) {
      const align = each((_series, session) => aligned(session));
      const steps = each(async (series, session) => {
        const sample = await window(session, rate, intervals);
        series.samples.get(rate)?.push(sample);
        const { cpuMicros, requests, packets, bytes, late } = sample;
        const cpu = (cpuMicros / requests).toFixed(1);
        settings.progress(
          `${rate} a second, ${series.variant.name}: ${cpu} µs a request, ${packets} packets, ${bytes} bytes, ${late} late`,
        );
      });
      if (rate <= TOGETHER) {
        await Promise.all(align.map((step) => step()));
        await Promise.all(steps.map((step) => step()));
      } else {
        for (const [index, step] of steps.entries()) {
          await align[index]?.();
          await step();
        }
      }
    }
  } finally {
    for (const session of sessions.values()) await close(session);
  }
}

async function measureFullSpeed(all: readonly Series[], requests: number, settings: Settings): Promise<void> {
  for (const series of all.filter(({ variant }) => OURS.includes(variant))) {
    await attempt(series, settings, async () => {
      const session = await open(series.variant, false);
      try {
        const result = await fullSpeed(session, requests);
        series.atFullSpeed.push(result);
        const text = `full speed, ${series.variant.name}: ${result.counted} of ${result.sent}`;
        if (result.counted === result.sent) settings.progress(text);
        else settings.problem(text);
      } finally {
        await close(session);
      }
    });
  }
}

export async function statsd(settings: Settings): Promise<Report> {
  const rounds = settings.rounds ?? (settings.quick ? 1 : 3);
  const all = VARIANTS.map(
    (variant): Series => ({
      variant,
      samples: new Map(RATES.map((rate) => [rate, []])),
      atFullSpeed: [],
      failure: variant.missing,
    }),
  );
  const awake = CORES && (await startApp({ script: 'awake.cjs', core: CORES.measured }));
  try {
    for (let round = 1; round <= rounds; round++) {
      settings.progress(`round ${round} of ${rounds}`);
      await measureRound(round % 2 === 0 ? all.toReversed() : all, settings);
    }
  } finally {
    await awake?.stop();
  }
  const requests = FULL_SPEED_REQUESTS[settings.quick ? 'quick' : 'full'];
  await measureFullSpeed(all, requests, settings);
  const rates = settings.quick ? QUICK_RATES : RATES;
  return {
    name: 'statsd',
    tables: [...rates.map((rate) => tableOf(all, rate)), fullSpeedTable(all, requests)],
    targets: [...TARGET_RATES.flatMap((rate) => targetsAt(all, rate)), exactTarget(all)],
    notes: [
      `${rounds} rounds, each with a new process of every variant and a window of ${settings.quick ? 10 : 20} s at each rate; medians over the rounds, and first to third quartile in brackets; what is added is the difference to "nothing" in the same round.`,
      CORES
        ? 'The servers had one core to themselves, and the loads and the receivers the other.'
        : 'Processes could not be pinned to cores.',
      lateText(all, rates),
    ],
  };
}
