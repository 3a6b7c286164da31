import { createHash } from 'node:crypto';

/** Changes whenever older processes could not read what newer ones write. */
export const FORMAT = 2;

/** Part of a path, equal in processes that are to meet. */
export function hash(parts: readonly (string | number)[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 10);
}
