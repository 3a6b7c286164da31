import type { HrTime } from '@opentelemetry/api';
import { DataPointType, type MetricData } from '@opentelemetry/sdk-metrics';
import type { Changes } from './changes.ts';
import { mergeExponential } from './exponential.ts';
import { exponentialOf, negated, readExponential, writeExponential } from './exponential-slot.ts';
import { type FindSeries, NO_COUNT, type OwnMetric, type OwnSeries, type Series } from './own-series.ts';
import { ends, widthOf } from './state.ts';

const SERIES_PER_SLICE = 100;

/**
 * Takes collected values over into the doubles of this process' series. They differ by a shift from what is collected,
 * where a series has ended and begun anew, or was counted elsewhere.
 *
 * @param seriesEnd whether the start of a series tells if it has begun anew
 */
export function createOwnValues(own: OwnSeries, changes: Changes, seriesEnd: boolean) {
  let left = SERIES_PER_SLICE;

  const isSliceOver = (): boolean => {
    left -= 1;
    if (left > 0) return false;
    left = SERIES_PER_SLICE;
    return true;
  };

  /** @returns whether that is a change */
  const put = (place: number, value: number): boolean => {
    if (Object.is(own.values[place], value)) return false;
    own.values[place] = value;
    changes.add(place);
    return true;
  };

  const shiftOf = (metric: OwnMetric, series: Series): Float64Array => {
    series.shift ??= new Float64Array(widthOf(metric.definition));
    return series.shift;
  };

  /** A lower value than before means that an observable counter has started anew. */
  const putTotal = (metric: OwnMetric, series: Series, at: number, value: number): boolean => {
    if (!Number.isFinite(value)) return false;
    const place = series.offset + at;
    const before = own.values[place] ?? 0;
    if (value + (series.shift?.[at] ?? 0) < before) {
      if (metric.steady) return false;
      shiftOf(metric, series)[at] = before;
    }
    return put(place, value + (series.shift?.[at] ?? 0));
  };

  const putMomentary = (offset: number, value: number, seconds: number): void => {
    if (own.values[offset] !== 0 && Object.is(own.values[offset + 1], value)) return;
    put(offset, seconds);
    put(offset + 1, value);
  };

  /** A series that has ended and comes back goes on from where it was. */
  const continueAnew = (metric: OwnMetric, series: Series): void => {
    const { definition } = metric;
    series.count = NO_COUNT;
    if (definition.kind === 'exponentialHistogram') {
      series.exponentialShift = readExponential(own.values, series.offset + 1);
      return;
    }
    const { offset } = series;
    shiftOf(metric, series).set(own.values.subarray(offset, offset + widthOf(definition)));
  };

  /** @returns false if the value is from before the series ended, and has been taken over already */
  const see = (metric: OwnMetric, series: Series, start: HrTime): boolean => {
    if (!seriesEnd || !metric.mortal) return true;
    if (isSame(series.start, start)) return true;
    if (isSame(series.lastStart, start)) return false;
    if (series.start !== undefined) continueAnew(metric, series);
    series.lastStart = series.start;
    series.start = start;
    return true;
  };

  const stamp = (metric: OwnMetric, { offset }: Series, changed: boolean, seconds: number): void => {
    const never = own.values[offset] === 0;
    if (changed || never) put(offset, seriesEnd && metric.mortal ? seconds : Number.POSITIVE_INFINITY);
  };

  const putCounts = (
    { offset, shift }: Series,
    counts: readonly number[],
    sum: number | undefined,
  ): boolean => {
    let changed = false;
    for (let i = 0; i < counts.length; i++) {
      if (put(offset + 1 + i, (counts[i] ?? 0) + (shift?.[1 + i] ?? 0))) changed = true;
    }
    const at = 1 + counts.length;
    return put(offset + at, (sum ?? Number.NaN) + (shift?.[at] ?? 0)) || changed;
  };

  function* take(
    metric: OwnMetric,
    data: MetricData,
    seconds: number,
    find: FindSeries,
  ): Generator<undefined, void, undefined> {
    switch (data.dataPointType) {
      case DataPointType.SUM:
      case DataPointType.GAUGE: {
        const { kind } = metric.definition;
        for (const { attributes, startTime, value } of data.dataPoints) {
          const series = find(metric, attributes);
          if (kind === 'counter') {
            if (see(metric, series, startTime))
              stamp(metric, series, putTotal(metric, series, 1, value), seconds);
          } else if (kind === 'observableCounter') {
            putTotal(metric, series, 0, value);
            put(series.offset + 1, 1);
          } else putMomentary(series.offset, value, seconds);
          if (isSliceOver()) yield;
        }
        break;
      }
      case DataPointType.HISTOGRAM:
        for (const { attributes, startTime, value } of data.dataPoints) {
          const series = find(metric, attributes);
          if (see(metric, series, startTime) && isNewer(series, value))
            stamp(metric, series, putCounts(series, value.buckets.counts, value.sum), seconds);
          if (isSliceOver()) yield;
        }
        break;
      case DataPointType.EXPONENTIAL_HISTOGRAM:
        for (const { attributes, startTime, value } of data.dataPoints) {
          const series = find(metric, attributes);
          if (see(metric, series, startTime) && isNewer(series, value)) {
            const { offset, exponentialShift: shift } = series;
            const given = exponentialOf(value);
            let changed = false;
            writeExponential(
              shift === undefined ? given : mergeExponential(given, shift),
              offset + 1,
              (at, each) => {
                if (put(at, each)) changed = true;
              },
            );
            stamp(metric, series, changed, seconds);
          }
          if (isSliceOver()) yield;
        }
        break;
    }
  }

  /** Makes a series count only what comes from now on. When it changed last stays. */
  const startFromZero = (metric: OwnMetric, series: Series): void => {
    const { values } = own;
    const { definition } = metric;
    const { offset } = series;
    const first = ends(definition.kind) ? 1 : 0;
    const end = offset + widthOf(definition);
    if (definition.kind === 'exponentialHistogram') {
      const taken = negated(readExponential(values, offset + 1));
      const { exponentialShift: shift } = series;
      series.exponentialShift = shift === undefined ? taken : mergeExponential(shift, taken);
    } else {
      const shift = shiftOf(metric, series);
      for (let i = first; offset + i < end; i++) shift[i] = (shift[i] ?? 0) - (values[offset + i] ?? 0);
    }
    values.fill(0, offset + first, end);
  };

  return { take, put, startFromZero };
}

function isSame(a: HrTime | undefined, b: HrTime): boolean {
  return a !== undefined && a[0] === b[0] && a[1] === b[1];
}

/** Whether a histogram has more than what has been taken over: counts never go down. */
function isNewer(series: Series, { count }: { readonly count: number }): boolean {
  if (count <= series.count) return false;
  series.count = count;
  return true;
}
