import type { ResourceMetrics, ScopeMetrics } from '@opentelemetry/sdk-metrics';
import { atOnce } from '../../guest/slices.ts';
import type { Labels } from '../../metric-data/labels.ts';
import { createChanges, type Range } from './changes.ts';
import { createOwnSeries, type OwnMetric, type OwnSeries, type Series } from './own-series.ts';
import { createOwnValues } from './own-values.ts';
import { ends, isCumulative, type State } from './state.ts';

/** Keeps the state of this process up to date with what is collected. */
export interface StateWriter extends Pick<OwnSeries, 'keys'> {
  readonly state: State;
  /**
   * Takes over a cumulative collection, one at a time; yields now and then so that the caller can let the event loop go
   * on.
   *
   * @param seconds since 1970
   */
  update(
    metrics: Pick<ResourceMetrics, 'scopeMetrics'>,
    seconds: number,
  ): Generator<undefined, void, undefined>;
  /**
   * Takes over series of synchronous instruments at once, also during an update; the others stay as they are.
   *
   * @param seconds since 1970
   */
  note(scopeMetrics: readonly ScopeMetrics[], seconds: number): void;
  /** The doubles that have changed since the last call; undefined when there are too many ranges to name. */
  takeChanges(): readonly Range[] | undefined;
  /** Counts only what comes from now on: what there is has been counted elsewhere. Forgets the series that have ended. */
  rebase(): void;
  /** Forgets the series that have ended, which count nowhere. */
  forgetEnded(): void;
  /**
   * Whether most of the places are those of series that have ended.
   *
   * @param most places of such series that do no harm, 1000 by default
   */
  isCrowded(most?: number): boolean;
}

export interface StateWriterOptions {
  /** Of this process: every series gets them unless it has one of that name itself. */
  readonly labels?: Labels;
  /** Whether series end when nothing is recorded to them: the start of each then tells whether it has begun anew. */
  readonly seriesEnd?: boolean;
}

const MOST_ENDED = 1000;

export function createStateWriter({ labels = {}, seriesEnd = false }: StateWriterOptions = {}): StateWriter {
  const own = createOwnSeries(labels);
  const changes = createChanges();
  const { take, put, startFromZero } = createOwnValues(own, changes, seriesEnd);
  let ended = 0;
  let living = 0;
  /** An update is under way: which series have ended is known at its end. */
  let updating = false;

  /** Whether the last whole collection did not have it, and nothing was noted of it since. */
  const hasEnded = ({ round, noted }: Series): boolean => Math.max(round, noted) !== own.round;

  /** An observable counter may be observed again, and goes on from where it was. */
  const isKept = ({ definition, mortal }: OwnMetric, series: Series): boolean => {
    if (definition.kind === 'observableCounter') return true;
    return ends(definition.kind) ? !mortal || !hasEnded(series) : own.values[series.offset] !== 0;
  };

  /** What is not in a whole collection is not there any more. */
  const seeAbsent = (): void => {
    ended = 0;
    living = 0;
    for (const metric of own.metrics) {
      const { definition, series } = metric;
      // The total of an observable counter stays: it may be observed again.
      const place = definition.kind === 'observableCounter' ? 1 : 0;
      for (const each of series) {
        if (each.round === own.round) living += 1;
        else if (!ends(definition.kind)) put(each.offset + place, 0);
        if (seriesEnd && !isKept(metric, each)) ended += 1;
      }
    }
  };

  const forgetEnded = (): void => {
    if (ended === 0 || updating) return;
    changes.forget();
    own.retain(isKept);
    ended = 0;
  };

  return {
    get state() {
      return { metrics: own.metrics, values: own.values.subarray(0, own.used) };
    },
    isCrowded: (most = MOST_ENDED) => ended > Math.max(most, living),
    keys: own.keys,
    *update({ scopeMetrics }, seconds) {
      own.round += 1;
      updating = true;
      for (const { scope, metrics } of scopeMetrics) {
        for (const data of metrics) yield* take(own.metricOf(scope, data), data, seconds, own.inRound);
      }
      seeAbsent();
      updating = false;
    },
    note(scopeMetrics, seconds) {
      for (const { scope, metrics } of scopeMetrics) {
        for (const data of metrics) atOnce(take(own.metricOf(scope, data), data, seconds, own.outOfRound));
      }
    },
    takeChanges: changes.take,
    rebase() {
      changes.forget();
      for (const metric of own.metrics) {
        if (!isCumulative(metric.definition.kind)) continue;
        for (const series of metric.series) startFromZero(metric, series);
      }
      forgetEnded();
    },
    forgetEnded,
  };
}
