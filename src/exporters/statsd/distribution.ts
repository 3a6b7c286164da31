/** The samples by which a histogram's buckets are sent. */

export interface Sample {
  readonly bucket: number;
  /** In the histogram's unit, times the scale. */
  readonly value: number;
  /** The number of recorded values that it stands for. */
  readonly count: number;
}

/**
 * The most by which a value is moved from the middle of its bucket. As buckets are less than 10 % wide, it stays
 * within 5 % of all values that it stands for.
 */
const SHIFT = 1.002;

/** What is known about the values besides their buckets. */
export interface Values {
  /** Not finite if it is not known. */
  readonly sum: number;
  /** False if the sum is what was left after subtracting others that are known only approximately. */
  readonly exact: boolean;
  /** An upper bound of the values. */
  readonly max?: number | undefined;
}

/**
 * One sample per bucket, at its geometric middle, which is at most half the bucket's width from the values that it
 * stands for. All middles are then moved a little, by the same factor, towards the true sum of the values. If one
 * bucket has all the values and they are one or two, the sample is their mean; so it is beyond the last boundary.
 *
 * @param boundaries strictly increasing upper bounds
 * @param counts per bucket, one more than boundaries; buckets without a positive count are skipped
 * @param scale by which the samples' values are multiplied
 * @returns samples in the order of the buckets, each within the bounds of its bucket
 */
export function samplesOf(
  boundaries: readonly number[],
  counts: readonly number[],
  { sum, exact, max = Number.POSITIVE_INFINITY }: Values,
  scale: number,
): Sample[] {
  let total = 0;
  let estimate = 0;
  const filled: Sample[] = [];
  counts.forEach((count, bucket) => {
    if (count <= 0) return;
    const value = middleOf(boundaries, bucket);
    filled.push({ bucket, value, count });
    total += count;
    estimate += value * count;
  });
  const ratio = sum / estimate;
  const shift = Number.isFinite(ratio) ? Math.min(SHIFT, Math.max(1 / SHIFT, ratio)) : 1;
  return filled.map(({ bucket, value, count }) => {
    const alone = exact && count === total && (count <= 2 || bucket === 0);
    const beyond = bucket === boundaries.length;
    const rest = Math.max(0, sum - (estimate - value * count)) / count;
    // The errors of the other samples end up in the rest, which the maximum keeps within reason.
    const moved = beyond ? Math.min(rest, max) : alone ? rest : value * shift;
    return { bucket, count, value: within([moved, value], boundaries, bucket, scale) };
  });
}

/** Recorded values are never negative. */
function middleOf(boundaries: readonly number[], bucket: number): number {
  const lower = Math.max(0, boundaries[bucket - 1] ?? 0);
  const upper = boundaries[bucket];
  if (upper === undefined) return lower;
  return lower > 0 ? Math.sqrt(lower * upper) : upper / 2;
}

/** The first of the values that lies in the bucket, rounded to the fewest digits, at least four, that keep it there. */
function within(
  values: readonly number[],
  boundaries: readonly number[],
  bucket: number,
  scale: number,
): number {
  const lower = (boundaries[bucket - 1] ?? Number.NEGATIVE_INFINITY) * scale;
  const upper = (boundaries[bucket] ?? Number.POSITIVE_INFINITY) * scale;
  for (const value of values) {
    for (const digits of [4, 8, 17]) {
      const rounded = Number((value * scale).toPrecision(digits));
      if (rounded > lower && rounded <= upper && Number.isFinite(rounded)) return rounded;
    }
  }
  return Number.isFinite(upper) ? upper : lower + Math.abs(lower) / 1e6;
}
