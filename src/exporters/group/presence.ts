import { join } from 'node:path';
import type { Guard } from '../../guard.ts';
import { createStateFiles, type FileSystem, type StateFiles } from './files.ts';
import { listenAsMember, type MemberSocket } from './member-socket.ts';
import type { StateWriter } from './state-writer.ts';

/** This process in an epoch of its group: a socket that tells that it lives, and files with its state. */
export interface Presence {
  readonly epoch: string;
  readonly id: string;
  /** False when somebody has removed the socket or the files. */
  intact(): boolean;
  /** @throws the system's error when not everything could be written */
  write(writer: StateWriter): void;
  /** Whether a serving process is connected. */
  readonly served: boolean;
  /**
   * Ends it at once: others take it for dead, and its totals over. They stay in its files, as they were when the
   * writer was last updated, unless it was the last one: then the epoch is over and removed.
   *
   * @returns whether they are counted there from now on
   */
  leave(writer: StateWriter): boolean;
}

export interface PresenceOptions {
  readonly fs: FileSystem;
  readonly guard: Guard;
  /** The group's folder. */
  readonly folder: string;
  readonly epoch: string;
  readonly id: string;
  /** What others greet this process with; the epoch's name by default. */
  readonly secret?: string;
  readonly onFlush: () => Promise<void>;
  readonly onServerGone: () => void;
}

/** @returns rejects with the system's error, ENOENT if the epoch is over */
export async function enterEpoch(options: PresenceOptions): Promise<Presence> {
  const { fs, guard, folder, epoch, id, onFlush, onServerGone } = options;
  const place = join(folder, epoch);
  const path = join(place, id);
  const socket: MemberSocket = await listenAsMember({
    path: `${path}.sock`,
    secret: options.secret ?? epoch,
    guard,
    onFlush,
    onServerGone,
  });
  let files: StateFiles | undefined;
  const presence: Presence = {
    epoch,
    id,
    intact: () => fs.existsSync(`${path}.sock`) && files?.removed !== true,
    write(writer) {
      files ??= createStateFiles(fs, path);
      files.write(writer);
    },
    get served() {
      return socket.served;
    },
    leave(writer) {
      let left = false;
      try {
        if (hasSockets(fs, place, `${id}.sock`)) presence.write(writer);
      } finally {
        left = files?.removed === false;
        socket.close();
        files?.close();
        files = undefined;
        // Only now, for all may leave at once.
        if (!hasSockets(fs, place)) fs.rmSync(place, { recursive: true, force: true });
      }
      return left && fs.existsSync(place);
    },
  };
  return presence;
}

/** Whether there are sockets, besides an own one; of the living or of those who were killed. */
function hasSockets(fs: FileSystem, place: string, own?: string): boolean {
  try {
    return fs.readdirSync(place).some((name) => name.endsWith('.sock') && name !== own);
  } catch {
    return false;
  }
}
