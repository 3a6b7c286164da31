/** What the benchmarks hold routemeter to; a target is reached in medians and in lower tenths, or not at all. */
import type { Target } from './report.ts';
import type { Figures, Summary } from './statistics.ts';

/** How a figure is written. */
export interface Unit {
  readonly name: string;
  readonly digits: number;
}

export const MICROS: Unit = { name: 'µs', digits: 2 };
export const MILLIS: Unit = { name: 'ms', digits: 0 };
export const MEGABYTES: Unit = { name: 'MB', digits: 0 };

const pair = ({ median, tenth }: Figures, { name, digits }: Unit, factor = 1): string =>
  `${(median * factor).toFixed(digits)} ${name}, lower tenth ${(tenth * factor).toFixed(digits)}`;

/**
 * At the most that share of something else.
 *
 * @param of names the other
 */
export function atMost(
  what: string,
  ours: Figures | undefined,
  share: number,
  other: Figures | undefined,
  of: string,
  unit: Unit = MICROS,
): Target {
  const part = Math.round(1 / share);
  const words = share === 1 ? of : `${share === 1 / part ? `1/${part}` : share} of ${of}`;
  return {
    what,
    limit: other === undefined ? words : `${pair(other, unit, share)} (${words})`,
    measured: ours === undefined ? '' : pair(ours, unit),
    reached: ours && other && ours.median <= share * other.median && ours.tenth <= share * other.tenth,
  };
}

/** A limit that the worst of all values has to keep. */
export function neverOver(what: string, ours: Summary | undefined, limit: number, unit: Unit): Target {
  const text = (value: number): string => `${value.toFixed(unit.digits)} ${unit.name}`;
  return {
    what,
    limit: `${limit} ${unit.name}`,
    measured: ours ? `median ${text(ours.median)}, worst ${text(ours.max)}` : '',
    reached: ours && ours.max <= limit,
  };
}

const LIMIT_BLOCK_MILLIS = 25;
const TENTHS: Unit = { name: 'ms', digits: 1 };

/** The limit of all blocks of the event loop. @param on the same, where only the time on a processor counts */
export function blockNeverOver(what: string, blocks: Summary | undefined, on: Summary | undefined): Target {
  const most = neverOver(what, blocks, LIMIT_BLOCK_MILLIS, TENTHS);
  return on ? { ...most, measured: `${most.measured}, on a processor worst ${on.max.toFixed(1)} ms` } : most;
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
