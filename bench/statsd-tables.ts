/** The StatsD benchmark's windows as tables and targets. */
import type { Table, Target } from './report.ts';
import { signedSpread, spread, summarize } from './statistics.ts';
import { BUFFERED, DIALECTS, NOTHING, OURS, type Sample, type Variant, WEIGHTED } from './statsd-sessions.ts';

/** Requests a second. */
export const RATES = [100, 1_000, 10_000] as const;

/** The windows of one variant, by rate; it leaves the run at its first failure. */
export interface Series {
  readonly variant: Variant;
  readonly samples: ReadonlyMap<number, Sample[]>;
  readonly atFullSpeed: { readonly sent: number; readonly counted: number }[];
  failure: string | undefined;
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

function aRequest(samples: readonly Sample[], what: 'packets' | 'bytes'): number {
  return summarize(samples.map((sample) => sample[what] / sample.requests)).median;
}

function countedText(samples: readonly Sample[]): string {
  const wrong = samples.find(({ counted, requests }) => counted !== undefined && counted !== requests);
  if (wrong) return `**${wrong.counted} of ${wrong.requests}**`;
  return samples.some(({ counted }) => counted === undefined) ? '' : 'all';
}

const whole = (value: number): string => Math.round(value).toLocaleString('en');

export function tableOf(all: readonly Series[], rate: number): Table {
  return {
    title: `${rate.toLocaleString('en')} requests a second`,
    headers: [
      'variant',
      'CPU µs a request',
      'added µs a request',
      'added, % of a core',
      'packets a 1,000 requests',
      'bytes a request',
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
        (1_000 * aRequest(samples, 'packets')).toFixed(1),
        aRequest(samples, 'bytes').toFixed(1),
        countedText(samples),
      ];
    }),
  };
}

export function fullSpeedTable(all: readonly Series[], requests: number): Table {
  return {
    title: `${requests.toLocaleString('en')} requests at full speed`,
    headers: ['variant', 'requests sent', 'requests received'],
    rows: all
      .filter(({ variant }) => OURS.includes(variant))
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

/** What dialects take at one rate, against a limit that all of them must keep. */
function target(
  all: readonly Series[],
  dialects: readonly string[],
  what: string,
  limit: number,
  of: string,
  digits: number,
  measure: (series: Series) => number,
): Target {
  const ours = dialects.map((dialect) => ({ dialect, series: byName(all, `routemeter, ${dialect}`) }));
  const values = ours.map(({ dialect, series }) => ({
    dialect,
    value: series && series.failure === undefined ? measure(series) : Number.NaN,
  }));
  const known = Number.isFinite(limit) && values.every(({ value }) => Number.isFinite(value));
  return {
    what,
    limit: Number.isFinite(limit) ? `${limit.toFixed(digits)} (${of})` : of,
    measured: known
      ? values.map(({ dialect, value }) => `${dialect} ${value.toFixed(digits)}`).join(', ')
      : '',
    reached: known ? values.every(({ value }) => value <= limit) : undefined,
  };
}

export function targetsAt(all: readonly Series[], rate: number): readonly Target[] {
  const buffered = byName(all, BUFFERED);
  const at = `at ${rate.toLocaleString('en')} a second`;
  const tenth = (what: string, kind: 'packets' | 'bytes', requests: number): Target => {
    const taken = (series: Series | undefined): number => requests * aRequest(samplesOf(series, rate), kind);
    return target(all, WEIGHTED, `${what} ${at}`, taken(buffered) / 10, `a tenth of ${BUFFERED}`, 1, taken);
  };
  const cpu = (series: Series | undefined): number => summarize(added(all, series, rate)).median;
  return [
    tenth('bytes a request', 'bytes', 1),
    tenth('packets a 1,000 requests', 'packets', 1_000),
    target(all, DIALECTS, `added CPU µs a request ${at}`, cpu(buffered), BUFFERED, 1, cpu),
  ];
}

export function exactTarget(all: readonly Series[]): Target {
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

/** A load that is late is no longer paced, but only as fast as the server. */
export function lateText(all: readonly Series[], rates: readonly number[]): string {
  const shares = rates.map((rate) => {
    const samples = all.flatMap((series) => samplesOf(series, rate));
    const share = summarize(samples.map(({ late, requests }) => (100 * late) / requests));
    return `${share.max.toFixed(1)} % at ${rate.toLocaleString('en')} a second`;
  });
  return `Requests that had to wait for a free connection, in the worst window: ${shares.join(', ')}.`;
}
