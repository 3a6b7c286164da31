import { join } from 'node:path';
import { type FileSystem, replaceFile } from '../state/files.ts';
import type { Endpoint } from './address.ts';

/** Who serves an endpoint. */
export interface Owner {
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
export function readOwner(fs: FileSystem, path: string): Owner | undefined {
  try {
    const read: Partial<Record<keyof Owner, unknown>> = JSON.parse(fs.readFileSync(path, 'utf8'));
    const sound =
      TEXTS.every((name) => typeof read[name] === 'string') &&
      NUMBERS.every((name) => typeof read[name] === 'number') &&
      isEndpoint(read.endpoint);
    return sound && isPlain(read.group) && isPlain(read.epoch) && isPlain(read.id)
      ? (read as Owner)
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
export function writeOwner(fs: FileSystem, path: string, owner: Owner): void {
  replaceFile(fs, path, JSON.stringify(owner));
}

/** Where the owner listens for others of its group. */
export function socketOf(
  directory: string,
  { group, epoch, id }: Pick<Owner, 'group' | 'epoch' | 'id'>,
): string {
  return join(directory, group, epoch, `${id}.sock`);
}
