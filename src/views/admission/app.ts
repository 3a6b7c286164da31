import type { Attributes } from '@opentelemetry/api';
import { newOverflow, OVERFLOW } from '../../metric-data/other.ts';
import type { Bounds } from './bounds.ts';
import { newPlace, type Place, type SeriesEnd } from './lifetimes.ts';
import type { Overflow } from './overflows.ts';

export interface AppAdmission<Series> {
  /**
   * @param attributes the app's own object, which the app may change later
   * @returns the series of the measurement
   */
  admit(attributes: Attributes | undefined): Series;
}

export interface AppAdmissionOptions<Series> {
  /** Named in the warning, and where measurements in the overflow series are counted. */
  readonly instrument: string;
  readonly bounds: Bounds;
  /** Whether an attribute is kept; by default all are. */
  readonly keep?: (name: string) => boolean;
  /**
   * Makes a series; called once for each.
   * @param attributes frozen
   */
  readonly register: (attributes: Attributes) => Series;
  /** Undefined if the series stay for the life of the process. */
  readonly end?: SeriesEnd<Series>;
}

interface OwnPlace<Series> extends Place {
  readonly key: string;
  readonly series: Series;
}

/** A step on the way through the attributes of an object, in the object's own order. */
interface Step<Series> {
  place: OwnPlace<Series> | undefined;
  /** The attribute that came next the first time, and nearly always does: comparing is faster than looking up. */
  name: string | undefined;
  values: Map<unknown, Step<Series>> | undefined;
  others: Map<string, Map<unknown, Step<Series>>> | undefined;
}

/** How many orders of its attributes are remembered per series, on average. */
const ORDERS = 4;

/**
 * Bounds the series of an instrument of the app's, whatever attributes arrive, and puts every measurement into exactly
 * one of them: once the limit is reached, new ones into the overflow series.
 */
export function createAppAdmission<Series>(options: AppAdmissionOptions<Series>): AppAdmission<Series> {
  const { instrument, bounds, keep, register, end } = options;
  const { limit, warn, overflows, lifetimes } = bounds;
  const placeOf = (key: string, attributes: Attributes): OwnPlace<Series> => ({
    ...newPlace(),
    key,
    series: register(attributes),
  });
  const known = new Map<string, OwnPlace<Series>>();
  let overflowPlace: OwnPlace<Series> | undefined;
  let first = newStep<Series>();
  let remembered = 0;
  let overflowed: Overflow | undefined;

  const find = (attributes: Attributes): OwnPlace<Series> | undefined => {
    let step = first;
    for (const name in attributes) {
      if (!Object.hasOwn(attributes, name)) continue;
      const value = attributes[name];
      if (value === undefined || value === null || (keep !== undefined && !keep(name))) continue;
      const next: Step<Series> | undefined = (step.name === name ? step.values : step.others?.get(name))?.get(
        value,
      );
      if (next === undefined) return undefined;
      step = next;
    }
    return step.place;
  };

  const remember = (entries: readonly Entry[], place: OwnPlace<Series>): void => {
    if (remembered >= limit * ORDERS || !entries.every(([, value]) => isScalar(value))) return;
    let step = first;
    for (const [name, value] of entries) {
      const values = valuesOf(step, name);
      const next = values.get(value) ?? newStep<Series>();
      values.set(value, next);
      step = next;
    }
    if (step.place === undefined) remembered++;
    step.place = place;
  };

  const overflow = (): OwnPlace<Series> => {
    overflowPlace ??= placeOf(OVERFLOW_KEY, newOverflow());
    return overflowPlace;
  };

  const exceed = (): OwnPlace<Series> => {
    if (overflowed === undefined) {
      const [name, count] = mostValues(known.keys());
      warn(
        `${instrument} has ${limit - 1} series${name === undefined ? '' : `, and ${name} alone has ${count} values`}: ` +
          `new series are merged into one labelled otel.metric.overflow, to stay within ` +
          `ROUTEMETER_CARDINALITY_LIMIT=${limit}`,
      );
      overflowed = overflows.of(instrument, name);
    }
    overflowed.measurements++;
    return overflow();
  };

  const admitNew = (attributes: Attributes): OwnPlace<Series> => {
    const { entries, key } = seriesOf(attributes, keep);
    let place = key === OVERFLOW_KEY ? overflow() : known.get(key);
    if (place === undefined) {
      if (known.size >= limit - 1) return exceed();
      place = placeOf(key, Object.freeze(Object.fromEntries(entries.toSorted(byName))));
      known.set(key, place);
    }
    remember(entries, place);
    return place;
  };

  const admit = (attributes: Attributes | undefined): OwnPlace<Series> => {
    const given = typeof attributes === 'object' && attributes !== null ? attributes : NONE;
    return find(given) ?? admitNew(given);
  };

  if (lifetimes === undefined || end === undefined) {
    return { admit: (attributes) => admit(attributes).series };
  }
  lifetimes.add<OwnPlace<Series>>({
    *all() {
      yield* known.values();
      if (overflowPlace !== undefined) yield overflowPlace;
    },
    forget: ({ series }, reader) => end.forget(series, reader),
    remove(place) {
      end.removed?.(place.series);
      if (place === overflowPlace) overflowPlace = undefined;
      known.delete(place.key);
      // The ways to the others are found again as they come.
      first = newStep();
      remembered = 0;
    },
  });
  return {
    admit(attributes) {
      const place = admit(attributes);
      place.touched = true;
      return place.series;
    },
  };
}

function newStep<Series>(): Step<Series> {
  return { place: undefined, name: undefined, values: undefined, others: undefined };
}

function valuesOf<Series>(step: Step<Series>, name: string): Map<unknown, Step<Series>> {
  step.name ??= name;
  if (step.name === name) {
    step.values ??= new Map();
    return step.values;
  }
  step.others ??= new Map();
  const values = step.others.get(name) ?? new Map<unknown, Step<Series>>();
  step.others.set(name, values);
  return values;
}

/** The identity of a series in the SDK: two objects with the same text are the same series. */
export function seriesKey(attributes: Attributes | undefined): string {
  return seriesOf(attributes ?? NONE, undefined).key;
}

type Entry = readonly [name: string, value: unknown];

const NONE: Attributes = Object.freeze({});

const byName = ([a]: Entry, [b]: Entry): number => (a < b ? -1 : 1);

const OVERFLOW_KEY = seriesKey(OVERFLOW);

function seriesOf(
  attributes: Attributes,
  keep: ((name: string) => boolean) | undefined,
): { entries: readonly Entry[]; key: string } {
  const entries: Entry[] = [];
  for (const name of Object.keys(attributes)) {
    if (keep !== undefined && !keep(name)) continue;
    const value = ownCopy(attributes[name]);
    if (value !== undefined) entries.push([name, value]);
  }
  return { entries, key: JSON.stringify(entries.toSorted(byName)) };
}

/** A copy that the app cannot change and that JSON can express; undefined if the value is left out. */
function ownCopy(value: unknown): unknown {
  if (isScalar(value)) return value;
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return undefined;
  if (value instanceof Uint8Array) return value.slice();
  try {
    const copy: unknown = JSON.parse(JSON.stringify(value));
    return copy === null ? undefined : Object.freeze(copy);
  } catch {
    return undefined;
  }
}

function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

/** The attribute with the most values in series that are given by their keys. */
function mostValues(keys: Iterable<string>): [name: string | undefined, count: number] {
  const values = new Map<string, Set<string>>();
  for (const key of keys) {
    for (const [name, value] of JSON.parse(key) as Entry[]) {
      const seen = values.get(name) ?? new Set();
      values.set(name, seen.add(JSON.stringify(value)));
    }
  }
  let largest: [string | undefined, number] = [undefined, 0];
  for (const [name, seen] of values) if (seen.size > largest[1]) largest = [name, seen.size];
  return largest;
}
