import type { Guard } from '../../guest/guard.ts';
import { FORMAT } from '../members/group-name.ts';
import type { Host } from '../members/host.ts';
import { HIDDEN } from '../members/member-socket.ts';
import { connectPeer, isAlive } from '../members/peer.ts';
import type { Presence } from '../members/presence.ts';
import { addressOf, type Endpoint, overlaps } from './address.ts';
import { type Owner, ownerPath, ownersIn, readOwner, socketOf, writeOwner } from './owner.ts';

/**
 * `port/` is about who owns the port. The member that binds it owns it: it records that in a file of the private folder
 * (owner, ownership), serves its group (serving), and removes what dead groups have left (sweep). Another process of the
 * service finds that file and joins (joining). An app that wants the port for itself gets it from any owner (taking).
 */

export interface OwnershipOptions {
  readonly host: Pick<Host, 'fs' | 'process' | 'lookup'>;
  readonly guard: Guard;
  /** The private folder of all groups. */
  readonly directory: string;
  readonly place: Endpoint;
  readonly service: string;
}

const PROBE_MILLIS = 500;
const ANNOUNCE_MILLIS = 250;
/** The Unix sockets of the host by name, on Linux: https://man7.org/linux/man-pages/man5/proc_pid_net.5.html */
const LISTENERS = '/proc/net/unix';

/** Who owns an endpoint, by the files of all services on this host. */
export function createOwnership(options: OwnershipOptions) {
  const { host, guard, directory, place, service } = options;
  const { fs } = host;
  const path = ownerPath(directory, place);
  let address = addressOf(place.host);

  /** Where the name has not been looked up yet, only the same name is the same endpoint. */
  const isHere = ({ endpoint: other, address: theirs }: Owner): boolean =>
    other.network === place.network &&
    other.port === place.port &&
    (other.host === place.host || (address !== undefined && overlaps(theirs, address)));

  const here = (): Owner[] =>
    ownersIn(fs, directory)
      .map(([, owner]) => owner)
      .filter(isHere)
      .sort((a, b) => Number(b.service === service) - Number(a.service === service));

  const isJoinable = (owner: Owner | undefined): owner is Owner =>
    owner?.service === service && owner.format === FORMAT;

  const resolved = async (): Promise<string> => {
    if (address === undefined) {
      const found = await host.lookup(place.host);
      address = (found && addressOf(found)) ?? place.host.toLowerCase();
    }
    return address;
  };

  return {
    /** The address of this process' endpoint, see `addressOf`; looked up if it is a name. */
    address: resolved,
    /** The owner, under whatever name of the host, if it lives; an owner of this service before others. */
    async living(): Promise<Owner | undefined> {
      await resolved();
      for (const owner of here()) {
        if (await isAlive(socketOf(directory, owner), PROBE_MILLIS)) return owner;
      }
      return undefined;
    },
    /** An owner of this service that can be joined, if it is known without turning the event loop that it lives. */
    livingAtOnce(): Owner | undefined {
      const owners = here().filter(isJoinable);
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
    isJoinable,
    /** The last owners that could be joined, whether they live or not. */
    last: () => here().filter(isJoinable),
    /** Has the owner bring its files up to date: what it has counted while alone is in no file, and would end with it. */
    async announce(owner: Owner): Promise<void> {
      const peer = connectPeer({
        path: socketOf(directory, owner),
        secret: owner.epoch,
        guard,
        onClose: () => {},
      });
      await peer.flush(ANNOUNCE_MILLIS);
      peer.close();
    },
    /** @throws the system's error */
    claim({ epoch, id }: Presence, group: string): void {
      const { pid } = host.process;
      const known = address ?? place.host.toLowerCase();
      writeOwner(fs, path, {
        service,
        group,
        epoch,
        id,
        pid,
        format: FORMAT,
        endpoint: place,
        address: known,
      });
      // An owner of the same endpoint under another name owns it no more.
      for (const [file, owner] of ownersIn(fs, directory)) {
        if (file !== path && owner.service === service && isHere(owner)) fs.rmSync(file, { force: true });
      }
    },
    isClaimed: ({ id }: Presence): boolean => readOwner(fs, path)?.id === id,
    /** Removes the claim of that member, or of any member of that epoch. */
    giveUp({ id, epoch }: Partial<Pick<Owner, 'id' | 'epoch'>>): void {
      for (const [file, owner] of ownersIn(fs, directory)) {
        if (owner.id === id || owner.epoch === epoch) fs.rmSync(file, { force: true });
      }
    },
  };
}

export type Ownership = ReturnType<typeof createOwnership>;
