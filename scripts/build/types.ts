import { cpSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/** Copies the types that a user can reach from the doors; those of what is inside of the bundle stay behind. */
export function copyReachableTypes(from: string, to: string, doors: readonly string[]): void {
  const reached = new Set(doors.map((door) => join(from, `${door}.d.ts`)));
  for (const file of reached) {
    for (const [, path = ''] of readFileSync(file, 'utf8').matchAll(/(?:from|import\() ?'(\.[^']+)'/g)) {
      reached.add(join(dirname(file), path.replace(/\.ts$/, '.d.ts')));
    }
  }
  for (const file of reached) cpSync(file, join(to, relative(from, file)));
}
