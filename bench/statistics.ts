export interface Summary {
  /** A tenth of the values lie below: what disturbs the machine hardly moves it. */
  readonly tenth: number;
  readonly median: number;
  /** First quartile. */
  readonly low: number;
  /** Third quartile. */
  readonly high: number;
  readonly max: number;
}

/** What a target is held to: both. */
export type Figures = Pick<Summary, 'tenth' | 'median'>;

/** Quartiles by linear interpolation between the closest ranks. */
export function summarize(values: readonly number[]): Summary {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number => {
    const rank = share * (sorted.length - 1);
    const below = sorted[Math.floor(rank)] ?? Number.NaN;
    const above = sorted[Math.ceil(rank)] ?? Number.NaN;
    return below + (above - below) * (rank - Math.floor(rank));
  };
  return { tenth: at(0.1), median: at(0.5), low: at(0.25), high: at(0.75), max: at(1) };
}

/** `11.8 (11.6 to 12.1)`: the median and the quartiles. */
export function spread(summary: Summary, digits: number): string {
  const format = (value: number): string => value.toFixed(digits);
  return `${format(summary.median)} (${format(summary.low)} to ${format(summary.high)})`;
}

/** `+1.3`. */
export function signed(value: number, digits: number): string {
  return `${value < 0 ? '' : '+'}${value.toFixed(digits)}`;
}

/** `+1.3 (+1.1 to +1.6)`. */
export function signedSpread({ median, low, high }: Summary, digits: number): string {
  return `${signed(median, digits)} (${signed(low, digits)} to ${signed(high, digits)})`;
}

/** The smallest of each figure; undefined where there is none. */
export function least(all: readonly (Figures | undefined)[]): Figures | undefined {
  const known = all.filter((figures) => figures !== undefined);
  if (known.length === 0) return undefined;
  return {
    tenth: Math.min(...known.map(({ tenth }) => tenth)),
    median: Math.min(...known.map(({ median }) => median)),
  };
}
