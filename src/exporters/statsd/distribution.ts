/** Samples that stand for a histogram's buckets. */

export interface Sample {
  readonly bucket: number;
  /** In the histogram's unit times the scale. */
  readonly value: number;
  /** How many recorded values it stands for. */
  readonly count: number;
}

/**
 * How far a value is moved from the middle of its bucket. Buckets are at most 9 % wide, so that a value is then still
 * within 5 % of all that it stands for.
 */
const SHIFT = 1.005;

/**
 * One sample a bucket, at its geometric middle, where it is nowhere further than half the bucket's width from the
 * values that it stands for. The middles are then moved a little, all by the same factor, towards the values' true
 * sum. One or two values that are alone get their mean, and so do values beyond the last boundary.
 *
 * @param boundaries strictly increasing upper bounds
 * @param counts of each bucket, one more than boundaries; those that are not positive are passed over
 * @param sum of the values
 * @param scale that the samples' values are multiplied by
 * @returns samples in the order of the buckets, each above its bucket's lower bound and not above its upper one
 */
export function samplesOf(
  boundaries: readonly number[],
  counts: readonly number[],
  sum: number,
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
  const shift = estimate > 0 ? Math.min(SHIFT, Math.max(1 / SHIFT, sum / estimate)) : 1;
  return filled.map(({ bucket, value, count }) => {
    const alone = count === total && (count <= 2 || bucket === 0);
    const beyond = bucket === boundaries.length;
    const moved = alone || beyond ? (sum - (estimate - value * count)) / count : value * shift;
    return { bucket, count, value: within(moved, boundaries, bucket, scale) };
  });
}

function middleOf(boundaries: readonly number[], bucket: number): number {
  const upper = boundaries[bucket];
  const lower = boundaries[bucket - 1];
  if (upper === undefined) return lower ?? 0;
  if (lower === undefined) return upper > 0 ? upper / 2 : upper;
  return lower > 0 ? Math.sqrt(lower * upper) : (lower + upper) / 2;
}

/** Rounded to as few digits, four at least, as keep it in its bucket. */
function within(value: number, boundaries: readonly number[], bucket: number, scale: number): number {
  const lower = (boundaries[bucket - 1] ?? Number.NEGATIVE_INFINITY) * scale;
  const upper = (boundaries[bucket] ?? Number.POSITIVE_INFINITY) * scale;
  for (const digits of [4, 8, 17]) {
    const rounded = Number((value * scale).toPrecision(digits));
    if (rounded > lower && rounded <= upper) return rounded;
  }
  return Number.isFinite(upper) ? upper : lower + Math.abs(lower) / 1e6;
}
