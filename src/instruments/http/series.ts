import type { Attributes } from '@opentelemetry/api';
import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';

/** The one attribute that the SDK gets in place of all those of a series. */
const SERIES = 'series';

/**
 * Gives the SDK a small number for each series, and puts the attributes back when metrics are collected.
 *
 * The SDK sorts and prints the attributes of every measurement to find its series, in 0.7 to 0.85 µs with three or four
 * of them and in 0.3 µs with one. Admission has found the series already.
 */
export function createSeriesNumbers(scope: string, instruments: readonly string[]) {
  const series: Attributes[] = [];
  return {
    /** @returns the attributes to record with, for the life of the process */
    number(attributes: Attributes): Attributes {
      const length = series.push(attributes);
      return Object.freeze({ [SERIES]: length - 1 });
    },
    /** Replaces the numbers in what a reader has collected. */
    restore({ scopeMetrics }: ResourceMetrics): void {
      for (const collected of scopeMetrics) {
        if (collected.scope.name !== scope) continue;
        for (const { descriptor, dataPoints } of collected.metrics) {
          if (!instruments.includes(descriptor.name)) continue;
          for (const point of dataPoints) {
            const attributes = series[Number(point.attributes[SERIES])];
            if (attributes !== undefined) Object.assign(point, { attributes });
          }
        }
      }
    },
  };
}
