import { join } from 'node:path';
import type { Guard } from '../../guest/guard.ts';
import type { FileSystem } from '../state/files.ts';
import { createStateFiles, type StateFiles } from '../state/files.ts';
import type { StateWriter } from '../state/writer.ts';
import { listenAsMember, listenAtOnce, type MemberSocket } from './member-socket.ts';

/** This process in an epoch of its group: a socket, which shows that it lives, and files with its state. */
export interface Presence {
  readonly epoch: string;
  readonly id: string;
  /** False if somebody has removed the socket or the files. */
  intact(): boolean;
  /** @throws the system's error if not everything could be written */
  write(writer: StateWriter): void;
  /** Writes only what has changed since the last write. */
  writeChanges(writer: StateWriter): void;
  /** Whether an owner of the port is connected. */
  readonly served: boolean;
  /**
   * Ends it at once, so that others retire this member. Its totals stay in its files, as they were when the writer was
   * last updated, unless it was the last member: then the epoch is over and removed.
   *
   * @returns whether the totals count there from now on
   */
  leave(writer: StateWriter): boolean;
  /**
   * The process is about to end, but code of the app may still record: its totals are written, nobody can find it any
   * more, and it counts as living for as long as the system keeps it. The last member removes the epoch.
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
  /** What others must greet this process with; the epoch's name by default. */
  readonly secret?: string;
  readonly onFlush: () => Promise<unknown>;
  readonly onOwnerGone: () => void;
}

/** @returns rejects with the system's error, which is ENOENT if the epoch is over */
export async function enterEpoch(options: PresenceOptions): Promise<Presence> {
  return presenceOf(options, await listenAsMember(socketOptions(options)));
}

/** The same before this returns; undefined where that fails. */
export function enterAtOnce(options: PresenceOptions): Presence | undefined {
  const { socket } = listenAtOnce(socketOptions(options));
  return socket && presenceOf(options, socket);
}

function socketOptions({ folder, epoch, id, secret = epoch, guard, onFlush, onOwnerGone }: PresenceOptions) {
  return { path: join(folder, epoch, `${id}.sock`), secret, guard, onFlush, onOwnerGone };
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
        // Only now, because all members may leave at the same time.
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

/** Whether there are sockets other than this process' own, of living members or of killed ones. */
function hasSockets(fs: FileSystem, place: string, own?: string): boolean {
  try {
    return fs.readdirSync(place).some((name) => name.endsWith('.sock') && name !== own);
  } catch {
    return false;
  }
}
