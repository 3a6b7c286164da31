import { join } from 'node:path';
import { codeOf } from '../../guest/shape.ts';
import { hash } from '../members/group-name.ts';
import type { Host } from '../members/host.ts';
import type { FileSystem } from '../state/files.ts';
import type { Endpoint } from './address.ts';
import { type Owner, ownersIn } from './owner.ts';

export interface TakingOptions {
  /** `kill` with signal 0 shows whether a process lives. */
  readonly host: Pick<Host, 'fs' | 'process'>;
  /** The private folder of all groups. */
  readonly directory: string;
  readonly place: Endpoint;
  /** {@link PATIENCE_MILLIS} by default. */
  readonly patienceMillis?: number;
}

const PATIENCE_MILLIS = 300;
const STEP_MILLIS = 2;
const ENDING = '.taken';

/**
 * An app that listens on the endpoint's port itself gets it, whichever member owns it, and no member binds it again
 * before that app has ended.
 */
export function createTaking({ host, directory, place, patienceMillis = PATIENCE_MILLIS }: TakingOptions) {
  const { fs, process } = host;
  const { network, port } = place;
  // Whatever the name of the host: an app that takes a port takes it on all addresses.
  const path = join(directory, `${hash([network, port])}${ENDING}`);

  const isOwned = ({ endpoint, pid }: Owner): boolean =>
    endpoint.network === network && endpoint.port === port && lives(pid, process);
  /** The files of living owners of the port. */
  const owned = (): string[] =>
    ownersIn(fs, directory).flatMap(([file, owner]) => (isOwned(owner) ? [file] : []));

  return {
    /**
     * Takes the port for this process' app, before the app binds it. Blocks the thread until the owner has let go of it,
     * {@link PATIENCE_MILLIS} at most.
     *
     * @param bound whether this process has bound the port
     * @returns whether another process, or another thread of this one, owned it
     */
    take(bound: boolean): boolean {
      // Before as well: the owner may let go as soon as the file is there.
      const before = owned();
      try {
        fs.writeFileSync(path, String(process.pid), { mode: 0o600 });
      } catch {
        return false;
      }
      const files = new Set([...before, ...owned()]);
      if (bound || files.size === 0) return false;
      const cell = new Int32Array(new SharedArrayBuffer(4));
      const isStillOwned = (): boolean => [...files].some((file) => fs.existsSync(file));
      for (let waited = 0; waited < patienceMillis && isStillOwned(); waited += STEP_MILLIS) {
        Atomics.wait(cell, 0, 0, STEP_MILLIS);
      }
      return true;
    },
    isTaken: () => takerLives(fs, path, process),
    /** Calls back when the port may have been taken. @returns a function that ends it */
    watch(callback: () => void): () => void {
      try {
        const watcher = fs.watch(directory, { persistent: false }, (_, name) => {
          if (typeof name !== 'string' || name.endsWith(ENDING)) callback();
        });
        watcher.on('error', () => {});
        return () => watcher.close();
      } catch {
        return () => {};
      }
    },
  };
}

/** Whether a file says that a port is taken, by a process that lives. */
export function takerLives(fs: FileSystem, path: string, process: Host['process']): boolean {
  if (!path.endsWith(ENDING)) return false;
  try {
    return lives(Number(fs.readFileSync(path, 'utf8')), process);
  } catch {
    return false;
  }
}

function lives(pid: number, process: Host['process']): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

export type Taking = ReturnType<typeof createTaking>;
