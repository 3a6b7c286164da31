import { dirname, join } from 'node:path';
import { getBuiltinModule } from './builtin.ts';

/** Where pnpm has what only other packages need. */
const OF_OTHERS = '.pnpm/node_modules';

/**
 * Whether a package is installed where the program finds it, or would find it from the folder in which it was started.
 * One that lies deeper is not seen. If in doubt, the answer is yes.
 */
export function createNearbyPackages(): (name: string) => boolean {
  // Yarn can do without such folders.
  if (process.versions.pnp !== undefined) return () => true;
  try {
    const { existsSync } = getBuiltinModule('node:fs');
    const folders = packageFolders();
    return (name) => folders.some((folder) => existsSync(join(folder, name)));
  } catch {
    return () => true;
  }
}

function packageFolders(): readonly string[] {
  const { existsSync, realpathSync } = getBuiltinModule('node:fs');
  const [, program] = process.argv;
  const places = [process.cwd()];
  if (program !== undefined) places.push(dirname(program));
  if (program !== undefined && existsSync(program)) places.push(dirname(realpathSync(program)));
  return [...new Set(places.flatMap(withParents))]
    .map((folder) => join(folder, 'node_modules'))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => [folder, join(folder, OF_OTHERS)]);
}

function withParents(folder: string): readonly string[] {
  const parent = dirname(folder);
  return parent === folder ? [folder] : [folder, ...withParents(parent)];
}
