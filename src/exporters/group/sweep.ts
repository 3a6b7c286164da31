import { join } from 'node:path';
import { isInhabited } from './epochs.ts';
import type { FileSystem } from './files.ts';
import { readHolder } from './holder.ts';
import { type TakingOptions, takerLives } from './taking.ts';

/** A folder that somebody has just made is not yet inhabited. */
const YOUNG_MILLIS = 60_000;

export type SweepOptions = Pick<TakingOptions, 'fs' | 'process' | 'directory'>;

/**
 * Removes what groups have left whose processes were all killed: nobody may start them again.
 *
 * @param now in milliseconds since 1970
 */
export async function sweep({ fs, process, directory }: SweepOptions, now: number): Promise<void> {
  const isOld = (path: string): boolean => now - fs.statSync(path).mtimeMs > YOUNG_MILLIS;
  const entries = fs.readdirSync(directory, { withFileTypes: true });
  for (const { name: group } of entries.filter((entry) => entry.isDirectory())) {
    const folder = join(directory, group);
    const wasOld = isOld(folder);
    for (const epoch of namesIn(fs, folder)) {
      const place = join(folder, epoch);
      if (isOld(place) && !(await isInhabited(fs, place))) fs.rmSync(place, { recursive: true, force: true });
    }
    if (wasOld && namesIn(fs, folder).length === 0) fs.rmdirSync(folder);
  }
  for (const { name } of entries.filter((entry) => entry.isFile())) {
    const path = join(directory, name);
    const holder = readHolder(fs, path);
    const isUsed =
      takerLives(fs, path, process) || (holder !== undefined && fs.existsSync(join(directory, holder.group)));
    if (!isUsed && isOld(path)) fs.rmSync(path, { force: true });
  }
}

function namesIn(fs: FileSystem, folder: string): string[] {
  try {
    return fs.readdirSync(folder);
  } catch {
    return [];
  }
}
