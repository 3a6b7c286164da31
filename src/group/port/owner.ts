import { join } from 'node:path';
import { hash } from '../members/group-name.ts';
import { type FileSystem, replaceFile } from '../state/files.ts';
import type { Endpoint } from './address.ts';

/** The process that has bound a port, as it says in a file of the private folder. */
export interface Owner {
  readonly service: string;
  readonly pid: number;
  /** Names the group: the processes of one service, one endpoint and one format. */
  readonly group: string;
  readonly epoch: string;
  /** Of the process in its group. */
  readonly id: string;
  /** Of what its group writes; a group of another format cannot be joined. */
  readonly format: number;
  readonly endpoint: Endpoint;
  /** That of the host, see `addressOf`. */
  readonly address: string;
}

const TEXTS = ['service', 'group', 'epoch', 'id', 'address'] as const;
const NUMBERS = ['pid', 'format'] as const;

/** The file of an endpoint's owner. */
export function ownerPath(directory: string, { network, host, port }: Endpoint): string {
  return join(directory, `${hash([network, host, port])}.json`);
}

/** The owners of all endpoints, living or not, by their files. */
export function ownersIn(fs: FileSystem, directory: string): (readonly [path: string, owner: Owner])[] {
  let names: string[];
  try {
    names = fs.readdirSync(directory).filter((name) => name.endsWith('.json'));
  } catch {
    return [];
  }
  return names.flatMap((name) => {
    const path = join(directory, name);
    const owner = readOwner(fs, path);
    return owner === undefined ? [] : [[path, owner] as const];
  });
}

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

/** Whether it can only be the name of a file, not a path. */
function isPlain(name: unknown): boolean {
  return typeof name === 'string' && /^[\w-]{1,40}$/.test(name);
}

/** Replaces the file atomically. @throws the system's error */
export function writeOwner(fs: FileSystem, path: string, owner: Owner): void {
  replaceFile(fs, path, JSON.stringify(owner));
}

/** Where the owner listens for other members. */
export function socketOf(
  directory: string,
  { group, epoch, id }: Pick<Owner, 'group' | 'epoch' | 'id'>,
): string {
  return join(directory, group, epoch, `${id}.sock`);
}
