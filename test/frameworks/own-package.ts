import { createHash } from 'node:crypto';
import { cpSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CALLS = 'dist/index.js';

/**
 * Puts the built package into a folder of packages, where apps and their bundlers find it as if it had been installed.
 *
 * @returns a text that differs when the calls for apps do, of which a build may hold a copy
 */
export function placeOwnPackage(folder: string): string {
  const place = join(folder, 'node_modules/routemeter');
  rmSync(place, { recursive: true, force: true });
  for (const part of ['dist', 'package.json'])
    cpSync(join(ROOT, part), join(place, part), { recursive: true });
  const hash = createHash('sha256');
  return hash.update(readFileSync(join(ROOT, CALLS))).digest('hex');
}
