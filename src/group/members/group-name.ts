import { join } from 'node:path';

/** Changes whenever older processes could not read what newer ones write. */
export const FORMAT = 3;

/**
 * Part of a path, equal in processes that are to meet: the lower 40 bits of FNV-1a, since it is for names that nobody
 * chooses to collide, and `node:crypto` takes long to load. http://www.isthe.com/chongo/tech/comp/fnv/
 */
export function hash(parts: readonly (string | number)[]): string {
  let bits = 0xcbf29ce484222325n;
  for (const byte of Buffer.from(JSON.stringify(parts))) {
    bits = BigInt.asUintN(64, (bits ^ BigInt(byte)) * 0x100000001b3n);
  }
  return bits.toString(16).slice(-10).padStart(10, '0');
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
