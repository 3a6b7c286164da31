import type { Lifetimes } from './lifetimes.ts';
import { createOverflows, type Overflows } from './overflows.ts';

/** What bounds the series of every instrument. */
export interface Bounds {
  /** Series that an instrument may have, including the overflow series; at least 1. */
  readonly limit: number;
  /** Takes the lines that report what is given up. */
  readonly warn: (message: string) => void;
  readonly overflows: Overflows;
  /** Undefined if series stay for the life of the process. */
  readonly lifetimes: Lifetimes | undefined;
}

export function createBounds({
  limit,
  warn,
  lifetimes,
}: Pick<Bounds, 'limit' | 'warn'> & Partial<Bounds>): Bounds {
  return { limit, warn, lifetimes, overflows: createOverflows(limit) };
}
