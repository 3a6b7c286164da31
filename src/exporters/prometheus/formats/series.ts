import type { Histogram } from '@opentelemetry/sdk-metrics';
import type { Part } from '../families.ts';
import type { LabelText } from './label-text.ts';

export interface Series<Value> {
  readonly labels: string;
  value: Value;
}

/** @returns undefined if the two cannot be added */
export type Add<Value> = (a: Value, b: Value) => Value | undefined;

const POINTS_PER_SLICE = 100;

/**
 * Makes one series of each set of labels. Different attributes can become the same labels (`1` and `'1'`, two
 * instruments whose names become one). Such points are added up where that makes sense, so that no count is lost;
 * otherwise the first one stays and `dropped` is called.
 *
 * Yields '' now and then, so that the caller can yield to the event loop.
 */
export function* mergeSeries<Value>(
  parts: readonly Part<Value>[],
  labelTextOf: (part: Part<Value>) => LabelText,
  add: Add<Value>,
  dropped: () => void,
): Generator<string, Series<Value>[], undefined> {
  const series: Series<Value>[] = [];
  const known = new Map<string, Series<Value>>();
  let left = POINTS_PER_SLICE;
  for (const part of parts) {
    const textOf = labelTextOf(part);
    for (const { attributes, value } of part.points) {
      const labels = textOf(attributes);
      const twin = known.get(labels);
      if (twin === undefined) {
        const own = { labels, value };
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
