import type { Attributes } from '@opentelemetry/api';
import { newOverflow, OTHER } from '../../metric-data/other.ts';
import type { Bounds } from './bounds.ts';
import { newPlace, type Place, type SeriesEnd } from './lifetimes.ts';
import type { Overflow } from './overflows.ts';
import { createTree } from './tree.ts';

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
  readonly end: SeriesEnd<Series>;
}

interface OwnPlace<Series> extends Place {
  readonly series: Series;
  /** Of the attributes. */
  readonly values: readonly Value[];
}

/**
 * Bounds the series of an instrument of ours, whatever values arrive, and puts every measurement into exactly one of
 * them. The SDK's own limit forgets at each collection.
 *
 * At 3/4 of the limit the attribute with the most values is given up: existing series keep counting, and each new one
 * has `_OTHER` for it. So a thousand made-up host names end in one series, and a route first seen after them still has
 * its own. Whenever half of what is left is used up, the next attribute is given up. What cannot be admitted even then
 * is counted in the SDK's overflow series, for which one place is reserved. Where series end, new ones have all their
 * attributes again as soon as half of the places are free.
 *
 * Memory is bounded by the limit, since combinations that were not admitted are not remembered.
 */
export function createHttpAdmission<Series>(options: HttpAdmissionOptions<Series>): HttpAdmission<Series> {
  const { instrument, attributes, bounds, register, end } = options;
  const { limit, warn, overflows, lifetimes } = bounds;
  const depth = attributes.length;
  const sorted = attributes
    .map((name, index) => ({ name, index }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const { find, set, remove } = createTree<Value, OwnPlace<Series>>(depth);
  const places = new Set<OwnPlace<Series>>();
  /** By attribute: how many series have each value. */
  const distinct = attributes.map(() => new Map<Value, number>());
  const givenUp = attributes.map(() => false);
  const told = attributes.map(() => false);
  const collapsed: Value[] = attributes.map(() => undefined);
  /** By attribute, and last those of measurements that have none. */
  const lost: (Overflow | undefined)[] = [...givenUp.map(() => undefined), undefined];
  const count = (i: number): void => {
    lost[i] ??= overflows.of(instrument, attributes[i]);
    lost[i].measurements++;
  };
  const capacity = limit - 1;
  const usual = Math.min(capacity, Math.ceil((limit * 3) / 4));
  let threshold = usual;
  let overflow: OwnPlace<Series> | undefined;

  const collapse = (values: readonly Value[]): void => {
    for (let i = 0; i < depth; i++) {
      const value = values[i];
      // To the SDK all numbers that are not finite are one series.
      const absent = value === undefined || (typeof value === 'number' && !Number.isFinite(value));
      collapsed[i] = absent ? undefined : givenUp[i] ? OTHER : value;
    }
  };

  const insert = (): OwnPlace<Series> => {
    const entries = sorted.flatMap(({ name, index }) =>
      collapsed[index] === undefined ? [] : [[name, collapsed[index]]],
    );
    const series = register(Object.freeze(Object.fromEntries(entries)));
    const place = { ...newPlace(), series, values: [...collapsed] };
    place.values.forEach((value, i) => {
      if (value !== undefined) distinct[i]?.set(value, (distinct[i].get(value) ?? 0) + 1);
    });
    set(place.values, place);
    places.add(place);
    return place;
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
    threshold = Math.min(capacity, places.size + Math.max(1, Math.floor((capacity - places.size) / 2)));
    if (!told[largest]) {
      warn(
        `${instrument} has ${places.size} series, and ${attributes[largest]} alone has ${most} values: new series now get ` +
          `"${OTHER}" for it, to stay within ROUTEMETER_CARDINALITY_LIMIT=${limit}`,
      );
    }
    told[largest] = true;
    return true;
  };

  const countLost = (values: readonly Value[], place: OwnPlace<Series>): void => {
    let attribute = false;
    for (let i = 0; i < depth; i++) {
      const value = collapsed[i];
      if (value === undefined || (value === values[i] && place !== overflow)) continue;
      count(i);
      attribute = true;
    }
    if (place === overflow && !attribute) count(depth);
  };

  const placeFor = (values: readonly Value[]): OwnPlace<Series> => {
    for (;;) {
      collapse(values);
      const place = find(collapsed);
      if (place !== undefined) return place;
      if (depth === 0 || places.size < threshold) return insert();
      if (giveUpLargest()) continue;
      if (places.size < capacity) return insert();
      overflow ??= { ...newPlace(), series: register(newOverflow()), values: [] };
      return overflow;
    }
  };

  const admitNew = (values: readonly Value[]): OwnPlace<Series> => {
    const place = placeFor(values);
    countLost(values, place);
    return place;
  };

  if (lifetimes === undefined) return { admit: (values) => (find(values) ?? admitNew(values)).series };
  lifetimes.add<OwnPlace<Series>>({
    *all() {
      yield* places;
      if (overflow !== undefined) yield overflow;
    },
    forget: ({ series }, reader) => end.forget(series, reader),
    remove(place) {
      end.removed?.(place.series);
      if (place === overflow) {
        overflow = undefined;
        return;
      }
      remove(place.values);
      places.delete(place);
      place.values.forEach((value, i) => {
        const left = (distinct[i]?.get(value) ?? 0) - 1;
        if (left > 0) distinct[i]?.set(value, left);
        else distinct[i]?.delete(value);
      });
      if (places.size > limit / 2) return;
      givenUp.fill(false);
      threshold = usual;
    },
  });
  return {
    admit(values) {
      const place = find(values) ?? admitNew(values);
      place.touched = true;
      return place.series;
    },
  };
}
