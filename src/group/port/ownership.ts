import { join } from 'node:path';
import type { Guard } from '../../guest/guard.ts';
import { FORMAT } from '../members/group-name.ts';
import { HIDDEN } from '../members/member-socket.ts';
import { connectPeer, isAlive } from '../members/peer.ts';
import type { Presence } from '../members/presence.ts';
import type { FileSystem } from '../state/files.ts';
import { addressOf, type Endpoint, overlaps } from './address.ts';
import { type Owner, readOwner, socketOf, writeOwner } from './owner.ts';
import { ownerPath } from './taking.ts';

/** Whose an endpoint is, as the processes of all services on this host tell each other. */
export interface Ownership {
  /** The address of this process' endpoint, see `addressOf`; looked up where it is a name. */
  address(): Promise<string>;
  /** Who serves it, in whatever words, if that process lives; one of this service before others. */
  living(): Promise<Owner | undefined>;
  /** One of this service, if it is known without turning the event loop that it lives. */
  livingAtOnce(): Owner | undefined;
  /** Those of this service who have served it last, whether they live or not. */
  last(): readonly Owner[];
  /** Has the owner bring its files up to date: what it has counted alone is in none yet, and would end with it. */
  announce(owner: Owner): Promise<void>;
  /** @throws the system's error */
  claim(presence: Presence, group: string): void;
  isClaimed(presence: Presence): boolean;
  /** No longer claimed by that member, or by whoever was of that epoch. */
  giveUp(which: Partial<Pick<Owner, 'id' | 'epoch'>>): void;
}

export interface OwnershipOptions {
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

export function createOwnership(options: OwnershipOptions): Ownership {
  const { fs, guard, directory, endpoint, service, pid } = options;
  const path = ownerPath(directory, endpoint);
  let address = addressOf(endpoint.host);

  const all = (): (readonly [path: string, Owner])[] => {
    let names: string[];
    try {
      names = fs.readdirSync(directory).filter((name) => name.endsWith('.json'));
    } catch {
      return [];
    }
    return names.flatMap((name) => {
      const file = join(directory, name);
      const owner = readOwner(fs, file);
      return owner === undefined ? [] : [[file, owner] as const];
    });
  };

  /** Where the name is not known yet only the same words are the same endpoint. */
  const isHere = ({ endpoint: other, address: theirs }: Owner): boolean =>
    other.network === endpoint.network &&
    other.port === endpoint.port &&
    (other.host === endpoint.host || (address !== undefined && overlaps(theirs, address)));

  const here = (): Owner[] =>
    all()
      .map(([, owner]) => owner)
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
      for (const owner of here()) {
        if (await isAlive(socketOf(directory, owner), PROBE_MILLIS)) return owner;
      }
      return undefined;
    },
    livingAtOnce() {
      const owners = here().filter((owner) => owner.service === service && owner.format === FORMAT);
      if (owners.length === 0) return undefined;
      let listeners: string;
      try {
        listeners = fs.readFileSync(LISTENERS, 'utf8');
      } catch {
        return undefined;
      }
      const names = new Set(listeners.split('\n').map((line) => line.slice(line.lastIndexOf(' ') + 1)));
      return owners.find((owner) => {
        const socket = socketOf(directory, owner);
        return fs.existsSync(socket) && names.has(socket.replace(/\.sock$/, HIDDEN));
      });
    },
    last: () => here().filter((owner) => owner.service === service && owner.format === FORMAT),
    async announce(owner) {
      const peer = connectPeer({
        path: socketOf(directory, owner),
        secret: owner.epoch,
        guard,
        onClose: () => {},
      });
      await peer.flush(ANNOUNCE_MILLIS);
      peer.close();
    },
    claim({ epoch, id }, group) {
      const known = address ?? endpoint.host.toLowerCase();
      writeOwner(fs, path, { service, group, epoch, id, pid, format: FORMAT, endpoint, address: known });
      // Who served the same in other words serves no more.
      for (const [file, owner] of all()) {
        if (file !== path && owner.service === service && isHere(owner)) fs.rmSync(file, { force: true });
      }
    },
    isClaimed: ({ id }) => readOwner(fs, path)?.id === id,
    giveUp({ id, epoch }) {
      for (const [file, owner] of all()) {
        if (owner.id === id || owner.epoch === epoch) fs.rmSync(file, { force: true });
      }
    },
  };
}
