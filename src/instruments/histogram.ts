import { type Histogram, type Meter, ValueType } from '@opentelemetry/api';
import { boundariesFor } from '../views/views.ts';

export interface HistogramOptions {
  readonly description: string;
  readonly unit: string;
  /** In the unit; used unless `ROUTEMETER_BUCKETS` sets others. */
  readonly boundaries?: readonly number[];
}

/**
 * Makes a histogram of ours with the boundaries that apply to it; of whole numbers if it counts bytes.
 *
 * @param rules of `ROUTEMETER_BUCKETS`
 */
export function createHistogram(
  meter: Meter,
  name: string,
  { description, unit, boundaries: advised }: HistogramOptions,
  rules: Parameters<typeof boundariesFor>[3],
): Histogram {
  const boundaries = boundariesFor(name, unit, advised, rules);
  return meter.createHistogram(name, {
    description,
    unit,
    valueType: unit === 'By' ? ValueType.INT : ValueType.DOUBLE,
    ...(boundaries && { advice: { explicitBucketBoundaries: [...boundaries] } }),
  });
}
