import { join } from 'node:path';
import type { Attributes } from '@opentelemetry/api';
import type { Guard } from '../../guest/guard.ts';
import { createQueue } from '../../guest/one-at-a-time.ts';
import { inSlices } from '../../guest/slices.ts';
import { describe } from '../../guest/text.ts';
import { merge, type Source } from '../state/merge.ts';
import { createStateReader, readWhole, type StateReader } from '../state/reader.ts';
import type { State } from '../state/state.ts';
import { connectPeer, isAlive, type Peer } from './peer.ts';
import { createRetiring, type RetiringOptions, removeFiles } from './retiring.ts';

export interface Total {
  readonly state: State;
  /** Living members, this process included. */
  readonly members: number;
  /** Those of them that answered in time; of the others the last known state counts. */
  readonly fresh: number;
  /** Members that have ended since the group started from zero. */
  readonly retired: number;
}

export interface SurveyOptions extends RetiringOptions {
  readonly guard: Guard;
  readonly epoch: string;
  /** Of this process, at that moment. */
  readonly id: () => string;
  /** Of this process, as of its last update. */
  readonly ownState?: () => State;
  /** What a member expects in the greeting; the epoch's name by default. */
  readonly secretOf?: (id: string) => string;
  /** Members have only what describes a moment, so that the retired leave nothing. */
  readonly momentary?: true;
}

/** Milliseconds that a scrape waits for a member that does not answer, once until it answers again. */
const FLUSH_MILLIS = 250;
const PROBE_MILLIS = 250;

interface Remote {
  readonly id: string;
  readonly reader: StateReader;
  readonly process: Attributes;
  peer: Peer;
}

/** The view that the owner of the port has of the members of its epoch. */
export function createSurvey(options: SurveyOptions) {
  const { fs, guard, log, place, epoch, aggregationOf } = options;
  const retiring = createRetiring(options);
  const remotes = new Map<string, Remote>();
  let closed = false;
  /** One at a time: a look changes what a scrape adds up. */
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

  const retire = async (ended: readonly Remote[]): Promise<void> => {
    if (!options.momentary) {
      const left = [...remotes.values()].filter((remote) => !ended.includes(remote));
      const own = options.ownState?.();
      await retiring.add(ended, {
        ids: [options.id(), ...left.map(({ id }) => id)],
        states: [...(own ? [own] : []), ...left.map(({ reader }) => reader.read())],
      });
    }
    for (const remote of ended) {
      part(remote);
      if (options.momentary) removeFiles(fs, place, remote.id);
    }
  };

  const look = async (): Promise<void> => {
    if (closed) return;
    const names = fs.readdirSync(place);
    const present = new Set(
      names.flatMap((name) => /^([\w-]+)\.(?:sock|keys|values)$/.exec(name)?.[1] ?? []),
    );
    for (const remote of remotes.values()) if (!present.has(remote.id)) part(remote);
    /** They have left before this process has seen them. */
    const gone = new Set<string>();
    for (const id of present) {
      if (retiring.has(id) || id === options.id() || remotes.has(id)) continue;
      meet(id);
      if (!names.includes(`${id}.sock`)) gone.add(id);
    }
    const silent = [...remotes.values()].filter(({ peer, id }) => !peer.open || gone.has(id));
    const alive = await Promise.all(silent.map(({ id }) => isAlive(`${pathOf(id)}.sock`, PROBE_MILLIS)));
    const ended = silent.filter((_, i) => alive[i] === false);
    for (const [i, remote] of silent.entries()) {
      if (alive[i] && !remote.peer.open && !gone.has(remote.id)) {
        remote.peer.close();
        remote.peer = connect(remote.id);
      }
    }
    if (closed) return;
    if (ended.length > 0) await retire(ended);
    // If this survey was closed meanwhile, another process may own the port and have written the totals.
    if (!closed) retiring.save();
  };

  const guarded = async (): Promise<void> => {
    try {
      await look();
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
    /** Other living members, as of the last look. */
    get others() {
      return remotes.size;
    },
    get retired() {
      return retiring.totals;
    },
    /** Finds who has come, and retires those that have ended. Never rejects. */
    look: () => inTurn(guarded),
    /** Runs while nothing is added up, and then looks. Rejects as the work does. */
    whileIdle: <Result>(work: () => Promise<Result>): Promise<Result> =>
      inTurn(async () => {
        try {
          return await work();
        } finally {
          await guarded();
        }
      }),
    /**
     * Adds up all members.
     *
     * @param own brings this process' state up to date; the others are asked to do the same meanwhile
     */
    total: (own: () => Promise<State>): Promise<Total> =>
      inTurn(async () => {
        await guarded();
        const asked = [...remotes.values()];
        const [ownState, ...answers] = await Promise.all([
          own(),
          ...asked.map(({ peer }) => peer.flush(FLUSH_MILLIS)),
        ]);
        // What describes a moment ends with its process, not at the look after that.
        if (asked.some(({ peer }) => !peer.open)) await guarded();
        const others = [...remotes.values()];
        const sources: Source[] = [
          { state: retiring.totals.state, living: false, process: {} },
          { state: ownState, living: true, process: processOf(options.id()) },
        ];
        for (const { reader, process } of others) {
          sources.push({ state: await readWhole(reader), living: true, process });
        }
        const state = await inSlices(merge(sources, { aggregationOf }));
        const fresh = 1 + asked.filter(({ id }, i) => answers[i] && remotes.has(id)).length;
        return { state, members: 1 + others.length, fresh, retired: retiring.totals.retired };
      }),
    close(): void {
      closed = true;
      for (const remote of remotes.values()) part(remote);
    },
  };
}

/** What tells the series of processes apart. An id starts with the numbers of the process and of the thread. */
export function processOf(id: string): Attributes {
  const [pid = '', thread = '0'] = id.split('-');
  return { 'process.pid': Number(pid), ...(thread !== '0' && { 'thread.id': Number(thread) }) };
}

export type Survey = ReturnType<typeof createSurvey>;
