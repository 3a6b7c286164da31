import type { Attributes, HrTime } from '@opentelemetry/api';
import type { InstrumentationScope } from '@opentelemetry/core';
import type { MetricData } from '@opentelemetry/sdk-metrics';
import { type Labels, withMissingLabels } from '../../metric-data/labels.ts';
import { definitionOf, instrumentTypeOf } from './definition.ts';
import type { Exponential } from './exponential.ts';
import { keyLineOfMetric, keyLineOfSeries } from './keys.ts';
import { identityOf, type StateMetric, type StateSeries, seriesKey, widthOf } from './state.ts';

export interface OwnMetric extends StateMetric {
  readonly number: number;
  /** Its total never goes down: a lower value is an older one. */
  readonly steady: boolean;
  /** Its series may end: that of a synchronous instrument whose totals count. */
  readonly mortal: boolean;
  series: Series[];
  readonly byAttributes: WeakMap<Attributes, Series>;
  byKey: Map<string, Series>;
}

export interface Series extends StateSeries {
  offset: number;
  /** The round that saw it last, and the one in or after which it was seen outside of rounds. */
  round: number;
  noted: number;
  /** It has been forgotten. */
  gone: boolean;
  /** Another series with the same key: their attributes differ only in what no text shows. */
  twin: Series | undefined;
  /** When the SDK began to count it; another time means that it has ended, and begun anew. */
  start: HrTime | undefined;
  /** The same before it ended last. */
  lastStart: HrTime | undefined;
  /** What its doubles have more than what is collected. */
  shift: Float64Array | undefined;
  /** The same of an exponential histogram. */
  exponentialShift: Exponential | undefined;
  /** Of a histogram: its count when it was taken over last. */
  count: number;
}

export type FindSeries = (metric: OwnMetric, attributes: Attributes) => Series;

/** The metrics and series of this process, in the order in which they came, and the doubles of each. */
export interface OwnSeries {
  readonly metrics: readonly OwnMetric[];
  /** Replaced by a larger array when there is no more room. */
  values: Float64Array;
  /** How many doubles are used. */
  used: number;
  /** The number of the collection: in a round each of its series comes once. */
  round: number;
  metricOf(scope: InstrumentationScope, data: MetricData): OwnMetric;
  /** The series of these attributes in this round, made if it is new. */
  inRound: FindSeries;
  /** The same outside of rounds: the next round tells series of the same key apart. */
  outOfRound: FindSeries;
  /** Forgets all other series, and gives these new places; the lines start anew. */
  retain(isKept: (metric: OwnMetric, series: Series) => boolean): void;
  /** Lines that describe what has come since `from` lines; see `keys.ts`. */
  keys(from: number): { readonly text: string; readonly lines: number };
}

function knownBy({ byAttributes }: OwnMetric, attributes: Attributes): Series | undefined {
  const series = byAttributes.get(attributes);
  return series?.gone === false ? series : undefined;
}

/** The round of a series that none has seen. */
const NO_ROUND = -1;
/** The count of a histogram of which nothing has been taken over, not even that it is empty. */
export const NO_COUNT = -1;

/** @param labels that every series gets unless it has one of that name itself */
export function createOwnSeries(labels: Labels): OwnSeries {
  const metrics: OwnMetric[] = [];
  const byIdentity = new Map<string, OwnMetric>();
  const lines: (() => string)[] = [];

  const keyOf = (attributes: Attributes): string => seriesKey(withMissingLabels(attributes, labels));

  const add = (metric: OwnMetric, key: string): Series => {
    const { used: offset, round } = own;
    const series: Series = {
      key,
      offset,
      round,
      noted: NO_ROUND,
      gone: false,
      twin: undefined,
      start: undefined,
      lastStart: undefined,
      shift: undefined,
      exponentialShift: undefined,
      count: NO_COUNT,
    };
    own.used += widthOf(metric.definition);
    if (own.used > own.values.length) {
      const larger = new Float64Array(Math.max(own.used, own.values.length * 2));
      larger.set(own.values);
      own.values = larger;
    }
    metric.series.push(series);
    lines.push(() => keyLineOfSeries(metric.number, key));
    return series;
  };

  const own: OwnSeries = {
    metrics,
    values: new Float64Array(1024),
    used: 0,
    round: 0,
    metricOf(scope, data) {
      const definition = definitionOf(scope, data);
      const identity = identityOf(definition);
      // To the SDK, a counter and an observable counter of one name are two metrics, and so are two sets of boundaries.
      const type = instrumentTypeOf(data);
      const local = JSON.stringify([identity, type, definition.boundaries]);
      let metric = byIdentity.get(local);
      if (metric === undefined) {
        metric = {
          number: metrics.length,
          definition,
          identity,
          steady: type === 'COUNTER',
          mortal: type === 'COUNTER' || type === 'HISTOGRAM',
          series: [],
          byAttributes: new WeakMap(),
          byKey: new Map(),
        };
        metrics.push(metric);
        byIdentity.set(local, metric);
        lines.push(() => keyLineOfMetric(definition));
      }
      return metric;
    },
    inRound(metric, attributes) {
      const { round } = own;
      let series = knownBy(metric, attributes);
      if (series === undefined) {
        const key = keyOf(attributes);
        series = metric.byKey.get(key);
        while (series?.round === round && series.twin !== undefined) series = series.twin;
        if (series === undefined || series.round === round) {
          const added = add(metric, key);
          if (series === undefined) metric.byKey.set(key, added);
          else series.twin = added;
          series = added;
        }
        metric.byAttributes.set(attributes, series);
      }
      series.round = round;
      return series;
    },
    outOfRound(metric, attributes) {
      let series = knownBy(metric, attributes);
      if (series === undefined) {
        const key = keyOf(attributes);
        series = metric.byKey.get(key);
        if (series === undefined) {
          series = add(metric, key);
          series.round = NO_ROUND;
          metric.byKey.set(key, series);
          metric.byAttributes.set(attributes, series);
        }
      }
      series.noted = own.round;
      return series;
    },
    retain(isKept) {
      for (const metric of metrics) {
        for (const series of metric.series) series.gone = !isKept(metric, series);
      }
      const { values } = own;
      own.values = new Float64Array(values.length);
      own.used = 0;
      lines.length = 0;
      for (const metric of metrics) {
        const width = widthOf(metric.definition);
        lines.push(() => keyLineOfMetric(metric.definition));
        metric.series = metric.series.filter(({ gone }) => !gone);
        metric.byKey = new Map();
        for (const series of metric.series) {
          own.values.set(values.subarray(series.offset, series.offset + width), own.used);
          series.offset = own.used;
          own.used += width;
          series.twin = metric.byKey.get(series.key);
          metric.byKey.set(series.key, series);
          lines.push(() => keyLineOfSeries(metric.number, series.key));
        }
      }
    },
    keys(from) {
      const text = lines.slice(from).map((line) => line());
      return { text: text.join(''), lines: lines.length };
    },
  };
  return own;
}
