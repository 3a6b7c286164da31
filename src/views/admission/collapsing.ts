import type { Attributes } from '@opentelemetry/api';
import { OTHER, OVERFLOW } from '../../metric-data/other.ts';
import type { Bounds } from './bounds.ts';
import type { Overflow } from './overflows.ts';

/** The value of an attribute; undefined if the measurement lacks the attribute. */
export type Value = string | number | undefined;

export interface HttpAdmission<Series> {
  /**
   * @param values one per attribute, in the order given at creation; the caller may reuse the array
   * @returns the series of the measurement
   */
  admit(values: readonly Value[]): Series;
}

export interface HttpAdmissionOptions<Series> {
  /** Named in warnings, and where measurements are counted that have lost a value. */
  readonly instrument: string;
  readonly attributes: readonly string[];
  readonly bounds: Bounds;
  /**
   * Makes a series; called once for each.
   * @param attributes frozen
   */
  readonly register: (attributes: Attributes) => Series;
}

/** One level per attribute; the last one holds the series. */
interface Level<Series> extends Map<Value, Level<Series> | Series> {}

/**
 * Bounds the series of an instrument of ours for the life of the process, whatever values arrive, and puts every
 * measurement into exactly one of them. The SDK's own limit forgets at each collection.
 *
 * At 3/4 of the limit the attribute with the most values is given up: existing series keep counting, and each new one
 * has `_OTHER` for it. So a thousand made-up host names end in one series, and a route first seen after them still has
 * its own. Whenever half of what is left is used up, the next attribute is given up. What cannot be admitted even then
 * is counted in the SDK's overflow series, for which one place is reserved.
 *
 * Memory is bounded by the limit, since combinations that were not admitted are not remembered.
 */
export function createHttpAdmission<Series>(options: HttpAdmissionOptions<Series>): HttpAdmission<Series> {
  const { instrument, attributes, bounds, register } = options;
  const { limit, warn, overflows } = bounds;
  const depth = attributes.length;
  const sorted = attributes
    .map((name, index) => ({ name, index }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const distinct = attributes.map(() => new Set<Value>());
  const givenUp = attributes.map(() => false);
  const collapsed: Value[] = attributes.map(() => undefined);
  /** By attribute, and last those of measurements that have none. */
  const lost: (Overflow | undefined)[] = [...givenUp.map(() => undefined), undefined];
  const count = (i: number): void => {
    lost[i] ??= overflows.of(instrument, attributes[i]);
    lost[i].measurements++;
  };
  const capacity = limit - 1;
  let threshold = Math.min(capacity, Math.ceil((limit * 3) / 4));
  let size = 0;
  const root: Level<Series> | Series = depth === 0 ? register(Object.freeze({})) : new Map();
  let overflow: Series | undefined;

  const find = (values: readonly Value[]): Series | undefined => {
    let node: Level<Series> | Series | undefined = root;
    for (let i = 0; i < depth; i++) {
      node = (node as Level<Series>).get(values[i]);
      if (node === undefined) return undefined;
    }
    return node as Series;
  };

  const collapse = (values: readonly Value[]): void => {
    for (let i = 0; i < depth; i++) {
      const value = values[i];
      // To the SDK all numbers that are not finite are one series.
      const absent = value === undefined || (typeof value === 'number' && !Number.isFinite(value));
      collapsed[i] = absent ? undefined : givenUp[i] ? OTHER : value;
    }
  };

  const insert = (): Series => {
    const series = register(
      Object.freeze(
        Object.fromEntries(
          sorted.flatMap(({ name, index }) =>
            collapsed[index] === undefined ? [] : [[name, collapsed[index]]],
          ),
        ),
      ),
    );
    let level = root as Level<Series>;
    collapsed.forEach((value, i) => {
      if (value !== undefined) distinct[i]?.add(value);
      if (i === depth - 1) {
        level.set(value, series);
        return;
      }
      let next = level.get(value) as Level<Series> | undefined;
      if (next === undefined) {
        next = new Map();
        level.set(value, next);
      }
      level = next;
    });
    size++;
    return series;
  };

  const giveUpLargest = (): boolean => {
    let largest = -1;
    let most = -1;
    distinct.forEach((values, i) => {
      if (!givenUp[i] && values.size > most) {
        largest = i;
        most = values.size;
      }
    });
    if (largest < 0) return false;
    givenUp[largest] = true;
    threshold = Math.min(capacity, size + Math.max(1, Math.floor((capacity - size) / 2)));
    warn(
      `${instrument} has ${size} series, and ${attributes[largest]} alone has ${most} values: new series now get ` +
        `"${OTHER}" for it, to stay within ROUTEMETER_CARDINALITY_LIMIT=${limit}`,
    );
    return true;
  };

  const countLost = (values: readonly Value[], series: Series): void => {
    let attribute = false;
    for (let i = 0; i < depth; i++) {
      const value = collapsed[i];
      if (value === undefined || (value === values[i] && series !== overflow)) continue;
      count(i);
      attribute = true;
    }
    if (series === overflow && !attribute) count(depth);
  };

  const seriesFor = (values: readonly Value[]): Series => {
    for (;;) {
      collapse(values);
      const series = find(collapsed);
      if (series !== undefined) return series;
      if (size < threshold) return insert();
      if (giveUpLargest()) continue;
      if (size < capacity) return insert();
      overflow ??= register(OVERFLOW);
      return overflow;
    }
  };

  const admitNew = (values: readonly Value[]): Series => {
    const series = seriesFor(values);
    countLost(values, series);
    return series;
  };

  return { admit: (values) => find(values) ?? admitNew(values) };
}
