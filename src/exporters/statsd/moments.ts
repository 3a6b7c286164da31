import type { MetricData } from '@opentelemetry/sdk-metrics';
import { kindOf } from '../../metric-data/kind.ts';
import type { Frame } from './dialects/dialect.ts';

/**
 * Resolves gauges and up-down counters whose series have the same name once written, of which a server would keep
 * the last value. Up-down counters are added up; otherwise the first instrument keeps the name.
 */
export function createMoments() {
  const moments = new Map<string, { readonly metric: MetricData; value: number }>();
  const keyOf = ({ before, after }: Frame): string => `${before}\n${after}`;
  return {
    /** To be called for every series of a collection, in the order in which the instruments were made. */
    note(metric: MetricData, frame: Frame | undefined, value: number): void {
      if (frame === undefined) return;
      const key = keyOf(frame);
      const first = moments.get(key);
      if (first === undefined) moments.set(key, { metric, value });
      else if (isCounted(first.metric) && isCounted(metric)) first.value += value;
    },
    /** @returns the value to send for that metric; undefined if another metric has its name */
    take(metric: MetricData, frame: Frame): number | undefined {
      const key = keyOf(frame);
      const first = moments.get(key);
      if (first?.metric !== metric) return undefined;
      moments.delete(key);
      return first.value;
    },
  };
}

function isCounted(metric: MetricData): boolean {
  return kindOf(metric) !== 'gauge';
}
