/** The runtimes other than Node.js: their packages on npm, and where their programs lie once `npm run runtimes` ran. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('../../.cache/runtimes', import.meta.url));

export const RUNTIMES = {
  bun: { version: '1.4.5' },
  deno: { version: '2.9.6' },
} as const;

export type RuntimeName = keyof typeof RUNTIMES;
export const NAMES = Object.keys(RUNTIMES) as RuntimeName[];

export const folderOf = (name: RuntimeName): string => join(FOLDER, name);
export const programOf = (name: RuntimeName): string => join(folderOf(name), 'node_modules/.bin', name);

/** Whether the runtime is there, in the version that is pinned. */
export function isReady(name: RuntimeName): boolean {
  try {
    const manifest = readFileSync(join(folderOf(name), 'node_modules', name, 'package.json'), 'utf8');
    return (JSON.parse(manifest) as { version?: unknown }).version === RUNTIMES[name].version;
  } catch {
    return false;
  }
}
