import { isAbsolute, join } from 'node:path';
import { randomHex } from '../../guest/random.ts';
import { codeOf } from '../../guest/shape.ts';
import { describe } from '../../guest/text.ts';

export interface DirectoryOptions {
  /** Undefined where there are no user ids (Windows). */
  readonly uid: number | undefined;
  readonly platform: NodeJS.Platform;
  /** XDG_RUNTIME_DIR. Not tried when undefined or empty. */
  readonly runtimeDirectory: string | undefined;
  /** `os.tmpdir()`. */
  readonly temporaryDirectory: string;
  readonly fs: Pick<
    typeof import('node:fs'),
    'mkdirSync' | 'statSync' | 'lstatSync' | 'writeFileSync' | 'rmSync' | 'rmdirSync'
  >;
}

export type PrivateDirectory = { readonly path: string } | { readonly problem: string };

/** Bytes in the path of a Unix socket: `sun_path` holds 104 on macOS and 108 on Linux, with the byte that ends it. */
export const LONGEST_SOCKET_PATH = 103;
/** Bytes of a socket's path below the directory: the group, the epoch, and a member with the longest numbers. */
const BELOW = '/0123456789/0123456789ab/4194304-65535-01234567.sock'.length;

/**
 * `routemeter-<uid>` in the first of `/dev/shm` (Linux only), the runtime directory and the temporary directory where
 * it is, or can be made, a writable folder that only this user can enter. Somebody else may have made it first, as a
 * trap: a folder that is not as it should be is left alone.
 *
 * @returns `problem`: a clause for each candidate, with its path and what is wrong with it
 */
export function privateDirectory(options: DirectoryOptions): PrivateDirectory {
  const { uid, platform, runtimeDirectory, temporaryDirectory, fs } = options;
  if (uid === undefined || platform === 'win32') {
    return { problem: 'groups of processes need Unix sockets and user ids, which this system lacks' };
  }
  const bases = new Set([
    ...(platform === 'linux' ? ['/dev/shm'] : []),
    ...(runtimeDirectory ? [runtimeDirectory] : []),
    temporaryDirectory,
  ]);
  const problems: string[] = [];
  for (const base of bases) {
    const path = join(base, `routemeter-${uid}`);
    const { problem, full = false } = problemOfBase(fs, base) ?? problemOf(fs, path, uid) ?? {};
    if (problem === undefined) return { path };
    problems.push(problem);
    // The members that came when there was room are there and nowhere else.
    if (full) break;
  }
  return { problem: problems.join('; ') };
}

type FileSystem = DirectoryOptions['fs'];

interface Problem {
  readonly problem: string;
  /** The folder exists, and its disk is full. */
  readonly full?: boolean;
}

/** In a folder that everybody may write, only the sticky bit keeps others from replacing ours. */
function problemOfBase(fs: FileSystem, base: string): Problem | undefined {
  if (!isAbsolute(base)) return { problem: `${base} is not an absolute path` };
  try {
    const { mode } = fs.statSync(base);
    if ((mode & 0o1002) === 0o002) {
      return { problem: `${base} lets others rename what is in it (mode ${octal(mode)})` };
    }
  } catch (error) {
    return failed(base, 'cannot be found', error);
  }
  return undefined;
}

function problemOf(fs: FileSystem, path: string, uid: number): Problem | undefined {
  const longest = LONGEST_SOCKET_PATH - BELOW;
  if (Buffer.byteLength(path) > longest) return { problem: `${path} is longer than ${longest} bytes` };
  let made = true;
  try {
    fs.mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') return failed(path, 'cannot be made', error);
    made = false;
  }
  try {
    const found = fs.lstatSync(path);
    if (found.isSymbolicLink()) return { problem: `${path} is a symbolic link` };
    if (!found.isDirectory()) return { problem: `${path} is not a directory` };
    if (found.uid !== uid) return { problem: `${path} belongs to user ${found.uid}` };
    if ((found.mode & 0o077) !== 0) {
      return { problem: `${path} is open to others (mode ${octal(found.mode)})` };
    }
  } catch (error) {
    return failed(path, 'cannot be found', error);
  }
  const probe = join(path, `.${randomHex(32)}`);
  try {
    // With a byte in it, because a full disk may still take an empty file.
    fs.writeFileSync(probe, '.', { flag: 'wx', mode: 0o600 });
  } catch (error) {
    remove(fs, probe);
    if (made) removeEmpty(fs, path);
    return { ...failed(path, 'cannot be written', error), full: !made && codeOf(error) === 'ENOSPC' };
  }
  remove(fs, probe);
  return undefined;
}

function remove(fs: FileSystem, path: string): void {
  try {
    fs.rmSync(path, { force: true });
  } catch {
    // If nothing could be written there is nothing to remove.
  }
}

/** Removes a folder if it is empty. */
export function removeEmpty(fs: Pick<FileSystem, 'rmdirSync'>, path: string): void {
  try {
    fs.rmdirSync(path);
  } catch {
    // There is none, or it is not empty.
  }
}

function octal(mode: number): string {
  return (mode & 0o7777).toString(8);
}

/** Without the system call and its paths, which Node appends to the message. */
function failed(path: string, what: string, error: unknown): Problem {
  return { problem: `${path} ${what} (${describe(error).replace(/, \w+( '.*)?$/, '')})` };
}
