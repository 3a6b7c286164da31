import { join } from 'node:path';
import type { Endpoint } from '../members/address.ts';
import { type FileSystem, replaceFile } from '../state/files.ts';

/** Who serves an endpoint. */
export interface Holder {
  readonly service: string;
  /** Names the group: processes of one service, one endpoint and one format. */
  readonly group: string;
  readonly epoch: string;
  /** Of the process in its group. */
  readonly id: string;
  readonly pid: number;
  /** Of what its group writes; another one cannot be joined. */
  readonly format: number;
  readonly endpoint: Endpoint;
  /** That of the host, see `addressOf`. */
  readonly address: string;
}

const TEXTS = ['service', 'group', 'epoch', 'id', 'address'] as const;
const NUMBERS = ['pid', 'format'] as const;

/** @param path of the endpoint's file */
export function readHolder(fs: FileSystem, path: string): Holder | undefined {
  try {
    const read: Partial<Record<keyof Holder, unknown>> = JSON.parse(fs.readFileSync(path, 'utf8'));
    const sound =
      TEXTS.every((name) => typeof read[name] === 'string') &&
      NUMBERS.every((name) => typeof read[name] === 'number') &&
      isEndpoint(read.endpoint);
    return sound && isPlain(read.group) && isPlain(read.epoch) && isPlain(read.id)
      ? (read as Holder)
      : undefined;
  } catch {
    return undefined;
  }
}

function isEndpoint(read: unknown): read is Endpoint {
  const { network, host, port }: Partial<Record<keyof Endpoint, unknown>> =
    read instanceof Object ? read : {};
  return typeof network === 'string' && typeof host === 'string' && typeof port === 'number';
}

/** Part of a path, and no more than that. */
function isPlain(name: unknown): boolean {
  return typeof name === 'string' && /^[\w-]{1,40}$/.test(name);
}

/** Replaces the file in one go. @throws the system's error */
export function writeHolder(fs: FileSystem, path: string, holder: Holder): void {
  replaceFile(fs, path, JSON.stringify(holder));
}

/** Where the holder listens for others of its group. */
export function socketOf(
  directory: string,
  { group, epoch, id }: Pick<Holder, 'group' | 'epoch' | 'id'>,
): string {
  return join(directory, group, epoch, `${id}.sock`);
}
