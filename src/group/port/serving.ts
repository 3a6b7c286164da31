import { join } from 'node:path';
import type { Guard } from '../../guest/guard.ts';
import type { Log } from '../../guest/log.ts';
import { joined } from '../../guest/one-at-a-time.ts';
import { describe } from '../../guest/text.ts';
import { nextTurn } from '../../guest/turn.ts';
import { currentEpoch, isGroupInhabited } from '../members/epochs.ts';
import type { GroupFolder } from '../members/group-name.ts';
import type { Host } from '../members/host.ts';
import type { Membership } from '../members/membership.ts';
import type { Presence } from '../members/presence.ts';
import { createSurvey, type Survey } from '../members/survey.ts';
import type { MergeOptions } from '../state/merge.ts';
import type { Ownership } from './ownership.ts';
import { sweep } from './sweep.ts';
import type { Taking } from './taking.ts';

/** With `cardinalityLimit` series of a metric that the retired may leave. */
export interface ServingOptions extends MergeOptions {
  readonly host: Host;
  readonly guard: Guard;
  readonly log: Log;
  /** The private folder of all groups. */
  readonly directory: string;
  readonly folder: GroupFolder;
  readonly own: Membership;
  readonly ownership: Ownership;
  readonly taking: Taking;
  readonly unbind: () => void;
  /** An attempt to serve is over. */
  readonly onSettled: () => void;
  /** See `RetiringOptions`. */
  readonly endedBefore: (() => number) | undefined;
}

/** What this process does for its group while it owns the port. */
export function createServing(options: ServingOptions) {
  const { host, guard, log, directory, folder, own, ownership, taking } = options;
  const { fs } = host;
  let bound = false;
  let survey: Survey | undefined;
  /** The survey before, for an epoch that begins because somebody has removed the one before. */
  let before: Pick<Survey, 'epoch' | 'retired'> | undefined;
  let unwatch: (() => void) | undefined;
  let swept = false;

  const checkDirectory = (): void => {
    const found = host.findDirectory();
    if ('problem' in found) throw new Error(found.problem);
    if (found.path !== directory) throw new Error(`${directory} is no longer there`);
  };

  /** Members of a group that was named for another name of the host are waiting to go on. */
  const findGroup = async (): Promise<void> => {
    for (const { group: last } of ownership.last()) {
      if (last !== folder.name && (await isGroupInhabited(fs, join(directory, last)))) {
        folder.name = last;
        return;
      }
    }
  };

  /** Members that are there already do not need the claim; processes that start do. */
  const claim = (presence: Presence): void => {
    try {
      ownership.claim(presence, folder.name);
    } catch (error) {
      log.once(
        'group.claim',
        'warn',
        `processes that start now cannot join: ${folder.path} cannot be written: ${describe(error)}`,
      );
    }
  };

  const sweepLater = async (): Promise<void> => {
    await nextTurn();
    await sweep({ host, directory }, Date.now());
  };

  const serve = async (): Promise<void> => {
    before = survey ?? before;
    survey?.close();
    survey = undefined;
    if (!own.presence?.intact()) {
      own.leave();
      checkDirectory();
      await findGroup();
    }
    await ownership.address();
    // What comes now takes as long as all before it.
    await nextTurn();
    const presence = own.presence ?? (await own.enter(folder.path, await currentEpoch(fs, folder.path)));
    if (!bound) return;
    claim(presence);
    const { epoch } = presence;
    const inherited = before?.epoch === epoch ? undefined : before?.retired;
    survey = createSurvey({
      ...options,
      fs,
      place: join(folder.path, epoch),
      epoch,
      id: () => own.presence?.id ?? presence.id,
      ownState: () => own.state,
      inherited,
    });
    before = undefined;
    await survey.look();
    // Nobody waits for the sweep, and what it cannot do the next one does.
    if (!swept) sweepLater().catch(() => undefined);
    swept = true;
  };

  const attempt = async (): Promise<void> => {
    try {
      await serve();
    } catch (failure) {
      log.once(
        'group.serve',
        'warn',
        `only the metrics of this process are served: its group cannot use ${folder.path}: ${describe(failure)}`,
      );
    }
  };

  const resume = joined(() => attempt().finally(options.onSettled));

  const yieldPort = guard('group', (): void => {
    if (!bound || !taking.isTaken()) return;
    options.unbind();
    end();
  });

  const close = (): void => {
    unwatch?.();
    unwatch = undefined;
    survey?.close();
    survey = undefined;
  };

  const end = (): void => {
    bound = false;
    close();
    // Last, because an app that waits for the port watches the claim.
    if (own.presence !== undefined) ownership.giveUp({ id: own.presence.id });
  };

  return {
    /** Whether this process owns the port. */
    get bound() {
      return bound;
    },
    /** The members; undefined while this process does not own the port, or the group's folder cannot be used. */
    get survey() {
      return survey;
    },
    /** This process has bound the port: serves its group, until an app takes the port. */
    async begin(): Promise<void> {
      bound = true;
      unwatch ??= taking.watch(yieldPort);
      await resume();
      yieldPort();
    },
    /** Serves the group again, if this process has handed over and lives on. */
    resume,
    /** Looks after what is on the disk. */
    async tick(): Promise<void> {
      const { presence } = own;
      if (!presence?.intact()) return resume();
      if (!ownership.isClaimed(presence)) claim(presence);
      await survey?.look();
    },
    /** See `Membership.renew`. */
    async renew(): Promise<void> {
      if (!own.isCrowded) return;
      try {
        const presence = await (survey === undefined ? own.renew() : survey.whileIdle(own.renew));
        if (presence !== undefined && bound) claim(presence);
      } catch (failure) {
        log.once(
          'group.renew',
          'warn',
          `the totals of series that have ended stay in memory: ${folder.path} cannot be written: ${describe(failure)}`,
        );
      }
    },
    /** Lets go of the port if an app has taken it. */
    yieldPort,
    /** The port is no longer bound. */
    end,
    /** The same where the process ends, whose membership ends the claim. */
    close,
  };
}
