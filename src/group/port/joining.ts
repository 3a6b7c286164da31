import { join } from 'node:path';
import { covers, type Endpoint } from './address.ts';
import type { Owner } from './owner.ts';
import type { ServingOptions } from './serving.ts';

export type Role =
  | { readonly role: 'owner' }
  /** `reached` if this process' own address leads to the owner. */
  | { readonly role: 'member'; readonly owner: Owner; readonly reached: boolean }
  /**
   * Neither: the port is another's, whose if that is known, or cannot be bound. Where its owner is of the same service
   * this process keeps trying.
   */
  | {
      readonly role: 'outsider';
      readonly owner: Owner | undefined;
      readonly error: NodeJS.ErrnoException;
    };

export interface JoiningOptions
  extends Pick<ServingOptions, 'guard' | 'directory' | 'folder' | 'own' | 'ownership'> {
  readonly place: Endpoint;
}

/** How this process becomes a member of the group that another process serves. */
export function createJoining({ guard, directory, folder, place, own, ownership }: JoiningOptions) {
  const memberOf = async (owner: Owner): Promise<Role> => {
    const same = place.host === owner.endpoint.host;
    const reached = same || covers(owner.address, await ownership.address());
    return { role: 'member', owner, reached };
  };

  const enterAtOnce = guard('group', (): Owner | undefined => {
    const owner = ownership.livingAtOnce();
    if (owner === undefined || own.enterAtOnce(join(directory, owner.group), owner.epoch) === undefined)
      return undefined;
    folder.name = owner.group;
    own.note(true);
    return owner;
  });

  return {
    /** Joins before this returns if it can, for what is recorded next may be followed by anything; else undefined. */
    async atOnce(): Promise<Role | undefined> {
      const owner = own.presence === undefined ? enterAtOnce() : undefined;
      if (owner === undefined) return undefined;
      await ownership.announce(owner);
      await own.refresh();
      // It may have ended meanwhile, before it knew of this process.
      return (await ownership.living())?.id === owner.id ? memberOf(owner) : undefined;
    },
    /** Joins the living owner of the port, if it is of this service. @param error why this process cannot bind it */
    async join(error: NodeJS.ErrnoException): Promise<Role> {
      const owner = await ownership.living();
      if (!ownership.isJoinable(owner)) return { role: 'outsider', owner, error };
      try {
        if (own.presence?.epoch !== owner.epoch || !own.presence.intact()) {
          folder.name = owner.group;
          await own.enter(folder.path, owner.epoch);
          await ownership.announce(owner);
        }
        await own.refresh();
        return memberOf(owner);
      } catch (failure) {
        return { role: 'outsider', owner, error: failure as NodeJS.ErrnoException };
      }
    },
    /** Whether a role may be another one soon: the owner is not known yet, or has ended while this process joined it. */
    isTransient(role: Role): boolean {
      if (role.role !== 'outsider') return false;
      return role.owner === undefined ? role.error.code === 'EADDRINUSE' : ownership.isJoinable(role.owner);
    },
  };
}
