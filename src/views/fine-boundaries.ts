import { type Meter, type MeterProvider, ValueType } from '@opentelemetry/api';
import { DataPointType, type ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { scopeKey } from '../metric-data/scope.ts';

/** Boundaries per decade: each is less than 10 % above the one below. */
const PER_DECADE = 25;

/** Decades at most, even if there are boundaries of 1e-300 and 1e300. */
const DECADES = 12;

/** The range of fine boundaries for durations, 50 µs to 120 s, by unit. */
const DURATIONS: ReadonlyMap<string, readonly [lowest: number, highest: number]> = new Map([
  ['s', [5e-5, 120]],
  ['ms', [5e-2, 120e3]],
  ['us', [50, 120e6]],
  ['ns', [5e4, 120e9]],
]);

/** The SDK's own: https://opentelemetry.io/docs/specs/otel/metrics/sdk/#explicit-bucket-histogram-aggregation */
const DEFAULT: readonly number[] = [0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10000];

/**
 * The given boundaries and, between and around them, fine ones, so that percentiles can be read from the buckets: from
 * 50 µs to 120 s for durations, otherwise from a hundredth of the lowest positive boundary to the highest one, at most
 * twelve decades.
 *
 * @param pinned strictly increasing
 * @param unit the instrument's, in UCUM
 * @returns strictly increasing, including all that are pinned
 */
export function fineBoundaries(pinned: readonly number[], unit: string): number[] {
  const positive = pinned.filter((bound) => bound > 0);
  const [first = 1] = positive;
  const [lowest, highest] = DURATIONS.get(unit) ?? [first / 100, positive.at(-1) ?? 0];
  const to = Math.ceil(Math.log10(highest) * PER_DECADE);
  const from = Math.max(Math.floor(Math.log10(lowest) * PER_DECADE), to - DECADES * PER_DECADE);
  const fine = Array.from({ length: Math.max(0, to - from + 1) }, (_, step) =>
    Number((10 ** ((from + step) / PER_DECADE)).toPrecision(4)),
  );
  return [...new Set([...pinned, ...fine.filter(isWritable)])].sort((a, b) => a - b);
}

/** Within what a number can hold, at either end. */
function isWritable(bound: number): boolean {
  return bound > 0 && bound < Number.POSITIVE_INFINITY;
}

interface Fold {
  readonly pinned: readonly number[];
  readonly fine: readonly number[];
  /** For each fine bucket the pinned one that contains it. */
  readonly into: readonly number[];
}

/** Histograms are recorded on fine boundaries for a reader that needs them, and on the pinned ones for all others. */
export function createFineHistograms() {
  const folds = new Map<string, Fold>();

  const refineMeter = (meter: Meter, scope: string): Meter => {
    const createHistogram: Meter['createHistogram'] = (name, options) => {
      const { unit, valueType, advice } = options ?? {};
      const key = foldKey(scope, name, unit ?? '', valueType ?? ValueType.DOUBLE);
      const fold =
        folds.get(key) ?? createFold(asRecorded(advice?.explicitBucketBoundaries ?? DEFAULT), unit ?? '');
      folds.set(key, fold);
      return meter.createHistogram(name, {
        ...options,
        advice: { ...advice, explicitBucketBoundaries: [...fold.fine] },
      });
    };
    return Object.assign(Object.create(meter), { createHistogram });
  };

  return {
    /** @returns a provider whose histograms record on fine boundaries, whatever their advice */
    refine: (provider: MeterProvider): MeterProvider => ({
      getMeter: (name, version, options) =>
        refineMeter(
          provider.getMeter(name, version, options),
          scopeKey({ name, version, schemaUrl: options?.schemaUrl }),
        ),
    }),
    /** Puts what a reader has collected into the buckets that were advised, exactly. */
    fold({ scopeMetrics }: ResourceMetrics): void {
      for (const { scope, metrics } of scopeMetrics) {
        const scoped = scopeKey(scope);
        for (const { descriptor, dataPointType, dataPoints } of metrics) {
          if (dataPointType !== DataPointType.HISTOGRAM) continue;
          const { name, unit, valueType } = descriptor;
          const fold = folds.get(foldKey(scoped, name, unit, valueType));
          if (fold === undefined) continue;
          for (const { value } of dataPoints) {
            // A new object: the SDK goes on counting in its own arrays.
            if (value.buckets.boundaries.length === fold.fine.length) {
              value.buckets = { boundaries: [...fold.pinned], counts: folded(value.buckets.counts, fold) };
            }
          }
        }
      }
    },
  };
}

/** The identity of a histogram in the SDK, which takes the advice of the first: letter case counts. */
function foldKey(scope: string, name: string, unit: string, valueType: ValueType): string {
  return JSON.stringify([scope, name, unit, valueType]);
}

/** What the SDK makes of advised boundaries: sorted, without the infinite ones. */
function asRecorded(advised: readonly number[]): number[] {
  return advised.filter(Number.isFinite).sort((a, b) => a - b);
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
