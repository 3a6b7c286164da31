/** Samples that stand for a histogram's buckets. */

export interface Sample {
  readonly bucket: number;
  /** In the histogram's unit times the scale. */
  readonly value: number;
  /** How many recorded values it stands for. */
  readonly count: number;
}

/**
 * How far a value is moved from the middle of its bucket. Buckets are less than 10 % wide, so that it is then still
 * within 5 % of all that it stands for.
 */
const SHIFT = 1.002;

/** What is known of the values besides their buckets. */
export interface Values {
  /** Their sum; not finite where it is not known. */
  readonly sum: number;
  /** The sum is theirs alone, not what is left after others were subtracted that are only nearly known. */
  readonly exact: boolean;
  /** None of them is greater. */
  readonly max?: number | undefined;
}

/**
 * One sample a bucket, at its geometric middle, where it is nowhere further than half the bucket's width from the
 * values that it stands for. The middles are then moved a little, all by the same factor, towards the values' true
 * sum. One or two values that are alone get their mean, and so do values beyond the last boundary.
 *
 * @param boundaries strictly increasing upper bounds
 * @param counts of each bucket, one more than boundaries; those that are not positive are passed over
 * @param scale that the samples' values are multiplied by
 * @returns samples in the order of the buckets, each above its bucket's lower bound and not above its upper one
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
    // The other samples' errors end up in the rest: the greatest value keeps it near.
    const moved = beyond ? Math.min(rest, max) : alone ? rest : value * shift;
    return { bucket, count, value: within([moved, value], boundaries, bucket, scale) };
  });
}

/** Nothing below zero is ever recorded. */
function middleOf(boundaries: readonly number[], bucket: number): number {
  const lower = Math.max(0, boundaries[bucket - 1] ?? 0);
  const upper = boundaries[bucket];
  if (upper === undefined) return lower;
  return lower > 0 ? Math.sqrt(lower * upper) : upper / 2;
}

/** The first value that lies in the bucket, rounded to as few digits, four at least, as keep it there. */
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
