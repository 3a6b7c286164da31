/** https://opentelemetry.io/docs/specs/otel/metrics/data-model/#exponentialhistogram */
export interface Exponential {
  /** A bucket's upper bound is 2^(2^-scale) times its lower one. */
  readonly scale: number;
  readonly zeroCount: number;
  readonly sum: number;
  readonly positive: ExponentialBuckets;
  readonly negative: ExponentialBuckets;
}

/** Counts by absolute value, of the buckets from index `offset` on. */
export interface ExponentialBuckets {
  readonly offset: number;
  readonly counts: readonly number[];
}

/** The default and the least: https://opentelemetry.io/docs/specs/otel/metrics/sdk/#base2-exponential-bucket-histogram-aggregation */
const [MAX_SIZE, MIN_MAX_SIZE] = [160, 2];

const NO_BUCKETS: ExponentialBuckets = { offset: 0, counts: [] };

/**
 * Adds two histograms at the finest scale that leaves each side at most `maxSize` buckets. The buckets of a coarser
 * scale are unions of those of a finer one, so no count is lost or misplaced. A histogram without buckets does not
 * coarsen the other. Buckets begin and end with a count other than zero; where there are none, offsets and scale are 0,
 * as in the SDK.
 *
 * @param maxSize buckets of each side, 160 by default, at least 2
 */
export function mergeExponential(a: Exponential, b: Exponential, maxSize: number = MAX_SIZE): Exponential {
  const sides = {
    positive: [sideOf(a, a.positive), sideOf(b, b.positive)],
    negative: [sideOf(a, a.negative), sideOf(b, b.negative)],
  };
  const all = [...sides.positive, ...sides.negative].filter(({ counts }) => counts.length > 0);
  let scale = all.reduce((least, side) => Math.min(least, side.scale), Number.POSITIVE_INFINITY);
  const size = Math.max(maxSize, MIN_MAX_SIZE);
  while (span(sides.positive, scale) > size || span(sides.negative, scale) > size) scale--;
  const positive = added(sides.positive, scale);
  const negative = added(sides.negative, scale);
  return {
    scale: positive.counts.length + negative.counts.length > 0 ? scale : 0,
    zeroCount: a.zeroCount + b.zeroCount,
    sum: a.sum + b.sum,
    positive,
    negative,
  };
}

/** Buckets with the scale of their indexes. */
interface Side extends ExponentialBuckets {
  readonly scale: number;
}

function sideOf({ scale }: Exponential, buckets: ExponentialBuckets): Side {
  return { ...trimmed(buckets), scale };
}

/** Without the zeros at both ends, which only take room. */
function trimmed({ offset, counts }: ExponentialBuckets): ExponentialBuckets {
  const first = counts.findIndex((count) => count !== 0);
  if (first < 0) return NO_BUCKETS;
  const end = counts.findLastIndex((count) => count !== 0) + 1;
  return first === 0 && end === counts.length
    ? { offset, counts }
    : { offset: offset + first, counts: counts.slice(first, end) };
}

/** The index of the bucket that contains this one where buckets are `width` times as wide; `>>` shifts by 31 at most. */
function coarser(index: number, width: number): number {
  return Math.floor(index / width);
}

function bounds(sides: readonly Side[], scale: number): readonly [first: number, last: number] {
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const side of sides) {
    if (side.counts.length === 0) continue;
    const width = 2 ** (side.scale - scale);
    first = Math.min(first, coarser(side.offset, width));
    last = Math.max(last, coarser(side.offset + side.counts.length - 1, width));
  }
  return [first, last];
}

/** How many buckets the sides need together; less than 1 if none. */
function span(sides: readonly Side[], scale: number): number {
  const [first, last] = bounds(sides, scale);
  return last - first + 1;
}

function added(sides: readonly Side[], scale: number): ExponentialBuckets {
  const [offset, last] = bounds(sides, scale);
  if (last < offset) return NO_BUCKETS;
  const counts = new Array<number>(last - offset + 1).fill(0);
  for (const side of sides) {
    const width = 2 ** (side.scale - scale);
    for (let i = 0; i < side.counts.length; i++) {
      const place = coarser(side.offset + i, width) - offset;
      counts[place] = (counts[place] ?? 0) + (side.counts[i] ?? 0);
    }
  }
  return trimmed({ offset, counts });
}
