import type { Attributes } from '@opentelemetry/api';
import {
  AggregationTemporality,
  type DataPoint,
  type MetricData,
  type MetricReader,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import { hasNumbers, kindOf, type NumberData } from '../../metric-data/kind.ts';

/** One collection by one reader. */
export interface Collection {
  /** Hands a series of an observable to the SDK, by the very object that it will report. */
  observed(series: Attributes): void;
}

export interface Collections {
  /** The one for which the SDK is calling callbacks: it starts all of a collection in one go. */
  current(): Collection;
}

/**
 * Leaves out of what each reader collects the series of observables that no callback has observed for that collection:
 * to a cumulative reader the SDK reports for ever what it has been told once, and to another one the gauges of all
 * readers. It remembers how far a sum has come, so that one that is observed again goes on from there.
 * https://opentelemetry.io/docs/specs/otel/metrics/sdk/#observations-inside-asynchronous-callbacks
 *
 * @param keepsUnobserved leaves them in
 */
export function followCollections(readers: readonly MetricReader[], keepsUnobserved: boolean): Collections {
  const known = new WeakSet<Attributes>();
  let current: Collection | undefined;

  const begin = (): Collection & { readonly series: ReadonlySet<Attributes> } => {
    const series = new Set<Attributes>();
    return {
      series,
      observed(each) {
        known.add(each);
        series.add(each);
      },
    };
  };

  for (const reader of readers) {
    const collect = reader.collect.bind(reader);
    reader.collect = async (options) => {
      const own = begin();
      const outer = current;
      current = own;
      const collecting = collect(options);
      current = outer;
      if (keepsUnobserved) return collecting;
      const { resourceMetrics, ...others } = await collecting;
      const isForgotten = (series: Attributes): boolean => known.has(series) && !own.series.has(series);
      return { ...others, resourceMetrics: without(resourceMetrics, isForgotten) };
    };
  }

  return { current: () => current ?? begin() };
}

function without(metrics: ResourceMetrics, isForgotten: (series: Attributes) => boolean): ResourceMetrics {
  const scopeMetrics = metrics.scopeMetrics.flatMap(({ scope, metrics: all }) => {
    const kept = all.flatMap((metric) => {
      if (!tellsOfNow(metric)) return metric;
      const points: readonly DataPoint<number>[] = metric.dataPoints;
      const dataPoints = points.filter(({ attributes }) => !isForgotten(attributes));
      return dataPoints.length === 0 ? [] : { ...metric, dataPoints };
    });
    return kept.length === 0 ? [] : { scope, metrics: kept };
  });
  return { ...metrics, scopeMetrics };
}

/** What a delta adds was observed, if not for this reader, and would be lost. */
function tellsOfNow(metric: MetricData): metric is NumberData {
  const isCumulative = metric.aggregationTemporality === AggregationTemporality.CUMULATIVE;
  return hasNumbers(metric) && (isCumulative || kindOf(metric) === 'gauge');
}
