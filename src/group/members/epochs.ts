import { join } from 'node:path';
import { randomHex } from '../../guest/random.ts';
import type { FileSystem } from '../state/files.ts';
import { isAlive } from './peer.ts';

const PROBE_MILLIS = 500;

/**
 * The epoch in which a member lives, so that it goes on; else a new one. Every other epoch is over and removed. Only for
 * the owner of the port.
 *
 * @param folder the group's folder, made if need be
 * @returns rejects with the system's error
 */
export async function currentEpoch(fs: FileSystem, folder: string): Promise<string> {
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  let current: string | undefined;
  for (const epoch of fs.readdirSync(folder)) {
    const place = join(folder, epoch);
    if (current === undefined && (await isInhabited(fs, place))) current = epoch;
    else fs.rmSync(place, { recursive: true, force: true });
  }
  if (current !== undefined) return current;
  const epoch = randomHex(12);
  // The last members may have removed it meanwhile.
  if (!fs.existsSync(folder)) fs.mkdirSync(folder, { mode: 0o700 });
  fs.mkdirSync(join(folder, epoch), { mode: 0o700 });
  return epoch;
}

/** Whether a member lives in any epoch of a group. @param folder the group's folder */
export async function isGroupInhabited(fs: FileSystem, folder: string): Promise<boolean> {
  try {
    const epochs = fs.readdirSync(folder).map((epoch) => isInhabited(fs, join(folder, epoch)));
    return (await Promise.all(epochs)).includes(true);
  } catch {
    return false;
  }
}

/** Whether a member lives in an epoch. @param place the epoch's folder */
export async function isInhabited(fs: FileSystem, place: string): Promise<boolean> {
  let sockets: string[];
  try {
    sockets = fs.readdirSync(place).filter((name) => name.endsWith('.sock'));
  } catch {
    // There is no folder, or its last member has just left.
    return false;
  }
  const alive = await Promise.all(sockets.map((name) => isAlive(join(place, name), PROBE_MILLIS)));
  return alive.includes(true);
}
