import { randomUUID } from 'node:crypto';
import { isAbsolute, join } from 'node:path';
import { codeOf } from '../../guest/error-code.ts';
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

/** Bytes that a Unix socket's path may have: `sun_path` holds 104 on macOS, 108 on Linux, and one ends it. */
export const LONGEST_SOCKET_PATH = 103;
/** Bytes of a socket's path below the directory: the group, the epoch, and the member with the longest numbers. */
const BELOW = '/0123456789/0123456789ab/4194304-65535-01234567.sock'.length;

/**
 * The first of `/dev/shm` (Linux only), the runtime directory and the temporary one in which `routemeter-<uid>` is,
 * or could be made, a folder of our own that nobody else can enter and that can be written. Somebody else may have
 * made it first, as a trap: what is not as it should be is left as it is.
 *
 * @returns `problem`: a clause for each candidate, naming its path and why it does not do
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
    // Those who came when there was room are there, and nowhere else.
    if (full) break;
  }
  return { problem: problems.join('; ') };
}

type FileSystem = DirectoryOptions['fs'];

interface Problem {
  readonly problem: string;
  /** The folder is there, and has no room. */
  readonly full?: boolean;
}

/** In a folder that everybody may write, only the sticky bit keeps others from exchanging what is ours. */
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
  const probe = join(path, `.${randomUUID()}`);
  try {
    // With a byte in it, since a full disk may still take an empty file.
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
    // Where nothing could be written there is nothing to remove.
  }
}

/** Removes a folder that is there and in which nobody has anything. */
export function removeEmpty(fs: Pick<FileSystem, 'rmdirSync'>, path: string): void {
  try {
    fs.rmdirSync(path);
  } catch {
    // It is not there, or somebody has something in it.
  }
}

function octal(mode: number): string {
  return (mode & 0o7777).toString(8);
}

/** Without the system call and its paths, which Node puts at the end. */
function failed(path: string, what: string, error: unknown): Problem {
  return { problem: `${path} ${what} (${describe(error).replace(/, \w+( '.*)?$/, '')})` };
}
