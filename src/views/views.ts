import { InstrumentType, type ViewOptions } from '@opentelemetry/sdk-metrics';
import type { Config } from '../config/config.ts';
import type { BucketRule } from '../config/types.ts';
import { matcher } from './pattern.ts';

/**
 * Boundaries for durations in seconds.
 * https://opentelemetry.io/docs/specs/semconv/http/http-metrics/#metric-httpserverrequestduration
 */
const SECONDS: readonly number[] = [
  0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
];

/**
 * Boundaries for busy time in seconds: most requests keep the thread busy for less than the 5 ms at which the
 * boundaries for durations begin.
 */
const CPU_SECONDS: readonly number[] = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
];
/** `http.server.request.cpu.duration`, `db.query.cpu` */
const CPU_NAME = /[._]cpu([._]duration)?$/;

/**
 * The views of the MeterProvider: exactly one applies to each instrument, since the SDK counts a measurement once for
 * each view that matches. They only set the limit on series, one above ours, so that only ours acts. Boundaries reach
 * the SDK as advice ({@link boundariesFor}), and attributes are filtered before they are recorded.
 *
 * A view's aggregation overrides a reader's. So if OTLP is to have exponential histograms, histograms have no view:
 * each reader aggregates them in its own way, under its own limit, which must be set to the same.
 */
export function createViews(config: Pick<Config, 'exporters' | 'cardinalityLimit'>): ViewOptions[] {
  const { exporters, cardinalityLimit } = config;
  const aggregationCardinalityLimit = cardinalityLimit + 1;
  const exponential = exporters.some(
    (exporter) =>
      exporter.kind === 'otlp' && exporter.histogramAggregation === 'base2_exponential_bucket_histogram',
  );
  if (!exponential) return [{ instrumentName: '*', aggregationCardinalityLimit }];
  return Object.values(InstrumentType)
    .filter((instrumentType) => instrumentType !== InstrumentType.HISTOGRAM)
    .map((instrumentType) => ({ instrumentType, aggregationCardinalityLimit }));
}

/**
 * The boundaries of a histogram, to be given as advice when it is created. In this order: the first rule that matches
 * by a pattern other than `*`; the rule `*`, for durations in seconds only; the instrument's own advice; for durations
 * in seconds the boundaries of the semantic conventions, or finer ones for busy time; undefined for the SDK's default.
 *
 * @param unit the instrument's
 * @returns strictly increasing upper bounds in the instrument's unit, without +Inf
 */
export function boundariesFor(
  name: string,
  unit: string,
  advised: readonly number[] | undefined,
  rules: readonly BucketRule[],
): readonly number[] | undefined {
  const specific = rules.find(({ instrument }) => instrument !== '*' && matcher(instrument)(name));
  if (specific !== undefined) return specific.boundaries;
  const general = unit === 's' ? rules.find(({ instrument }) => instrument === '*') : undefined;
  if (general !== undefined) return general.boundaries;
  if (advised !== undefined) return advised;
  if (unit !== 's' && name !== 'http.server.request.duration') return undefined;
  return CPU_NAME.test(name) ? CPU_SECONDS : SECONDS;
}
