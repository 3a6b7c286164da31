import { createOverflows, type Overflows } from './overflows.ts';

/** What bounds the series of every instrument. */
export interface Bounds {
  /** Series of an instrument in the life of the process, including the overflow series; at least 1. */
  readonly limit: number;
  /** Takes the lines that report what is given up. */
  readonly warn: (message: string) => void;
  readonly overflows: Overflows;
}

export function createBounds({ limit, warn }: Pick<Bounds, 'limit' | 'warn'>): Bounds {
  return { limit, warn, overflows: createOverflows(limit) };
}
