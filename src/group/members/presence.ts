import { join } from 'node:path';
import type { Guard } from '../../guest/guard.ts';
import { createStateFiles, type FileSystem, type StateFiles } from '../state/files.ts';
import type { StateWriter } from '../state/writer.ts';
import { listenAsMember, listenAtOnce, type MemberSocket } from './member-socket.ts';

/** This process in an epoch of its group: a socket that tells that it lives, and files with its state. */
export interface Presence {
  readonly epoch: string;
  readonly id: string;
  /** False when somebody has removed the socket or the files. */
  intact(): boolean;
  /** @throws the system's error when not everything could be written */
  write(writer: StateWriter): void;
  /** The same where what has changed since the last time is little. */
  writeChanges(writer: StateWriter): void;
  /** Whether a serving process is connected. */
  readonly served: boolean;
  /**
   * Ends it at once: others take it for dead, and its totals over. They stay in its files, as they were when the
   * writer was last updated, unless it was the last one: then the epoch is over and removed.
   *
   * @returns whether they are counted there from now on
   */
  leave(writer: StateWriter): boolean;
  /**
   * The process is about to end, but code of the app may still run and record: its totals are written, nobody finds it
   * any more, and it counts as one that lives for as long as the system keeps it. The last one removes the epoch.
   */
  exit(writer: StateWriter): void;
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
  readonly onFlush: () => Promise<unknown>;
  readonly onServerGone: () => void;
}

/** @returns rejects with the system's error, ENOENT if the epoch is over */
export async function enterEpoch(options: PresenceOptions): Promise<Presence> {
  return presenceOf(options, await listenAsMember(socketOptions(options)));
}

/** The same before this returns; undefined where that fails. */
export function enterAtOnce(options: PresenceOptions): Presence | undefined {
  const { socket } = listenAtOnce(socketOptions(options));
  return socket && presenceOf(options, socket);
}

function socketOptions({ folder, epoch, id, secret = epoch, guard, onFlush, onServerGone }: PresenceOptions) {
  return { path: join(folder, epoch, `${id}.sock`), secret, guard, onFlush, onServerGone };
}

function presenceOf({ fs, folder, epoch, id }: PresenceOptions, socket: MemberSocket): Presence {
  const place = join(folder, epoch);
  const path = join(place, id);
  let files: StateFiles | undefined;
  const presence: Presence = {
    epoch,
    id,
    intact: () => fs.existsSync(`${path}.sock`) && files?.removed !== true,
    write(writer) {
      files ??= createStateFiles(fs, path);
      files.write(writer);
    },
    writeChanges(writer) {
      if (files === undefined) presence.write(writer);
      else files.writeChanges(writer);
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
    exit(writer) {
      try {
        if (hasSockets(fs, place, `${id}.sock`)) presence.write(writer);
      } finally {
        socket.hide();
        if (!hasSockets(fs, place)) fs.rmSync(place, { recursive: true, force: true });
      }
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
