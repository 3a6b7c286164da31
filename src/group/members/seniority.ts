import { join } from 'node:path';
import { randomHex } from '../../guest/random.ts';
import type { Host } from './host.ts';
import { isAlive } from './peer.ts';

/** Which member has been there longest: the last part of an id begins with the time at which the member came. */

const PROBE_MILLIS = 250;

/** The id of a member that comes now. */
export function newId({ process, threadId }: Pick<Host, 'process' | 'threadId'>): string {
  return `${process.pid}-${threadId}-${Date.now().toString(36)}${randomHex(8)}`;
}

/** Whether an older member lives. @param place where the sockets of all members are */
export async function hasElder(fs: Host['fs'], place: string, id: string): Promise<boolean> {
  const own = cameAt(`${id}.sock`);
  const older = fs.readdirSync(place).filter((name) => name.endsWith('.sock') && cameAt(name) < own);
  for (const name of older.sort((a, b) => (cameAt(a) < cameAt(b) ? -1 : 1))) {
    if (await isAlive(join(place, name), PROBE_MILLIS)) return true;
  }
  return false;
}

function cameAt(name: string): string {
  return name.slice(name.lastIndexOf('-') + 1);
}
