import { join } from 'node:path';
import type { Attributes } from '@opentelemetry/api';
import type { GaugeAggregation } from '../../config/types.ts';
import type { Guard } from '../../guest/guard.ts';
import type { Log } from '../../guest/log.ts';
import { createQueue } from '../../guest/one-at-a-time.ts';
import { describe } from '../../guest/text.ts';
import {
  createStateReader,
  type FileSystem,
  readWhole,
  replaceFile,
  type StateReader,
} from '../state/files.ts';
import { merge, type Source } from '../state/merge.ts';
import {
  decodeRetired,
  encodeRetired,
  NOTHING_RETIRED,
  type RetiredTotals,
} from '../state/retired-totals.ts';
import { inSlices } from '../state/slices.ts';
import type { State } from '../state/state.ts';
import { connectPeer, isAlive, type Peer } from './peer.ts';

/** The serving process' view of its group. */
export interface Survey {
  readonly epoch: string;
  /** Other living processes, as of the last `survey`. */
  readonly others: number;
  /** The totals of the dead. */
  readonly base: RetiredTotals;
  /** Finds who has come, and takes over the totals of those who have gone. Never rejects. */
  survey(): Promise<void>;
  /**
   * Adds everybody up.
   *
   * @param own brings this process' state up to date; the others are asked to do the same meanwhile
   */
  total(own: () => Promise<State>): Promise<Total>;
  close(): void;
}

export interface Total {
  readonly state: State;
  /** Living processes, this one included. */
  readonly members: number;
  /** Those whose state is of this moment. */
  readonly fresh: number;
  /** Processes that have ended since the group started from zero. */
  readonly retired: number;
}

export interface SurveyOptions {
  readonly fs: FileSystem;
  readonly guard: Guard;
  readonly log: Log;
  /** The epoch's folder. */
  readonly place: string;
  readonly epoch: string;
  /** Of this process. */
  readonly id: string;
  readonly aggregationOf: (gauge: string) => GaugeAggregation;
  /** The totals of the dead, where they are those of an epoch that is no more; by default what the folder has. */
  readonly inherited?: RetiredTotals | undefined;
  /** Series of a metric that the dead may leave; no limit by default. */
  readonly cardinalityLimit?: number;
  /** What a member is greeted with; the epoch's name by default. */
  readonly secretOf?: (id: string) => string;
  /** Members have only what describes a moment, so the dead leave nothing. */
  readonly momentary?: true;
}

/** Milliseconds that a scrape waits for a process that does not answer, once until it answers again. */
const FLUSH_MILLIS = 250;
const PROBE_MILLIS = 250;

interface Remote {
  readonly id: string;
  readonly reader: StateReader;
  readonly process: Attributes;
  peer: Peer;
}

export function createSurvey(options: SurveyOptions): Survey {
  const { fs, guard, log, place, epoch, aggregationOf, cardinalityLimit } = options;
  const remotes = new Map<string, Remote>();
  let base = options.inherited ?? readBase(fs, place);
  let saved = options.inherited === undefined;
  /** The dead that the base in memory has and the file has not. */
  let unsaved: string[] = [];
  let closed = false;
  /** One at a time: a survey changes what a scrape adds up. */
  const inTurn = createQueue();

  const pathOf = (id: string): string => join(place, id);
  const secretOf = options.secretOf ?? (() => epoch);
  const connect = (id: string): Peer =>
    connectPeer({ path: `${pathOf(id)}.sock`, secret: secretOf(id), guard, onClose: () => {} });

  const meet = (id: string): void => {
    const reader = createStateReader(fs, pathOf(id));
    remotes.set(id, { id, reader, process: processOf(id), peer: connect(id) });
  };

  const part = (remote: Remote): void => {
    remote.peer.close();
    remote.reader.close();
    remotes.delete(remote.id);
  };

  const removeFiles = (id: string): boolean => {
    try {
      for (const ending of ['sock', 'values', 'keys']) fs.rmSync(`${pathOf(id)}.${ending}`, { force: true });
      return true;
    } catch {
      return false;
    }
  };

  /** Adds the dead to the base. Until that is on the disk their files stay, for a successor to add them up. */
  const retire = async (dead: readonly Remote[]): Promise<void> => {
    if (options.momentary) {
      for (const remote of dead) {
        part(remote);
        removeFiles(remote.id);
      }
      return;
    }
    const left = await Promise.all(dead.map(({ reader }) => readWhole(reader)));
    const sources = [base.state, ...left].map((state): Source => ({ state, living: false, process: {} }));
    const state = await inSlices(merge(sources, { aggregationOf, cardinalityLimit }));
    const ids = [...base.ids, ...dead.map(({ id }) => id)];
    base = { state, ids, retired: base.retired + dead.length };
    unsaved.push(...dead.map(({ id }) => id));
    for (const remote of dead) part(remote);
  };

  const save = (): void => {
    try {
      replaceFile(fs, join(place, 'base'), encodeRetired(base));
      unsaved = [];
      saved = true;
      base = { ...base, ids: base.ids.filter((id) => !removeFiles(id)) };
    } catch (error) {
      log.once(
        'group.base',
        'warn',
        `the totals of processes that ended cannot be written to ${place}: ${describe(error)}; they are kept in memory`,
      );
    }
  };

  const survey = async (): Promise<void> => {
    if (closed) return;
    const present = new Set(
      fs.readdirSync(place).flatMap((name) => /^([\w-]+)\.(?:sock|keys|values)$/.exec(name)?.[1] ?? []),
    );
    for (const remote of remotes.values()) if (!present.has(remote.id)) part(remote);
    for (const id of present) {
      if (base.ids.includes(id)) {
        if (!unsaved.includes(id)) removeFiles(id);
      } else if (id !== options.id && !remotes.has(id)) meet(id);
    }
    const silent = [...remotes.values()].filter(({ peer }) => !peer.open);
    const alive = await Promise.all(silent.map(({ id }) => isAlive(`${pathOf(id)}.sock`, PROBE_MILLIS)));
    const dead = silent.filter((_, i) => alive[i] === false);
    for (const [i, remote] of silent.entries()) {
      if (alive[i] && !remote.peer.open) {
        remote.peer.close();
        remote.peer = connect(remote.id);
      }
    }
    if (closed) return;
    if (dead.length > 0) await retire(dead);
    // Another process may serve by now, and have written it.
    if (!closed && (!saved || unsaved.length > 0)) save();
  };

  const guarded = async (): Promise<void> => {
    try {
      await survey();
    } catch (error) {
      log.once(
        'group.survey',
        'warn',
        `the group of processes in ${place} cannot be read: ${describe(error)}`,
      );
    }
  };

  return {
    epoch,
    get others() {
      return remotes.size;
    },
    get base() {
      return base;
    },
    survey: () => inTurn(guarded),
    total: (own) =>
      inTurn(async () => {
        await guarded();
        const asked = [...remotes.values()];
        const [ownState, ...answers] = await Promise.all([
          own(),
          ...asked.map(({ peer }) => peer.flush(FLUSH_MILLIS)),
        ]);
        // What describes a moment ends with the process, and not a survey later.
        if (asked.some(({ peer }) => !peer.open)) await guarded();
        const others = [...remotes.values()];
        const sources: Source[] = [
          { state: base.state, living: false, process: {} },
          { state: ownState, living: true, process: processOf(options.id) },
        ];
        for (const { reader, process } of others) {
          sources.push({ state: await readWhole(reader), living: true, process });
        }
        const state = await inSlices(merge(sources, { aggregationOf }));
        const fresh = 1 + asked.filter(({ id }, i) => answers[i] && remotes.has(id)).length;
        return { state, members: 1 + others.length, fresh, retired: base.retired };
      }),
    close() {
      closed = true;
      for (const remote of remotes.values()) part(remote);
    },
  };
}

function readBase(fs: FileSystem, place: string): RetiredTotals {
  try {
    return decodeRetired(fs.readFileSync(join(place, 'base'))) ?? NOTHING_RETIRED;
  } catch {
    return NOTHING_RETIRED;
  }
}

/** What tells the series of processes apart. An id starts with the numbers of the process and of the thread. */
export function processOf(id: string): Attributes {
  const [pid = '', thread = '0'] = id.split('-');
  return { 'process.pid': Number(pid), ...(thread !== '0' && { 'thread.id': Number(thread) }) };
}
