/** What StatsD costs at several rates: CPU, packets and bytes, beside hot-shots; and whether every request arrives. */
import { CORES } from './processes.ts';
import type { Report, Table, Target } from './report.ts';
import type { Settings } from './settings.ts';
import { signedSpread, spread, summarize } from './statistics.ts';
import {
  BUFFERED,
  close,
  fullSpeed,
  NOTHING,
  OURS,
  open,
  type Sample,
  type Session,
  VARIANTS,
  type Variant,
  WEIGHTED,
  warmUp,
  window,
} from './statsd-sessions.ts';

const RATES = [100, 1_000, 10_000] as const;
/** Up to here all variants are loaded at the same time, above it one after the other. */
const TOGETHER = 1_000;
const TARGET_RATES = [1_000, 10_000] as const;
const FULL_SPEED_REQUESTS = 200_000;

/** The windows of one variant, by rate; it leaves the run at its first failure. */
interface Series {
  readonly variant: Variant;
  readonly samples: ReadonlyMap<number, Sample[]>;
  readonly atFullSpeed: { readonly sent: number; readonly counted: number }[];
  failure: string | undefined;
}

async function attempt(series: Series, settings: Settings, step: () => Promise<unknown>): Promise<void> {
  if (series.failure !== undefined) return;
  try {
    await step();
  } catch (error) {
    series.failure = error instanceof Error ? error.message : String(error);
    settings.progress(`${series.variant.name}: ${series.failure}`);
  }
}

/** One process of each variant, that stays for all rates. */
async function measureRound(all: readonly Series[], settings: Settings): Promise<void> {
  const intervals = settings.quick ? 1 : 2;
  const sessions = new Map<Series, Session>();
  const each = (step: (series: Series, session: Session) => Promise<unknown>) =>
    [...sessions].map(
      ([series, session]) =>
        (): Promise<void> =>
          attempt(series, settings, () => step(series, session)),
    );
  try {
    for (const series of all) {
      await attempt(series, settings, async () => {
        const session = await open(series.variant, true);
        sessions.set(series, session);
        await warmUp(session);
      });
    }
    for (const rate of RATES) {
      const steps = each(async (series, session) => {
        const sample = await window(session, rate, intervals);
        series.samples.get(rate)?.push(sample);
        const { cpuMicros, requests, packets, bytes, late } = sample;
        const cpu = (cpuMicros / requests).toFixed(1);
        settings.progress(
          `${rate} a second, ${series.variant.name}: ${cpu} µs a request, ${packets} packets, ${bytes} bytes, ${late} late`,
        );
      });
      if (rate <= TOGETHER) await Promise.all(steps.map((step) => step()));
      else for (const step of steps) await step();
    }
  } finally {
    for (const session of sessions.values()) await close(session);
  }
}

async function measureFullSpeed(all: readonly Series[], settings: Settings): Promise<void> {
  for (const series of all.filter(({ variant }) => variant.client === 'routemeter')) {
    await attempt(series, settings, async () => {
      const session = await open(series.variant, false);
      try {
        const result = await fullSpeed(session, FULL_SPEED_REQUESTS);
        series.atFullSpeed.push(result);
        settings.progress(`full speed, ${series.variant.name}: ${result.counted} of ${result.sent}`);
      } finally {
        await close(session);
      }
    });
  }
}

function samplesOf(series: Series | undefined, rate: number): readonly Sample[] {
  return series === undefined || series.failure !== undefined ? [] : (series.samples.get(rate) ?? []);
}

function byName(all: readonly Series[], name: string): Series | undefined {
  return all.find(({ variant }) => variant.name === name);
}

/** Differences to the server with nothing in the same round, in microseconds a request. */
function added(all: readonly Series[], series: Series | undefined, rate: number): number[] {
  const nothing = samplesOf(byName(all, NOTHING), rate);
  return samplesOf(series, rate).map(
    (sample, round) => (sample.cpuMicros - (nothing[round]?.cpuMicros ?? Number.NaN)) / sample.requests,
  );
}

/** What an interval's worth of requests takes, on average. */
function perTenSeconds(samples: readonly Sample[], what: 'packets' | 'bytes'): number {
  return summarize(samples.map((sample) => (sample[what] * 10_000) / sample.wallMillis)).median;
}

function countedText(samples: readonly Sample[]): string {
  const wrong = samples.find(({ counted, requests }) => counted !== undefined && counted !== requests);
  if (wrong) return `**${wrong.counted} of ${wrong.requests}**`;
  return samples.some(({ counted }) => counted === undefined) ? '' : 'all';
}

const whole = (value: number): string => Math.round(value).toLocaleString('en');

function tableOf(all: readonly Series[], rate: number): Table {
  return {
    title: `${rate.toLocaleString('en')} requests a second`,
    headers: [
      'variant',
      'CPU µs a request',
      'added µs a request',
      'added, % of a core',
      'packets in 10 s',
      'bytes in 10 s',
      'requests received',
    ],
    rows: all.map((series) => {
      const { name } = series.variant;
      const samples = samplesOf(series, rate);
      if (series.failure !== undefined) return [name, `not measured: ${series.failure}`, '', '', '', '', ''];
      const micros = spread(summarize(samples.map(({ cpuMicros, requests }) => cpuMicros / requests)), 1);
      if (name === NOTHING) return [name, micros, '', '', '', '', ''];
      const more = summarize(added(all, series, rate));
      return [
        name,
        micros,
        signedSpread(more, 1),
        ((more.median * rate) / 1e4).toFixed(2),
        whole(perTenSeconds(samples, 'packets')),
        whole(perTenSeconds(samples, 'bytes')),
        countedText(samples),
      ];
    }),
  };
}

function fullSpeedTable(all: readonly Series[]): Table {
  return {
    title: `${FULL_SPEED_REQUESTS.toLocaleString('en')} requests at full speed`,
    headers: ['variant', 'requests sent', 'requests received'],
    rows: all
      .filter(({ variant }) => variant.client === 'routemeter')
      .map(({ variant, atFullSpeed, failure }) =>
        failure === undefined
          ? [
              variant.name,
              atFullSpeed.map(({ sent }) => whole(sent)).join(', '),
              atFullSpeed
                .map(({ sent, counted }) => (sent === counted ? 'all' : `**${counted}**`))
                .join(', '),
            ]
          : [variant.name, `not measured: ${failure}`, ''],
      ),
  };
}

/** What the weighted dialects take at one rate, against a limit that all of them must keep. */
function target(
  all: readonly Series[],
  what: string,
  limit: number,
  of: string,
  unit: string,
  measure: (series: Series) => number,
): Target {
  const weighted = WEIGHTED.map((dialect) => ({ dialect, series: byName(all, `routemeter, ${dialect}`) }));
  const values = weighted.map(({ dialect, series }) => ({
    dialect,
    value: series && series.failure === undefined ? measure(series) : Number.NaN,
  }));
  const digits = unit === 'µs' ? (value: number): string => value.toFixed(2) : whole;
  const known = Number.isFinite(limit) && values.every(({ value }) => Number.isFinite(value));
  return {
    what,
    limit: `${digits(limit)} ${unit} (${of})`,
    measured: values.map(({ dialect, value }) => `${dialect} ${digits(value)}`).join(', '),
    reached: known ? values.every(({ value }) => value <= limit) : undefined,
  };
}

function targetsAt(all: readonly Series[], rate: number): readonly Target[] {
  const buffered = byName(all, BUFFERED);
  const at = `at ${rate.toLocaleString('en')} a second`;
  const tenth = (what: 'packets' | 'bytes', unit: string): Target =>
    target(
      all,
      `${what} ${at}`,
      perTenSeconds(samplesOf(buffered, rate), what) / 10,
      `a tenth of ${BUFFERED}`,
      unit,
      (series) => perTenSeconds(samplesOf(series, rate), what),
    );
  return [
    tenth('bytes', 'bytes'),
    tenth('packets', 'packets'),
    target(
      all,
      `added CPU ${at}`,
      summarize(added(all, buffered, rate)).median,
      BUFFERED,
      'µs',
      (series) => summarize(added(all, series, rate)).median,
    ),
  ];
}

function exactTarget(all: readonly Series[]): Target {
  const ours = all.filter(({ variant }) => variant.client === 'routemeter');
  const windows = ours.flatMap((series) => RATES.flatMap((rate) => samplesOf(series, rate)));
  const right = windows.filter(({ counted, requests }) => counted === requests).length;
  const bursts = ours.flatMap(({ atFullSpeed }) => atFullSpeed);
  const exact = bursts.filter(({ sent, counted }) => sent === counted).length;
  const measured = bursts.length >= OURS.length && ours.every(({ failure }) => failure === undefined);
  return {
    what: 'requests received, paced and at full speed',
    limit: 'all',
    measured: `all in ${right} of ${windows.length} windows and ${exact} of ${bursts.length} times at full speed`,
    reached: measured ? right === windows.length && exact === bursts.length : undefined,
  };
}

/** A load that is late is no longer paced, but as fast as the server. */
function lateText(all: readonly Series[]): string {
  const shares = RATES.map((rate) => {
    const samples = all.flatMap((series) => samplesOf(series, rate));
    const share = summarize(samples.map(({ late, requests }) => (100 * late) / requests));
    return `${share.max.toFixed(1)} % at ${rate.toLocaleString('en')} a second`;
  });
  return `Requests that had to wait for a free connection, in the worst window: ${shares.join(', ')}.`;
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
  for (let round = 1; round <= rounds; round++) {
    settings.progress(`round ${round} of ${rounds}`);
    await measureRound(round % 2 === 0 ? all.toReversed() : all, settings);
  }
  await measureFullSpeed(all, settings);
  return {
    name: 'statsd',
    tables: [...RATES.map((rate) => tableOf(all, rate)), fullSpeedTable(all)],
    targets: [...TARGET_RATES.flatMap((rate) => targetsAt(all, rate)), exactTarget(all)],
    notes: [
      `${rounds} rounds, each with a new process of every variant and a window of ${settings.quick ? 10 : 20} s at each rate; medians over the rounds, and first to third quartile in brackets; what is added is the difference to "nothing" in the same round.`,
      CORES
        ? 'The servers had one core to themselves, and the loads and the receivers the other.'
        : 'Processes could not be pinned to cores.',
      lateText(all),
    ],
  };
}
