import { randomBytes } from 'node:crypto';
import { dirname, join } from 'node:path';
import { describe, type Guard } from '../../guard.ts';
import type { Log } from '../../log.ts';
import { removeEmpty } from './directory.ts';
import type { FileSystem } from './files.ts';
import type { Holding } from './holding.ts';
import { enterEpoch, type Presence } from './presence.ts';
import type { State } from './state.ts';
import { createStateWriter, type StateWriter } from './state-writer.ts';

/** What this process has recorded, and its presence in the group, if it has one. */
export interface Membership {
  readonly presence: Presence | undefined;
  /** Brings the state up to date, and the files if others may read them. */
  refresh(asked?: boolean): Promise<State>;
  /** Leaves one epoch for another. Rejects with the system's error. */
  enter(epoch: string): Promise<Presence>;
  /** Ends its presence at once; the last one takes the folders away. */
  leave(): void;
  /** Removes what is empty. */
  removeFolders(): void;
}

export interface MembershipOptions {
  readonly fs: FileSystem;
  readonly guard: Guard;
  readonly log: Log;
  /** The group's. */
  readonly folder: string;
  readonly holding: Holding;
  readonly pid: number;
  readonly threadId: number;
  /** Takes over this process' metrics as they are now; `asked` unless it is only to keep the files up to date. */
  readonly update: (writer: StateWriter, asked: boolean) => Promise<void>;
  /** Whether anybody else is there to read the files. */
  readonly hasFellows: () => boolean;
  /** The serving process asks for files that are up to date. */
  readonly onFlush: () => Promise<void>;
  readonly onServerGone: () => void;
}

export function createMembership(options: MembershipOptions): Membership {
  const { fs, guard, log, folder, holding, pid, threadId, update, hasFellows, onFlush, onServerGone } =
    options;
  const writer = createStateWriter();
  let presence: Presence | undefined;

  const leave = (): void => {
    if (presence === undefined) return;
    const left = presence;
    presence = undefined;
    let counted = true;
    try {
      counted = left.leave(writer);
    } finally {
      if (counted) writer.rebase();
      if (!fs.existsSync(join(folder, left.epoch))) {
        holding.giveUp({ epoch: left.epoch });
        removeFolders();
      }
    }
  };

  const removeFolders = (): void => {
    removeEmpty(fs, folder);
    removeEmpty(fs, dirname(folder));
  };

  return {
    get presence() {
      return presence;
    },
    async refresh(asked = true) {
      await update(writer, asked);
      try {
        if (hasFellows()) presence?.write(writer);
      } catch (error) {
        log.once(
          'group.write',
          'error',
          `metrics of this process cannot be written to ${folder}: ${describe(error)}; ` +
            'what could be written before is served, and it is tried again every second',
        );
      }
      return writer.state;
    },
    async enter(epoch) {
      leave();
      const id = `${pid}-${threadId}-${randomBytes(4).toString('hex')}`;
      presence = await enterEpoch({ fs, guard, folder, epoch, id, onFlush, onServerGone });
      return presence;
    },
    leave,
    removeFolders,
  };
}
