import { join } from 'node:path';
import type { Guard } from '../../guest/guard.ts';
import { addressOf, type Endpoint, overlaps } from '../members/address.ts';
import { FORMAT } from '../members/meeting-place.ts';
import { HIDDEN } from '../members/member-socket.ts';
import { connectPeer, isAlive } from '../members/peer.ts';
import type { Presence } from '../members/presence.ts';
import type { FileSystem } from '../state/files.ts';
import { type Holder, readHolder, socketOf, writeHolder } from './holder.ts';
import { holderPath } from './taking.ts';

/** Whose an endpoint is, as the processes of all services on this host tell each other. */
export interface Holding {
  /** The address of this process' endpoint, see `addressOf`; looked up where it is a name. */
  address(): Promise<string>;
  /** Who serves it, in whatever words, if that process lives; one of this service before others. */
  living(): Promise<Holder | undefined>;
  /** One of this service, if it is known without turning the event loop that it lives. */
  livingAtOnce(): Holder | undefined;
  /** Those of this service who have served it last, whether they live or not. */
  last(): readonly Holder[];
  /** Has the holder bring its files up to date: what it has counted alone is in none yet, and would end with it. */
  announce(holder: Holder): Promise<void>;
  /** @throws the system's error */
  claim(presence: Presence, group: string): void;
  isClaimed(presence: Presence): boolean;
  /** No longer claimed by that member, or by whoever was of that epoch. */
  giveUp(which: Partial<Pick<Holder, 'id' | 'epoch'>>): void;
}

export interface HoldingOptions {
  readonly fs: FileSystem;
  readonly guard: Guard;
  /** The private folder of all groups. */
  readonly directory: string;
  readonly endpoint: Endpoint;
  /** Looks a host name up; undefined where it is not known. */
  readonly lookup: (host: string) => Promise<string | undefined>;
  readonly service: string;
  readonly pid: number;
}

const PROBE_MILLIS = 500;
const ANNOUNCE_MILLIS = 250;
/** Who listens on Unix sockets, by their names, on Linux: https://man7.org/linux/man-pages/man5/proc_pid_net.5.html */
const LISTENERS = '/proc/net/unix';

export function createHolding(options: HoldingOptions): Holding {
  const { fs, guard, directory, endpoint, service, pid } = options;
  const path = holderPath(directory, endpoint);
  let address = addressOf(endpoint.host);

  const all = (): (readonly [path: string, Holder])[] => {
    let names: string[];
    try {
      names = fs.readdirSync(directory).filter((name) => name.endsWith('.json'));
    } catch {
      return [];
    }
    return names.flatMap((name) => {
      const file = join(directory, name);
      const holder = readHolder(fs, file);
      return holder === undefined ? [] : [[file, holder] as const];
    });
  };

  /** Where the name is not known yet only the same words are the same endpoint. */
  const isHere = ({ endpoint: other, address: theirs }: Holder): boolean =>
    other.network === endpoint.network &&
    other.port === endpoint.port &&
    (other.host === endpoint.host || (address !== undefined && overlaps(theirs, address)));

  const here = (): Holder[] =>
    all()
      .map(([, holder]) => holder)
      .filter(isHere)
      .sort((a, b) => Number(b.service === service) - Number(a.service === service));

  const resolved = async (): Promise<string> => {
    if (address === undefined) {
      const found = await options.lookup(endpoint.host);
      address = (found && addressOf(found)) ?? endpoint.host.toLowerCase();
    }
    return address;
  };

  return {
    address: resolved,
    async living() {
      await resolved();
      for (const holder of here()) {
        if (await isAlive(socketOf(directory, holder), PROBE_MILLIS)) return holder;
      }
      return undefined;
    },
    livingAtOnce() {
      const holders = here().filter((holder) => holder.service === service && holder.format === FORMAT);
      if (holders.length === 0) return undefined;
      let listeners: string;
      try {
        listeners = fs.readFileSync(LISTENERS, 'utf8');
      } catch {
        return undefined;
      }
      const names = new Set(listeners.split('\n').map((line) => line.slice(line.lastIndexOf(' ') + 1)));
      return holders.find((holder) => {
        const socket = socketOf(directory, holder);
        return fs.existsSync(socket) && names.has(socket.replace(/\.sock$/, HIDDEN));
      });
    },
    last: () => here().filter((holder) => holder.service === service && holder.format === FORMAT),
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
    claim({ epoch, id }, group) {
      const known = address ?? endpoint.host.toLowerCase();
      writeHolder(fs, path, { service, group, epoch, id, pid, format: FORMAT, endpoint, address: known });
      // Who served the same in other words serves no more.
      for (const [file, holder] of all()) {
        if (file !== path && holder.service === service && isHere(holder)) fs.rmSync(file, { force: true });
      }
    },
    isClaimed: ({ id }) => readHolder(fs, path)?.id === id,
    giveUp({ id, epoch }) {
      for (const [file, holder] of all()) {
        if (holder.id === id || holder.epoch === epoch) fs.rmSync(file, { force: true });
      }
    },
  };
}
