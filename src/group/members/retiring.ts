import { join } from 'node:path';
import type { Log } from '../../guest/log.ts';
import { inSlices } from '../../guest/slices.ts';
import { describe } from '../../guest/text.ts';
import { type HasEnded, lastChanges, withoutEnded } from '../state/ended.ts';
import type { FileSystem } from '../state/files.ts';
import { replaceFile } from '../state/files.ts';
import { type MergeOptions, merge, type Source } from '../state/merge.ts';
import { readWhole, type StateReader } from '../state/reader.ts';
import {
  decodeRetired,
  encodeRetired,
  NOTHING_RETIRED,
  type RetiredTotals,
} from '../state/retired-totals.ts';
import type { State } from '../state/state.ts';
import { memberOf } from './member-id.ts';

/** With `cardinalityLimit` series of a metric that the retired may leave. */
export interface RetiringOptions extends Omit<MergeOptions, 'isExempt'> {
  /** Series that changed last at this time or earlier have ended, in seconds since 1970; undefined if none ends. */
  readonly endedBefore?: (() => number) | undefined;
  readonly fs: FileSystem;
  readonly log: Log;
  /** The epoch's folder. */
  readonly place: string;
  /** The totals of an epoch that somebody has removed; by default those in the folder. */
  readonly inherited?: RetiredTotals | undefined;
}

interface Ended {
  readonly id: string;
  readonly reader: StateReader;
}

interface Living {
  readonly ids: readonly string[];
  readonly states: readonly State[];
}

/** Takes over the totals of members that have ended: first in memory, then in the epoch's file. */
export function createRetiring(options: RetiringOptions) {
  const { fs, log, place, inherited, aggregationOf, cardinalityLimit, endedBefore } = options;
  let totals = inherited ?? readRetired(fs, place);
  let saved = inherited === undefined;
  /** Members that the totals in memory have and those in the file have not. */
  let unsaved: string[] = [];
  return {
    get totals() {
      return totals;
    },
    /** Whether a member is in the totals. Then its files are removed, unless only memory has it yet. */
    has(id: string): boolean {
      if (!totals.ids.includes(id)) return false;
      if (!unsaved.includes(id)) removeFiles(fs, place, id);
      return true;
    },
    /**
     * Adds members that have ended. Their files stay until the totals are saved, so that a successor can add them. Series
     * that have ended, and that no living member has, are left out: their total counts no more.
     *
     * @param living the other members
     */
    async add(ended: readonly Ended[], { ids: livingIds, states: living }: Living): Promise<void> {
      const left = await Promise.all(ended.map(({ reader }) => readWhole(reader)));
      const members = new Set(livingIds.map(memberOf));
      const renewed = left.filter((_, i) => members.has(memberOf(ended[i]?.id ?? '')));
      const retired = new Set(ended.map(({ id }) => memberOf(id)).filter((member) => !members.has(member)));
      const all = [totals.state, ...left];
      const { states, isExempt } =
        endedBefore === undefined
          ? { states: all, isExempt: undefined }
          : withoutForgotten(all, living, renewed, endedBefore());
      const sources = states.map((state): Source => ({ state, living: false, process: {} }));
      const state = await inSlices(merge(sources, { aggregationOf, cardinalityLimit, isExempt }));
      const ids = ended.map(({ id }) => id);
      totals = { state, ids: [...totals.ids, ...ids], retired: totals.retired + retired.size };
      unsaved.push(...ids);
    },
    /** Writes the totals if the file lacks anything, and removes the files of members that are in it. */
    save(): void {
      if (saved && unsaved.length === 0) return;
      try {
        replaceFile(fs, join(place, 'base'), encodeRetired(totals));
        unsaved = [];
        saved = true;
        totals = { ...totals, ids: totals.ids.filter((id) => !removeFiles(fs, place, id)) };
      } catch (error) {
        log.once(
          'group.base',
          'warn',
          `the totals of processes that ended cannot be written to ${place}: ${describe(error)}; they are kept in memory`,
        );
      }
    },
  };
}

/** States without the series that have ended in all of them, and that none of the living has. */
function withoutForgotten(
  all: readonly State[],
  living: readonly State[],
  renewed: readonly State[],
  before: number,
) {
  const changed = lastChanges(all);
  const alive = lastChanges(living);
  const owned = lastChanges([...living, ...renewed]);
  /** What living processes have counted is not what the retired leave, whatever its amount. */
  const isExempt = (identity: string, key: string): boolean => owned(identity, key) !== undefined;
  const isForgotten: HasEnded = (time, identity, key) =>
    alive(identity, key) === undefined && (changed(identity, key) ?? time) <= before;
  return { states: all.map((state) => withoutEnded(state, isForgotten)), isExempt };
}

/** @returns false where they could not be removed */
export function removeFiles(fs: FileSystem, place: string, id: string): boolean {
  try {
    for (const ending of ['sock', 'values', 'keys'])
      fs.rmSync(join(place, `${id}.${ending}`), { force: true });
    return true;
  } catch {
    return false;
  }
}

function readRetired(fs: FileSystem, place: string): RetiredTotals {
  try {
    return decodeRetired(fs.readFileSync(join(place, 'base'))) ?? NOTHING_RETIRED;
  } catch {
    return NOTHING_RETIRED;
  }
}
