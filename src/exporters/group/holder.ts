import { join } from 'node:path';
import type { FileSystem } from './files.ts';

/** Who serves an endpoint. */
export interface Holder {
  readonly service: string;
  /** Names the group: processes of one service, one endpoint and one format. */
  readonly group: string;
  readonly epoch: string;
  /** Of the process in its group. */
  readonly id: string;
  readonly pid: number;
}

const NAMES: readonly (keyof Holder)[] = ['service', 'group', 'epoch', 'id', 'pid'];

/** @param path of the endpoint's file */
export function readHolder(fs: FileSystem, path: string): Holder | undefined {
  try {
    const read: Partial<Record<keyof Holder, unknown>> = JSON.parse(fs.readFileSync(path, 'utf8'));
    const sound = NAMES.every((name) => typeof read[name] === (name === 'pid' ? 'number' : 'string'));
    return sound && isPlain(read.group) && isPlain(read.epoch) && isPlain(read.id)
      ? (read as Holder)
      : undefined;
  } catch {
    return undefined;
  }
}

/** Part of a path, and no more than that. */
function isPlain(name: unknown): boolean {
  return typeof name === 'string' && /^[\w-]{1,40}$/.test(name);
}

/** Replaces the file in one go. @throws the system's error */
export function writeHolder(fs: FileSystem, path: string, holder: Holder): void {
  const next = `${path}.next`;
  fs.writeFileSync(next, JSON.stringify(holder), { mode: 0o600 });
  fs.renameSync(next, path);
}

/** Where the holder listens for others of its group. */
export function socketOf(
  directory: string,
  { group, epoch, id }: Pick<Holder, 'group' | 'epoch' | 'id'>,
): string {
  return join(directory, group, epoch, `${id}.sock`);
}
