import type { Attributes } from '@opentelemetry/api';
import {
  AggregationTemporality,
  type DataPoint,
  type MetricData,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import { hasNumbers, kindOf, type NumberData } from '../../metric-data/kind.ts';

/** One collection by one reader. */
export interface Collection {
  /** A callback has observed a series for this collection: the very object that the SDK will report. */
  observed(series: Attributes): void;
  /** Whether a series was observed for other collections, but not for this one. */
  lacks(series: Attributes): boolean;
}

/** Tells apart for which collection the SDK calls the callbacks of observables. */
export interface Collections {
  begin(): Collection;
  /** Calls a function that starts to collect; the SDK starts all callbacks of a collection in one go. */
  during<Result>(collection: Collection, collect: () => Result): Result;
  /** The collection that is being started; one of its own for a callback that is called otherwise. */
  current(): Collection;
}

export function createCollections(): Collections {
  const known = new WeakSet<Attributes>();
  let current: Collection | undefined;

  const begin = (): Collection => {
    const own = new Set<Attributes>();
    return {
      observed(series) {
        known.add(series);
        own.add(series);
      },
      lacks: (series) => known.has(series) && !own.has(series),
    };
  };

  return {
    begin,
    during(collection, collect) {
      const outer = current;
      current = collection;
      try {
        return collect();
      } finally {
        current = outer;
      }
    },
    current: () => current ?? begin(),
  };
}

/**
 * Leaves the series of observables that no callback has observed for a collection out of what was collected. A
 * cumulative reader would otherwise get for ever whatever was observed once, and any other reader the gauges that were
 * observed for all readers. The SDK remembers how far a sum has come: one that is observed again goes on from there.
 * https://opentelemetry.io/docs/specs/otel/metrics/sdk/#observations-inside-asynchronous-callbacks
 */
export function leaveOutUnobserved(metrics: ResourceMetrics, collection: Collection): void {
  metrics.scopeMetrics = metrics.scopeMetrics.flatMap(({ scope, metrics: all }) => {
    const kept = all.flatMap((metric) => {
      if (!tellsOfNow(metric)) return metric;
      const points: readonly DataPoint<number>[] = metric.dataPoints;
      const dataPoints = points.filter(({ attributes }) => !collection.lacks(attributes));
      return dataPoints.length === 0 ? [] : { ...metric, dataPoints };
    });
    return kept.length === 0 ? [] : { scope, metrics: kept };
  });
}

/** What a delta adds was observed, if not for this reader, and must not be lost. */
function tellsOfNow(metric: MetricData): metric is NumberData {
  const isCumulative = metric.aggregationTemporality === AggregationTemporality.CUMULATIVE;
  return hasNumbers(metric) && (isCumulative || kindOf(metric) === 'gauge');
}

/**
 * Background collections are those that nobody asked for: they keep what was recorded beyond the end of the process.
 * Callbacks of gauges and up-down counters are not run for them, since their values end with the process, and some
 * describe the time since the last call; nor are asynchronous callbacks, which may query a database. Their last
 * observations stand.
 */
export function createBackground() {
  let active = false;
  return {
    /** Whether a background collection is being started: the SDK starts all callbacks of a collection in one go. */
    get active() {
      return active;
    },
    /** Makes the collection that the given function starts at once a background one. */
    during<Result>(collect: () => Promise<Result>): Promise<Result> {
      active = true;
      try {
        return collect();
      } finally {
        active = false;
      }
    },
  };
}
