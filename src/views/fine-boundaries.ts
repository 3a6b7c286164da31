import type { Meter, MeterProvider } from '@opentelemetry/api';
import { DataPointType, type ResourceMetrics } from '@opentelemetry/sdk-metrics';

/** Boundaries in a decade: each is at most 9 % above the one below. */
const PER_DECADE = 27;

/** What durations are told apart in: 50 µs to 120 s, in the unit. */
const DURATIONS: Readonly<Record<string, readonly [lowest: number, highest: number]>> = {
  s: [5e-5, 120],
  ms: [5e-2, 120e3],
  us: [50, 120e6],
  ns: [5e4, 120e9],
};

/** The SDK's own: https://opentelemetry.io/docs/specs/otel/metrics/sdk/#explicit-bucket-histogram-aggregation */
const DEFAULT: readonly number[] = [0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10000];

/**
 * The boundaries asked for and, between and around them, fine ones, so that percentiles can be read from the buckets:
 * from 50 µs to 120 s for durations, otherwise from a hundredth of the lowest positive boundary to the highest one.
 *
 * @param pinned strictly increasing
 * @param unit the instrument's, in UCUM
 * @returns strictly increasing, with each that is pinned among them
 */
export function fineBoundaries(pinned: readonly number[], unit: string): number[] {
  const positive = pinned.filter((bound) => bound > 0);
  const [first = 1] = positive;
  const [lowest, highest] = DURATIONS[unit] ?? [first / 100, positive.at(-1) ?? 0];
  const from = Math.floor(Math.log10(lowest) * PER_DECADE);
  const to = Math.ceil(Math.log10(highest) * PER_DECADE);
  const fine = Array.from({ length: Math.max(0, to - from + 1) }, (_, step) =>
    Number((10 ** ((from + step) / PER_DECADE)).toPrecision(4)),
  );
  return [...new Set([...pinned, ...fine])].sort((a, b) => a - b);
}

/** Histograms are recorded on fine boundaries for a reader that needs them, and on the pinned ones for all others. */
export interface FineHistograms {
  /** @returns a provider whose histograms record on fine boundaries, whatever boundaries they are advised */
  refine(provider: MeterProvider): MeterProvider;
  /** Puts what a reader has collected into the buckets that were advised, exactly. */
  fold(metrics: ResourceMetrics): void;
}

interface Fold {
  readonly pinned: readonly number[];
  readonly fine: readonly number[];
  /** For each fine bucket the pinned one that it lies in. */
  readonly into: readonly number[];
}

export function createFineHistograms(): FineHistograms {
  const folds = new Map<string, Fold>();

  const refineMeter = (meter: Meter, scope: string): Meter => {
    const createHistogram: Meter['createHistogram'] = (name, options) => {
      const { unit = '', advice } = options ?? {};
      const key = foldKey(scope, name, unit);
      const fold = folds.get(key) ?? createFold(advice?.explicitBucketBoundaries ?? DEFAULT, unit);
      folds.set(key, fold);
      return meter.createHistogram(name, {
        ...options,
        advice: { ...advice, explicitBucketBoundaries: [...fold.fine] },
      });
    };
    return Object.assign(Object.create(meter), { createHistogram });
  };

  return {
    refine: (provider) => ({
      getMeter: (name, version, options) =>
        refineMeter(provider.getMeter(name, version, options), scopeKey(name, version, options?.schemaUrl)),
    }),
    fold({ scopeMetrics }) {
      for (const { scope, metrics } of scopeMetrics) {
        for (const { descriptor, dataPointType, dataPoints } of metrics) {
          if (dataPointType !== DataPointType.HISTOGRAM) continue;
          const fold = folds.get(
            foldKey(scopeKey(scope.name, scope.version, scope.schemaUrl), descriptor.name, descriptor.unit),
          );
          if (fold === undefined) continue;
          for (const { value } of dataPoints) {
            // The SDK's own arrays are left as they are: it goes on counting in them.
            if (value.buckets.boundaries.length === fold.fine.length) {
              value.buckets = { boundaries: [...fold.pinned], counts: folded(value.buckets.counts, fold) };
            }
          }
        }
      }
    },
  };
}

function scopeKey(name: string, version: string | undefined, schemaUrl: string | undefined): string {
  return JSON.stringify([name, version ?? '', schemaUrl ?? '']);
}

/** Names of instruments are the same in any case: https://opentelemetry.io/docs/specs/otel/metrics/api/#instrument-name-syntax */
function foldKey(scope: string, name: string, unit: string): string {
  return JSON.stringify([scope, name.toLowerCase(), unit]);
}

function createFold(pinned: readonly number[], unit: string): Fold {
  const fine = fineBoundaries(pinned, unit);
  let bucket = 0;
  const into = fine.map((bound) => {
    while (bound > (pinned[bucket] ?? Number.POSITIVE_INFINITY)) bucket++;
    return bucket;
  });
  return { pinned, fine, into: [...into, pinned.length] };
}

function folded(counts: readonly number[], { pinned, into }: Fold): number[] {
  const result = pinned.map(() => 0);
  result.push(0);
  for (let fine = 0; fine < counts.length; fine++) {
    const bucket = into[fine] ?? 0;
    result[bucket] = (result[bucket] ?? 0) + (counts[fine] ?? 0);
  }
  return result;
}
