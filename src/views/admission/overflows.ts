import type { Attributes } from '@opentelemetry/api';
import { OVERFLOW } from '../../metric-data/other.ts';

/** How many measurements of an instrument have lost the value of one attribute to the limit on series. */
export interface Overflow {
  readonly attributes: Attributes;
  measurements: number;
}

export interface Overflows {
  /** In the order in which they came. */
  all(): Iterable<Overflow>;
  /**
   * That of an instrument and an attribute, the same object each time.
   *
   * @param attribute undefined for measurements that have none
   */
  of(instrument: string, attribute: string | undefined): Overflow;
}

/** @param limit how many there may be; what comes when there are as many shares the last one */
export function createOverflows(limit: number): Overflows {
  const known = new Map<string, Overflow>();
  return {
    all: () => known.values(),
    of(instrument, attribute) {
      const own = JSON.stringify([instrument, attribute]);
      const isOver = !known.has(own) && known.size >= limit - 1;
      const key = isOver ? '' : own;
      let overflow = known.get(key);
      if (overflow === undefined) {
        const attributes = isOver ? OVERFLOW : attributesOf(instrument, attribute);
        overflow = { attributes, measurements: 0 };
        known.set(key, overflow);
      }
      return overflow;
    },
  };
}

function attributesOf(instrument: string, attribute: string | undefined): Attributes {
  return Object.freeze({
    'routemeter.instrument': instrument,
    ...(attribute !== undefined && { 'routemeter.attribute': attribute }),
  });
}
