import type { ExponentialHistogram } from '@opentelemetry/sdk-metrics';
import { type Exponential, type ExponentialBuckets, mergeExponential } from './exponential.ts';
import { EXPONENTIAL_BUCKETS } from './state.ts';

/**
 * An exponential histogram among the doubles of a {@link State}: scale, zero count, sum, then offset and number of
 * buckets of the positive and of the negative side, then the counts of each side, in places for
 * {@link EXPONENTIAL_BUCKETS}.
 */
const [SCALE, ZERO_COUNT, SUM, POSITIVE, NEGATIVE, COUNTS] = [0, 1, 2, 3, 5, 7];

const EMPTY: Exponential = {
  scale: 20,
  zeroCount: 0,
  sum: 0,
  positive: { offset: 0, counts: [] },
  negative: { offset: 0, counts: [] },
};

export function exponentialOf(histogram: ExponentialHistogram): Exponential {
  const { scale, zeroCount, sum, positive, negative } = histogram;
  return {
    scale,
    zeroCount,
    sum: sum ?? Number.NaN,
    positive: { offset: positive.offset, counts: positive.bucketCounts },
    negative: { offset: negative.offset, counts: negative.bucketCounts },
  };
}

/** Adding it subtracts the histogram. */
export function negated({ scale, zeroCount, sum, positive, negative }: Exponential): Exponential {
  const side = ({ offset, counts }: ExponentialBuckets) => ({
    offset,
    counts: counts.map((count) => -count),
  });
  return { scale, zeroCount: -zeroCount, sum: -sum, positive: side(positive), negative: side(negative) };
}

export function writeExponential(
  value: Exponential,
  start: number,
  put: (place: number, value: number) => void,
): void {
  // A histogram with more buckets than there are places for gets a coarser scale.
  const { scale, zeroCount, sum, positive, negative } = mergeExponential(value, EMPTY, EXPONENTIAL_BUCKETS);
  put(start + SCALE, scale);
  put(start + ZERO_COUNT, zeroCount);
  put(start + SUM, sum);
  const side = ({ offset, counts }: ExponentialBuckets, head: number, first: number): void => {
    put(start + head, offset);
    put(start + head + 1, counts.length);
    for (let i = 0; i < EXPONENTIAL_BUCKETS; i++) put(first + i, counts[i] ?? 0);
  };
  side(positive, POSITIVE, start + COUNTS);
  side(negative, NEGATIVE, start + COUNTS + EXPONENTIAL_BUCKETS);
}

/** @returns an empty histogram where the doubles are none: searching for its offsets might never end */
export function readExponential(values: Float64Array, start: number): Exponential {
  const at = (place: number): number => values[start + place] ?? 0;
  const side = (head: number, first: number): ExponentialBuckets => ({
    offset: at(head),
    counts: [...values.subarray(start + first, start + first + at(head + 1))],
  });
  const sound =
    isWithin(at(SCALE), -MOST_SCALE, MOST_SCALE) &&
    Number.isFinite(at(ZERO_COUNT)) &&
    [POSITIVE, NEGATIVE].every(
      (head) =>
        isWithin(at(head), -MOST_OFFSET, MOST_OFFSET) && isWithin(at(head + 1), 0, EXPONENTIAL_BUCKETS),
    );
  if (!sound) return EMPTY;
  const positive = side(POSITIVE, COUNTS);
  const negative = side(NEGATIVE, COUNTS + EXPONENTIAL_BUCKETS);
  if (![positive, negative].every(({ counts }) => counts.every(Number.isFinite))) return EMPTY;
  return { scale: at(SCALE), zeroCount: at(ZERO_COUNT), sum: at(SUM), positive, negative };
}

/** Beyond the index of any double, and the scale of any merge. */
const [MOST_SCALE, MOST_OFFSET] = [64, 2 ** 32];

function isWithin(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}
