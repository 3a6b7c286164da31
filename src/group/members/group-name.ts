import { createHash } from 'node:crypto';
import { join } from 'node:path';

/** Changes whenever older processes could not read what newer ones write. */
export const FORMAT = 2;

/** Part of a path, equal in processes that are to meet. */
export function hash(parts: readonly (string | number)[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 10);
}

/** The folder of this process' group, which takes the name of the group that this process joins. */
export interface GroupFolder {
  name: string;
  readonly path: string;
}

export function createGroupFolder(directory: string, name: string): GroupFolder {
  return {
    name,
    get path() {
      return join(directory, this.name);
    },
  };
}
