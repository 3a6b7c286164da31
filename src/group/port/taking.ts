import { join } from 'node:path';
import { codeOf } from '../../guest/error-code.ts';
import { hash } from '../members/group-name.ts';
import type { FileSystem } from '../state/files.ts';
import type { Endpoint } from './address.ts';
import { type Owner, readOwner } from './owner.ts';

/**
 * An app that listens on the endpoint's port itself: it gets it, whichever process of the group serves there, and
 * nobody binds it again before that app has ended.
 */
export interface Taking {
  /**
   * Takes the port for this process' app, before it binds. Waits, and blocks the thread meanwhile, until the process
   * that serves has let go of it, {@link PATIENCE} milliseconds at the most.
   *
   * @param serving whether it is this one that serves
   * @returns whether another process, or another thread of this one, was serving there
   */
  take(serving: boolean): boolean;
  isTaken(): boolean;
  /** Calls back when the port may have been taken. @returns a function that ends it */
  watch(callback: () => void): () => void;
}

export interface TakingOptions {
  readonly fs: FileSystem;
  /** `kill` with signal 0 tells whether a process lives. */
  readonly process: Pick<NodeJS.Process, 'pid' | 'kill'>;
  /** The private folder of all groups. */
  readonly directory: string;
  readonly endpoint: Endpoint;
}

const PATIENCE = 300;
const STEP_MILLIS = 2;
const ENDING = '.taken';

/** The endpoint's file in the private folder that says who serves it. */
export function ownerPath(directory: string, { network, host, port }: Endpoint): string {
  return join(directory, `${hash([network, host, port])}.json`);
}

export function createTaking({ fs, process, directory, endpoint }: TakingOptions): Taking {
  const { network, port } = endpoint;
  // Whatever the words for the host: an app that takes a port takes it from all of them.
  const path = join(directory, `${hash([network, port])}${ENDING}`);

  /** Files of those who live and serve on the port. */
  const held = (): string[] => {
    try {
      return fs
        .readdirSync(directory)
        .filter((name) => name.endsWith('.json'))
        .map((name) => join(directory, name))
        .filter((file) => isHeld(readOwner(fs, file)));
    } catch {
      return [];
    }
  };
  const isHeld = (owner: Owner | undefined): boolean =>
    owner?.endpoint.network === network && owner.endpoint.port === port && lives(owner.pid, process);

  return {
    take(serving) {
      // Before as well: the one that serves may let go as soon as the file is there.
      const before = held();
      try {
        fs.writeFileSync(path, String(process.pid), { mode: 0o600 });
      } catch {
        return false;
      }
      const files = new Set([...before, ...held()]);
      if (serving || files.size === 0) return false;
      const cell = new Int32Array(new SharedArrayBuffer(4));
      const isServed = (): boolean => [...files].some((file) => fs.existsSync(file));
      for (let waited = 0; waited < PATIENCE && isServed(); waited += STEP_MILLIS) {
        Atomics.wait(cell, 0, 0, STEP_MILLIS);
      }
      return true;
    },
    isTaken: () => takerLives(fs, path, process),
    watch(callback) {
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
export function takerLives(fs: FileSystem, path: string, process: TakingOptions['process']): boolean {
  if (!path.endsWith(ENDING)) return false;
  try {
    return lives(Number(fs.readFileSync(path, 'utf8')), process);
  } catch {
    return false;
  }
}

function lives(pid: number, process: TakingOptions['process']): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}
