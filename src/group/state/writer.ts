import type { Attributes } from '@opentelemetry/api';
import { ValueType } from '@opentelemetry/api';
import type { InstrumentationScope } from '@opentelemetry/core';
import {
  DataPointType,
  InstrumentType,
  type MetricData,
  type ResourceMetrics,
  type ScopeMetrics,
} from '@opentelemetry/sdk-metrics';
import { withMissingLabels } from '../../metric-data/default-labels.ts';
import { kindOf } from '../../metric-data/kind.ts';
import type { Labels } from '../../metric-data/labels.ts';
import { createChanges, type Range } from './changes.ts';
import { type Exponential, mergeExponential } from './exponential.ts';
import { exponentialOf, negated, readExponential, writeExponential } from './exponential-slot.ts';
import { keyLineOfMetric, keyLineOfSeries } from './keys.ts';
import { atOnce } from './slices.ts';
import {
  identityOf,
  isCumulative,
  type MetricDefinition,
  type State,
  type StateKind,
  type StateSeries,
  seriesKey,
  widthOf,
} from './state.ts';

/** Keeps the state of this process up to date with what is collected. */
export interface StateWriter {
  readonly state: State;
  /** Lines that describe what has come since `from` lines; see `keys.ts`. */
  keys(from: number): { readonly text: string; readonly lines: number };
  /**
   * Takes over a cumulative collection, one at a time; yields now and then so that the caller can let the event loop go
   * on.
   *
   * @param seconds since 1970
   * @returns whether anything has changed
   */
  update(metrics: ResourceMetrics, seconds: number): Generator<undefined, boolean, undefined>;
  /**
   * Takes over series of synchronous instruments at once, also while an update is under way; the others stay as they
   * are.
   *
   * @param seconds since 1970
   */
  note(scopeMetrics: readonly ScopeMetrics[], seconds: number): void;
  /** The doubles that have changed since this was asked last; undefined when it would be too many ranges to tell. */
  takeChanges(): readonly Range[] | undefined;
  /** Counts from here on only what comes from now on: what there is has been counted elsewhere. */
  rebase(): void;
}

interface Series extends StateSeries {
  /** The update that saw it last. */
  round: number;
  /** Another one with the same key, of attributes that differ only in what no text tells. */
  twin: Series | undefined;
  /** Of an exponential histogram: what a rebase takes off, as negative counts. */
  shift: Exponential | undefined;
  /** Of a histogram: what its count was when it was taken over last. */
  count: number;
}

type Find = (metric: Metric, attributes: Attributes) => Series;

interface Metric {
  readonly number: number;
  readonly definition: MetricDefinition;
  readonly identity: string;
  /** Its total never goes down: a lower value is an older one. */
  readonly steady: boolean;
  readonly series: Series[];
  readonly byAttributes: WeakMap<Attributes, Series>;
  readonly byKey: Map<string, Series>;
}

const SERIES_PER_SLICE = 100;
/** Of a series that no update has seen. */
const NO_ROUND = -1;

/** Whether that is of before what has been taken over: counts never go down. */
function isOlder(series: Series, { count }: { readonly count: number }): boolean {
  if (count < series.count) return true;
  series.count = count;
  return false;
}

/** @param labels of this process, which every series gets that has none of that name itself */
export function createStateWriter(labels: Labels = {}): StateWriter {
  const metrics: Metric[] = [];
  const byIdentity = new Map<string, Metric>();
  const lines: (() => string)[] = [];
  let values = new Float64Array(1024);
  let used = 0;
  let round = 0;
  let changed = false;
  let left = SERIES_PER_SLICE;
  const changes = createChanges();
  /** What a counter had come to before it started anew, and what a rebase takes off, by the place of the double. */
  const shifts = new Map<number, number>();

  const keyOf = (attributes: Attributes): string => seriesKey(withMissingLabels(attributes, labels));

  const metricOf = (scope: InstrumentationScope, data: MetricData): Metric => {
    const definition = definitionOf(scope, data);
    // Two counters of one name, one of them observed, are two to the SDK, and so are two sets of boundaries.
    const type: unknown = Reflect.get(data.descriptor, 'type');
    const local = JSON.stringify([identityOf(definition), type, definition.boundaries]);
    let metric = byIdentity.get(local);
    if (metric === undefined) {
      metric = {
        number: metrics.length,
        definition,
        identity: identityOf(definition),
        steady: type === 'COUNTER',
        series: [],
        byAttributes: new WeakMap(),
        byKey: new Map(),
      };
      metrics.push(metric);
      byIdentity.set(local, metric);
      lines.push(() => keyLineOfMetric(definition));
    }
    return metric;
  };

  const seriesOf: Find = (metric, attributes) => {
    let series = metric.byAttributes.get(attributes);
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
  };

  /** Without the turn of an update: two series with the same key are told apart by the next one. */
  const seriesNoted: Find = (metric, attributes) => {
    const known = metric.byAttributes.get(attributes);
    if (known !== undefined) return known;
    const key = keyOf(attributes);
    const same = metric.byKey.get(key);
    if (same !== undefined) return same;
    const added = add(metric, key);
    added.round = NO_ROUND;
    metric.byKey.set(key, added);
    metric.byAttributes.set(attributes, added);
    return added;
  };

  const add = (metric: Metric, key: string): Series => {
    const series: Series = { key, offset: used, round, twin: undefined, shift: undefined, count: 0 };
    used += widthOf(metric.definition);
    if (used > values.length) {
      const larger = new Float64Array(Math.max(used, values.length * 2));
      larger.set(values);
      values = larger;
    }
    metric.series.push(series);
    lines.push(() => keyLineOfSeries(metric.number, key));
    changed = true;
    return series;
  };

  const isSliceOver = (): boolean => {
    left -= 1;
    if (left > 0) return false;
    left = SERIES_PER_SLICE;
    return true;
  };

  const put = (place: number, value: number): void => {
    if (Object.is(values[place], value)) return;
    values[place] = value;
    changed = true;
    changes.add(place);
  };

  /** A value less than before is that of an observable counter that has started anew. */
  const total = (place: number, value: number, steady: boolean): void => {
    if (!Number.isFinite(value)) return;
    const before = values[place] ?? 0;
    let shift = shifts.get(place) ?? 0;
    if (value + shift < before) {
      if (steady) return;
      shift = before;
      shifts.set(place, shift);
    }
    put(place, value + shift);
  };

  /** Of a histogram, which never starts anew. */
  const shifted = (place: number, value: number): void =>
    put(place, shifts.size === 0 ? value : value + (shifts.get(place) ?? 0));

  const moment = (offset: number, value: number, seconds: number): void => {
    if (values[offset] !== 0 && Object.is(values[offset + 1], value)) return;
    put(offset, seconds);
    put(offset + 1, value);
  };

  function* take(
    metric: Metric,
    data: MetricData,
    seconds: number,
    find: Find,
  ): Generator<undefined, void, undefined> {
    switch (data.dataPointType) {
      case DataPointType.SUM:
      case DataPointType.GAUGE: {
        const { kind } = metric.definition;
        for (const point of data.dataPoints) {
          const { offset } = find(metric, point.attributes);
          if (isCumulative(kind)) total(offset, point.value, metric.steady);
          else moment(offset, point.value, seconds);
          if (kind === 'observableCounter') put(offset + 1, 1);
          if (isSliceOver()) yield;
        }
        break;
      }
      case DataPointType.HISTOGRAM:
        for (const point of data.dataPoints) {
          const series = find(metric, point.attributes);
          const { counts } = point.value.buckets;
          if (!isOlder(series, point.value)) {
            for (let i = 0; i < counts.length; i++) shifted(series.offset + i, counts[i] ?? 0);
            shifted(series.offset + counts.length, point.value.sum ?? Number.NaN);
          }
          if (isSliceOver()) yield;
        }
        break;
      case DataPointType.EXPONENTIAL_HISTOGRAM:
        for (const point of data.dataPoints) {
          const series = find(metric, point.attributes);
          const { offset, shift } = series;
          if (!isOlder(series, point.value)) {
            const value = exponentialOf(point.value);
            writeExponential(shift === undefined ? value : mergeExponential(value, shift), offset, put);
          }
          if (isSliceOver()) yield;
        }
        break;
    }
  }

  return {
    get state() {
      return { metrics, values: values.subarray(0, used) };
    },
    keys(from) {
      const text = lines.slice(from).map((line) => line());
      return { text: text.join(''), lines: lines.length };
    },
    *update({ scopeMetrics }, seconds) {
      round += 1;
      changed = false;
      for (const { scope, metrics: ofScope } of scopeMetrics) {
        for (const data of ofScope) yield* take(metricOf(scope, data), data, seconds, seriesOf);
      }
      for (const { definition, series } of metrics) {
        // An observable counter's total stays: it may be observed again.
        const place = definition.kind === 'observableCounter' ? 1 : 0;
        if (place === 0 && isCumulative(definition.kind)) continue;
        for (const each of series) if (each.round !== round) put(each.offset + place, 0);
      }
      return changed;
    },
    note(scopeMetrics, seconds) {
      for (const { scope, metrics: ofScope } of scopeMetrics) {
        for (const data of ofScope) atOnce(take(metricOf(scope, data), data, seconds, seriesNoted));
      }
    },
    takeChanges: changes.take,
    rebase() {
      changes.forget();
      for (const { definition, series } of metrics) {
        if (!isCumulative(definition.kind)) continue;
        const width = widthOf(definition);
        for (const each of series) {
          if (definition.kind === 'exponentialHistogram') {
            const taken = negated(readExponential(values, each.offset));
            each.shift = each.shift === undefined ? taken : mergeExponential(each.shift, taken);
          }
          for (let place = each.offset; place < each.offset + width; place++) {
            shifts.set(place, (shifts.get(place) ?? 0) - (values[place] ?? 0));
          }
          values.fill(0, each.offset, each.offset + width);
        }
      }
    },
  };
}

function definitionOf(scope: InstrumentationScope, data: MetricData): MetricDefinition {
  const { name, description, unit, valueType } = data.descriptor;
  const boundaries =
    data.dataPointType === DataPointType.HISTOGRAM ? data.dataPoints[0]?.value.buckets.boundaries : undefined;
  return {
    scope: {
      name: scope.name,
      ...(scope.version !== undefined && { version: scope.version }),
      ...(scope.schemaUrl !== undefined && { schemaUrl: scope.schemaUrl }),
    },
    name,
    description,
    unit,
    integer: valueType === ValueType.INT,
    kind: stateKindOf(data),
    ...(boundaries && { boundaries }),
  };
}

function stateKindOf(data: MetricData): StateKind {
  const kind = kindOf(data);
  const isObservable = Reflect.get(data.descriptor, 'type') === InstrumentType.OBSERVABLE_COUNTER;
  return kind === 'counter' && isObservable ? 'observableCounter' : kind;
}
