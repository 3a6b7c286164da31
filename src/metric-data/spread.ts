import type { ExponentialHistogram, Histogram } from '@opentelemetry/sdk-metrics';

interface Bucket {
  readonly lower: number;
  readonly upper: number;
  readonly count: number;
}

/** What a histogram reveals about its values, in their own unit. */
export interface Spread {
  readonly count: number;
  readonly sum: number;
  /** NaN if nothing was recorded. */
  readonly mean: number;
  readonly min: number;
  readonly max: number;
  /** Ascending; may have gaps. */
  readonly buckets: readonly Bucket[];
  /**
   * Interpolates linearly within a bucket, as PromQL's histogram_quantile does
   * (https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile), and stays between minimum
   * and maximum where the histogram knows them.
   *
   * @param q from 0 to 1
   * @returns NaN if nothing was recorded
   */
  readonly quantile: (q: number) => number;
}

export function spreadOf(histogram: Histogram | ExponentialHistogram): Spread {
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY, sum = Number.NaN } = histogram;
  const buckets = 'scale' in histogram ? exponentialBuckets(histogram) : explicitBuckets(histogram);
  return createSpread({ count: histogram.count, sum, min, max, buckets });
}

/** Adds two histograms up, exactly if their boundaries are the same. */
export function merged(a: Spread, b: Spread): Spread {
  const buckets = new Map<string, Bucket>();
  for (const bucket of [...a.buckets, ...b.buckets]) {
    const key = `${bucket.lower} ${bucket.upper}`;
    buckets.set(key, { ...bucket, count: bucket.count + (buckets.get(key)?.count ?? 0) });
  }
  return createSpread({
    count: a.count + b.count,
    sum: a.sum + b.sum,
    min: Math.min(a.min, b.min),
    max: Math.max(a.max, b.max),
    buckets: [...buckets.values()].sort((x, y) => x.upper - y.upper),
  });
}

function createSpread(data: Omit<Spread, 'mean' | 'quantile'>): Spread {
  const { count, sum, min, max, buckets } = data;
  return {
    ...data,
    mean: count === 0 ? Number.NaN : sum / count,
    quantile: (q) => {
      if (count === 0) return Number.NaN;
      const rank = q * count;
      let below = 0;
      for (const bucket of buckets) {
        if (bucket.count > 0 && below + bucket.count >= rank) {
          const lower = Math.max(bucket.lower, min);
          const upper = Math.min(bucket.upper, max);
          const share = (rank - below) / bucket.count;
          if (!Number.isFinite(upper)) return lower;
          return Number.isFinite(lower) ? lower + (upper - lower) * share : upper;
        }
        below += bucket.count;
      }
      return max;
    },
  };
}

function explicitBuckets({ buckets: { boundaries, counts } }: Histogram): Bucket[] {
  return counts.map((count, index) => ({
    // Histograms of durations and sizes have no negative values below the first boundary.
    lower: boundaries[index - 1] ?? Math.min(0, boundaries[0] ?? Number.NEGATIVE_INFINITY),
    upper: boundaries[index] ?? Number.POSITIVE_INFINITY,
    count,
  }));
}

/** https://opentelemetry.io/docs/specs/otel/metrics/data-model/#exponentialhistogram */
function exponentialBuckets(histogram: ExponentialHistogram): Bucket[] {
  const { scale, positive, negative, zeroCount } = histogram;
  const base = 2 ** (2 ** -scale);
  const side = ({ offset, bucketCounts }: typeof positive) =>
    bucketCounts.map((count, index) => ({
      lower: base ** (offset + index),
      upper: base ** (offset + index + 1),
      count,
    }));
  const mirrored = side(negative).map(({ lower, upper, count }) => ({ lower: -upper, upper: -lower, count }));
  return [...mirrored.reverse(), { lower: 0, upper: 0, count: zeroCount }, ...side(positive)];
}
