import type { HrTime } from '@opentelemetry/api';
import type { Histogram } from '@opentelemetry/sdk-metrics';
import type { Log } from '../../../guest/log.ts';
import type { Family, Part } from '../families.ts';
import type { FamilyLabels, PointLabels } from './series-labels.ts';

export interface Series<Value> {
  readonly labels: string;
  /** When it began; [0, 0] if that is not known. */
  readonly startTime: HrTime;
  value: Value;
}

/** @returns undefined if the two cannot be added */
export type Add<Value> = (a: Value, b: Value) => Value | undefined;

const POINTS_PER_SLICE = 100;

/** The series of a family, which has numbers or histograms. */
export interface Merged {
  readonly numbers: readonly Series<number>[];
  readonly histograms: readonly Series<Histogram>[];
}

/** Makes the series of a family. Those that cannot be told apart, once written, are reported once. */
export function* mergeFamily(
  family: Family,
  labelsOf: ReturnType<FamilyLabels>,
  log: Pick<Log, 'once'>,
): Generator<string, Merged, undefined> {
  const ambiguous = () =>
    log.once(
      `prometheus.twins:${family.name}`,
      'warn',
      `${family.name}: several series have the same labels once written for Prometheus; the first is served`,
    );
  return {
    numbers: yield* mergeSeries(family.numbers, labelsOf, addNumbers, ambiguous),
    histograms: yield* mergeSeries(family.histograms, labelsOf, addHistograms, ambiguous),
  };
}

/**
 * Makes one series of each set of labels. Different attributes can become the same labels (`1` and `'1'`, two
 * instruments whose names become one). Such points are added up where that makes sense, so that no count is lost;
 * otherwise the first one stays and `dropped` is called.
 *
 * Yields '' now and then, so that the caller can yield to the event loop.
 */
export function* mergeSeries<Value>(
  parts: readonly Part<Value>[],
  labelsOf: (part: Part<Value>) => PointLabels,
  add: Add<Value>,
  dropped: () => void,
): Generator<string, Series<Value>[], undefined> {
  const series: Series<Value>[] = [];
  const known = new Map<string, Series<Value>>();
  let left = POINTS_PER_SLICE;
  for (const part of parts) {
    const textOf = labelsOf(part);
    for (const { attributes, startTime, value } of part.points) {
      const labels = textOf(attributes);
      const twin = known.get(labels);
      if (twin === undefined) {
        const own = { labels, startTime, value };
        known.set(labels, own);
        series.push(own);
      } else {
        const sum = part.additive ? add(twin.value, value) : undefined;
        if (sum === undefined) dropped();
        else twin.value = sum;
      }
      left -= 1;
      if (left === 0) {
        left = POINTS_PER_SLICE;
        yield '';
      }
    }
  }
  return series;
}

/** Whether a bucket is written by its own bound: not for +Inf, which is that of all, and for a bound given twice once. */
export function hasOwnBound(boundaries: readonly number[], index: number): boolean {
  const bound = boundaries[index];
  return bound !== boundaries[index + 1] && bound !== Number.POSITIVE_INFINITY;
}

export function addNumbers(a: number, b: number): number {
  return a + b;
}

/** Adds up histograms with the same boundaries. */
export function addHistograms(a: Histogram, b: Histogram): Histogram | undefined {
  const { boundaries } = a.buckets;
  const others = b.buckets.boundaries;
  if (boundaries.length !== others.length || boundaries.some((bound, i) => bound !== others[i]))
    return undefined;
  const sum = a.sum === undefined || b.sum === undefined ? {} : { sum: a.sum + b.sum };
  const counts = a.buckets.counts.map((count, i) => count + (b.buckets.counts[i] ?? 0));
  return { buckets: { boundaries, counts }, count: a.count + b.count, ...sum };
}
