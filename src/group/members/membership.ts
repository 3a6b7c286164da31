import { dirname, join } from 'node:path';
import type { Guard } from '../../guest/guard.ts';
import type { Log } from '../../guest/log.ts';
import { randomHex } from '../../guest/random.ts';
import { describe } from '../../guest/text.ts';
import type { Labels } from '../../metric-data/labels.ts';
import type { FileSystem } from '../state/files.ts';
import type { State } from '../state/state.ts';
import { createStateWriter } from '../state/writer.ts';
import { removeEmpty } from './directory.ts';
import { renewedId } from './member-id.ts';
import type { OwnMetrics } from './own-metrics.ts';
import { enterAtOnce, enterEpoch, type Presence } from './presence.ts';

/**
 * `members/` is who is in a group. An epoch is the life of a group from its first member to its last, and a folder. In
 * it each member has its presence: a socket that shows that it lives, and the files of its state. Membership is this
 * process' side of that. The survey is the other side: it finds the members, asks them for their state, adds them up,
 * and retires those that have ended. Nothing here knows of a port.
 */

export interface MembershipOptions {
  readonly fs: FileSystem;
  readonly guard: Guard;
  readonly log: Log;
  readonly pid: number;
  readonly threadId: number;
  /** Of every series of this process. */
  readonly labels: Labels;
  /** Whether series end when nothing is recorded to them. */
  readonly seriesEnd: boolean;
  /** Series that have ended of which the state keeps the totals at most, if it has fewer that live; 1000 by default. */
  readonly mostEnded?: number | undefined;
  readonly metrics: Pick<OwnMetrics, 'update' | 'note' | 'whileIdle'>;
  /** Whether there are other members, which may read the files. */
  readonly hasFellows: () => boolean;
  /** The owner of the port asks for files that are up to date. */
  readonly onFlush: () => Promise<unknown>;
  /** The owner's connection has closed. */
  readonly onOwnerGone: () => void;
  /** The last member of that epoch has left it. */
  readonly onEpochOver: (epoch: string) => void;
}

/** What this process has recorded, and its presence in the group while it has one. */
export function createMembership(options: MembershipOptions) {
  const { fs, guard, log, pid, threadId, metrics, hasFellows, onFlush, onOwnerGone } = options;
  const writer = createStateWriter({ labels: options.labels, seriesEnd: options.seriesEnd });
  let presence: Presence | undefined;
  /** The group's folder, once it was entered. */
  let folder: string | undefined;
  let isWritten = true;

  /** @param next its presence from now on */
  const leave = (next?: Presence): void => {
    if (presence === undefined) return;
    const left = presence;
    presence = next;
    let counted = true;
    try {
      take(true);
      counted = left.leave(writer);
    } catch (error) {
      logUnwritten(error);
    } finally {
      if (counted) writer.rebase();
      tidy(left);
    }
  };

  const tidy = ({ epoch }: Presence): void => {
    if (folder === undefined || fs.existsSync(join(folder, epoch))) return;
    options.onEpochOver(epoch);
    removeFolders();
  };

  const removeFolders = (): void => {
    if (folder === undefined) return;
    removeEmpty(fs, folder);
    removeEmpty(fs, dirname(folder));
  };

  const take = guard('group', (all: boolean): number | undefined => metrics.note(writer, all));

  const write = (how: 'write' | 'writeChanges'): void => {
    if (!hasFellows() || presence === undefined) return;
    try {
      isWritten = false;
      presence[how](writer);
      isWritten = true;
    } catch (error) {
      logUnwritten(error);
    }
  };

  const logUnwritten = (error: unknown): void =>
    log.once(
      'group.write',
      'error',
      `metrics of this process cannot be written to ${folder}: ${describe(error)}; ` +
        'what could be written before is served, and writing is tried again every second',
    );

  const optionsOf = (entered: string, epoch: string, id = `${pid}-${threadId}-${randomHex(8)}`) => {
    folder = entered;
    return { fs, guard, folder, epoch, id, onFlush, onOwnerGone };
  };

  return {
    get presence() {
      return presence;
    },
    /** Whether most series of the state have ended. */
    get isCrowded() {
      return writer.isCrowded(options.mostEnded);
    },
    /**
     * Gets rid of the series that have ended: their totals are left to the group, as if this member had ended, and
     * another one begins. Rejects with the system's error.
     *
     * @returns the new presence; undefined if there is none
     */
    async renew(): Promise<Presence | undefined> {
      const before = presence;
      if (before === undefined || folder === undefined) {
        await metrics.whileIdle(writer.forgetEnded);
        return undefined;
      }
      const next = await enterEpoch(optionsOf(folder, before.epoch, renewedId(before.id)));
      return metrics.whileIdle(() => {
        if (presence !== before) {
          // It has left meanwhile, and has nothing more to count.
          next.leave(writer);
          return undefined;
        }
        leave(next);
        write('write');
        return next;
      });
    },
    /** As of the last update. */
    get state() {
      return writer.state;
    },
    /** Whether the last attempt to write the state succeeded. */
    get isWritten() {
      return isWritten;
    },
    /** Brings the state up to date, and the files if others may read them. */
    async refresh(asked = true): Promise<State> {
      await metrics.update(writer, asked);
      write(asked ? 'write' : 'writeChanges');
      return writer.state;
    },
    /**
     * Writes at once what synchronous instruments have recorded, if others may read it.
     *
     * @param all looks at all series, so that the next calls have less to look at
     * @returns how many series it has looked at
     */
    note(all: boolean): number {
      const series = take(all);
      if (series !== undefined) write('writeChanges');
      return series ?? 0;
    },
    /** Leaves one epoch for another, which is in the group's folder. Rejects with the system's error. */
    async enter(entered: string, epoch: string): Promise<Presence> {
      leave();
      presence = await enterEpoch(optionsOf(entered, epoch));
      return presence;
    },
    /** The same before this returns; undefined where that fails. */
    enterAtOnce(entered: string, epoch: string): Presence | undefined {
      leave();
      presence = enterAtOnce(optionsOf(entered, epoch));
      return presence;
    },
    /** The process is about to end, but code of the app may still record. */
    exit(): void {
      if (presence === undefined) return;
      take(true);
      try {
        presence.exit(writer);
      } catch (error) {
        logUnwritten(error);
      } finally {
        tidy(presence);
      }
    },
    /** Ends its presence at once; the last member removes the folders. */
    leave: () => leave(),
    /** Removes the folders if they are empty. */
    removeFolders,
  };
}

export type Membership = ReturnType<typeof createMembership>;
