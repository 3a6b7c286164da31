import { join } from 'node:path';
import { isInhabited } from '../members/epochs.ts';
import type { FileSystem } from '../state/files.ts';
import { readOwner } from './owner.ts';
import { type TakingOptions, takerLives } from './taking.ts';

/** A folder that has just been made may not be inhabited yet. */
const YOUNG_MILLIS = 60_000;

/**
 * Removes what groups have left whose members were all killed, because they may never start again.
 *
 * @param now in milliseconds since 1970
 */
export async function sweep(
  { host, directory }: Pick<TakingOptions, 'host' | 'directory'>,
  now: number,
): Promise<void> {
  const { fs, process } = host;
  const isOld = (path: string): boolean => now - fs.statSync(path).mtimeMs > YOUNG_MILLIS;
  for (const folder of foldersIn(fs, directory)) {
    const wasOld = isOld(folder);
    for (const place of foldersIn(fs, folder)) {
      if (isOld(place) && !(await isInhabited(fs, place))) fs.rmSync(place, { recursive: true, force: true });
    }
    // A group without epochs lives in the folder itself.
    if (wasOld && foldersIn(fs, folder).length === 0 && !(await isInhabited(fs, folder))) {
      fs.rmSync(folder, { recursive: true, force: true });
    }
  }
  for (const entry of fs.readdirSync(directory, { withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(directory, entry.name);
    const owner = readOwner(fs, path);
    const isUsed =
      takerLives(fs, path, process) || (owner !== undefined && fs.existsSync(join(directory, owner.group)));
    if (!isUsed && isOld(path)) fs.rmSync(path, { force: true });
  }
}

function foldersIn(fs: FileSystem, folder: string): string[] {
  return fs
    .readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(folder, name));
}
