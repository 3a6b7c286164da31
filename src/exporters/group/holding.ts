import type { Guard } from '../../guard.ts';
import type { FileSystem } from './files.ts';
import { type Holder, readHolder, socketOf, writeHolder } from './holder.ts';
import { connectPeer, isAlive } from './peer.ts';
import type { Presence } from './presence.ts';
import { holderPath } from './taking.ts';

/** Whose an endpoint is, as the processes of all services on this host tell each other. */
export interface Holding {
  /** Who serves it, if that process lives. */
  living(): Promise<Holder | undefined>;
  /** Has the holder bring its files up to date: what it has counted alone is in none yet, and would end with it. */
  announce(holder: Holder): Promise<void>;
  /** @throws the system's error */
  claim(presence: Presence): void;
  isClaimed(presence: Presence): boolean;
  /** No longer claimed by that member, or by whoever was of that epoch. */
  giveUp(which: Partial<Pick<Holder, 'id' | 'epoch'>>): void;
}

export interface HoldingOptions {
  readonly fs: FileSystem;
  readonly guard: Guard;
  /** The private folder of all groups. */
  readonly directory: string;
  readonly endpoint: string;
  readonly service: string;
  readonly group: string;
  readonly pid: number;
}

const PROBE_MILLIS = 500;
const ANNOUNCE_MILLIS = 250;

export function createHolding({
  fs,
  guard,
  directory,
  endpoint,
  service,
  group,
  pid,
}: HoldingOptions): Holding {
  const path = holderPath(directory, endpoint);
  return {
    async living() {
      const holder = readHolder(fs, path);
      if (holder === undefined) return undefined;
      return (await isAlive(socketOf(directory, holder), PROBE_MILLIS)) ? holder : undefined;
    },
    async announce(holder) {
      const peer = connectPeer({
        path: socketOf(directory, holder),
        secret: holder.epoch,
        guard,
        onClose: () => {},
      });
      await peer.flush(ANNOUNCE_MILLIS);
      peer.close();
    },
    claim: ({ epoch, id }) => writeHolder(fs, path, { service, group, epoch, id, pid }),
    isClaimed: ({ id }) => readHolder(fs, path)?.id === id,
    giveUp({ id, epoch }) {
      const holder = readHolder(fs, path);
      if (holder !== undefined && (holder.id === id || holder.epoch === epoch))
        fs.rmSync(path, { force: true });
    },
  };
}
