import { join } from 'node:path';
import type { GaugeAggregation } from '../config/types.ts';
import { inTime } from '../guest/deadline.ts';
import type { Guard } from '../guest/guard.ts';
import type { Log } from '../guest/log.ts';
import { joined } from '../guest/one-at-a-time.ts';
import { describe } from '../guest/text.ts';
import type { Labels } from '../metric-data/labels.ts';
import { currentEpoch, isGroupInhabited } from './members/epochs.ts';
import { FORMAT, hash } from './members/group-name.ts';
import { createMembership } from './members/membership.ts';
import type { Presence } from './members/presence.ts';
import { createPromptness } from './members/promptness.ts';
import { createSurvey, processOf, type Survey, type Total } from './members/survey.ts';
import { covers, type Endpoint, placeOf } from './port/address.ts';
import type { Owner } from './port/owner.ts';
import { createOwnership } from './port/ownership.ts';
import { sweep } from './port/sweep.ts';
import { createTaking } from './port/taking.ts';
import type { FileSystem } from './state/files.ts';
import { merge } from './state/merge.ts';
import { inSlices } from './state/slices.ts';
import type { StateWriter } from './state/writer.ts';

export interface GroupOptions {
  readonly fs: FileSystem;
  readonly process: Pick<NodeJS.Process, 'pid' | 'kill'>;
  /** 0 in the main thread. */
  readonly threadId: number;
  /** The private folder of all groups. */
  readonly directory: string;
  /** Makes that folder if need be, and throws when it is not there, or no longer private. */
  readonly checkDirectory: () => void;
  readonly service: string;
  /** Of every series of this process; none by default. */
  readonly labels?: Labels;
  readonly endpoint: Endpoint;
  /** Looks a host name up; undefined where it is not known, and by default. */
  readonly lookup?: (host: string) => Promise<string | undefined>;
  /** Tries to bind the endpoint: nothing when it is bound, else the system's error. Never rejects. */
  readonly bind: () => Promise<NodeJS.ErrnoException | undefined>;
  /** Lets go of the endpoint at once, for the app of another process that takes the port. */
  readonly unbind: () => void;
  /** Takes over this process' metrics as they are now; `asked` unless it is only to keep the files up to date. */
  readonly update: (writer: StateWriter, asked: boolean) => Promise<void>;
  /**
   * Takes over at once what synchronous instruments have recorded.
   *
   * @param all looks at all series, so that the next times have less to look at
   * @returns how many series it has looked at; undefined where that cannot be known
   */
  readonly note?: (writer: StateWriter, all: boolean) => number | undefined;
  readonly aggregationOf: (gauge: string) => GaugeAggregation;
  /** Series of a metric that the dead may leave. */
  readonly cardinalityLimit: number;
  readonly guard: Guard;
  readonly log: Log;
}

export type Role =
  | { readonly role: 'serving' }
  /** `reached` if who asks at this process' own address reaches the owner. */
  | { readonly role: 'member'; readonly owner: Owner; readonly reached: boolean }
  /** Whose the endpoint is instead, if that is known; it will be tried again where it is the same service's. */
  | {
      readonly role: 'outsider';
      readonly owner: Owner | undefined;
      readonly error: NodeJS.ErrnoException;
    };

/**
 * The processes and worker threads of one service on one host that share an endpoint. Whoever binds the endpoint
 * serves all of them, and when it ends another one does, with every total intact.
 */
export interface Group {
  /** Never rejects. Where `canJoinAtOnce` is true it has joined when this returns. */
  join(): Promise<Role>;
  /** Whether somebody serves whom it can join without turning the event loop. */
  canJoinAtOnce(): boolean;
  /** Something has been recorded: it is written soon, if others may read it. */
  recorded(): void;
  /** Whether there is, and has been, nobody else: then this process' own metrics are those of the group. */
  isAlone(): Promise<boolean>;
  /** All processes added up, if this one serves; else this one alone. */
  total(): Promise<Total>;
  /** Names the group from its first process to its last. */
  readonly epoch: string | undefined;
  /** Hands over what has been recorded. Never rejects. */
  flush(): Promise<void>;
  /** The endpoint belongs to the app: this process never serves again. */
  release(): void;
  /** This process is about to end: others take over, from now on. One that lives on comes back within a second. */
  handOver(): void;
  /** The same where code of the app may still run and record, in its 'exit' listeners: it is written at once. */
  exit(): void;
  /** Ends this process' part for good. */
  leave(): void;
}

/** Milliseconds between two times that a member writes its state, and the serving process looks who is there. */
const INTERVAL = 1000;
/** How long what may pass is waited for. */
const PASSING_MILLIS = 2000;
const RETRY_MILLIS = 100;
/** Milliseconds, less than what a scrape waits for a member. */
const PATIENCE = 100;
const TAKEN: NodeJS.ErrnoException = Object.assign(new Error('the app has taken the port'), {
  code: 'EADDRINUSE',
});

export function createGroup(options: GroupOptions): Group {
  const { fs, process, threadId, directory, service, endpoint, bind, aggregationOf, guard, log } = options;
  /** That of the others once it has joined them, whatever words they have for the endpoint. */
  let group = hash([FORMAT, service, placeOf(endpoint)]);
  const folder = (): string => join(directory, group);
  let serving: Survey | undefined;
  /** What was served last, for an epoch that begins because somebody has removed the one before. */
  let served: Pick<Survey, 'epoch' | 'base'> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let mayBind = true;
  let bound = false;
  let ended = false;
  let ticking = false;
  let swept = false;
  let unwatch: (() => void) | undefined;
  let exiting = false;

  const flush = async (): Promise<void> => {
    await serving?.survey();
    if (serving?.others !== 0) await own.refresh();
  };

  /** The app's callbacks may take longer than a scrape waits: all else is then brought up to date without them. */
  const flushInTime = async (): Promise<boolean> => {
    if (!(await inTime(flush(), PATIENCE))) await own.refresh(false);
    return own.isWritten;
  };

  const taking = createTaking(options);
  const { note = () => undefined, lookup = async () => undefined } = options;
  const ownership = createOwnership({ fs, guard, directory, endpoint, lookup, service, pid: process.pid });
  const own = createMembership({
    ...options,
    pid: process.pid,
    note,
    hasFellows: () => serving?.others !== 0,
    onFlush: flushInTime,
    // Not all at once.
    onServerGone: () => void setTimeout(seekAgain, Math.random() * 20).unref(),
    onEpochOver: (epoch) => ownership.giveUp({ epoch }),
  });

  /** The app of another process takes the port: until that one ends nobody serves. */
  const yieldPort = guard('group', (): void => {
    if (!bound || !taking.isTaken()) return;
    options.unbind();
    stopServing();
  });

  const stopServing = (): void => {
    bound = false;
    unwatch?.();
    unwatch = undefined;
    serving?.close();
    serving = undefined;
    // Last, since whoever waits for the port looks for this.
    if (own.presence !== undefined) ownership.giveUp({ id: own.presence.id });
  };

  /** Those who are there need no word of it; those who come do. */
  const claim = (presence: Presence): void => {
    try {
      ownership.claim(presence, group);
    } catch (error) {
      log.once(
        'group.claim',
        'warn',
        `processes that start now cannot join: ${folder()} cannot be written: ${describe(error)}`,
      );
    }
  };

  /** Those who are left of a group that somebody served in other words are waiting to go on. */
  const findGroup = async (): Promise<void> => {
    for (const { group: last } of ownership.last()) {
      if (last !== group && (await isGroupInhabited(fs, join(directory, last)))) {
        group = last;
        return;
      }
    }
  };

  const serve = async (): Promise<void> => {
    served = serving ?? served;
    serving?.close();
    serving = undefined;
    if (!own.presence?.intact()) {
      own.leave();
      options.checkDirectory();
      await findGroup();
    }
    await ownership.address();
    const presence = own.presence ?? (await own.enter(folder(), await currentEpoch(fs, folder())));
    if (!bound) return;
    claim(presence);
    const { epoch, id } = presence;
    const inherited = served?.epoch === epoch ? undefined : served?.base;
    serving = createSurvey({ ...options, place: join(folder(), epoch), epoch, id, inherited });
    served = undefined;
    await serving.survey();
    // Nobody waits for it, and what it could not do the next one does.
    if (!swept) sweep(options, Date.now()).catch(() => undefined);
    swept = true;
  };

  const share = async (): Promise<void> => {
    try {
      await serve();
    } catch (failure) {
      log.once(
        'group.serve',
        'warn',
        `only the metrics of this process are served: its group cannot use ${folder()}: ${describe(failure)}`,
      );
    }
  };

  const trySharing = joined(() => share().finally(stopIfEnded));

  const isJoinable = (owner: Owner | undefined): owner is Owner =>
    owner?.service === service && owner.format === FORMAT;

  const memberOf = async (owner: Owner): Promise<Role> => {
    const same = endpoint.host === owner.endpoint.host;
    const reached = same || covers(owner.address, await ownership.address());
    return { role: 'member', owner, reached };
  };

  /** Before this returns, for what is recorded next may be followed by anything. */
  const joinAtOnce = (): Owner | undefined => {
    const owner = ownership.livingAtOnce();
    if (owner === undefined || own.enterAtOnce(join(directory, owner.group), owner.epoch) === undefined)
      return undefined;
    group = owner.group;
    own.note(true);
    return owner;
  };

  const attempt = async (): Promise<Role> => {
    // Bound between two attempts of `join`, when the process that served went away.
    if (bound) return { role: 'serving' };
    const early = own.presence === undefined && !bound ? guard('group', joinAtOnce)() : undefined;
    if (early !== undefined) {
      await ownership.announce(early);
      await own.refresh();
      // It may have ended meanwhile, before it knew of this one.
      if ((await ownership.living())?.id === early.id) return memberOf(early);
    }
    const failed = mayBind && !taking.isTaken() ? await bind() : TAKEN;
    // Released meanwhile.
    const error = mayBind ? failed : TAKEN;
    if (error === undefined) {
      bound = true;
      unwatch ??= taking.watch(yieldPort);
      await trySharing();
      yieldPort();
      return { role: 'serving' };
    }
    if (error.code !== 'EADDRINUSE') return { role: 'outsider', owner: undefined, error };
    const owner = await ownership.living();
    if (!isJoinable(owner)) return { role: 'outsider', owner, error };
    try {
      if (own.presence?.epoch !== owner.epoch || !own.presence.intact()) {
        group = owner.group;
        await own.enter(folder(), owner.epoch);
        await ownership.announce(owner);
      }
      await own.refresh();
      return memberOf(owner);
    } catch (failure) {
      return { role: 'outsider', owner, error: failure as NodeJS.ErrnoException };
    }
  };

  /** The port has been bound by nobody knows whom yet, or its owner has ended while this process joined it. */
  const isPassing = (outcome: Role): boolean =>
    outcome.role === 'outsider' &&
    (outcome.owner === undefined ? outcome.error.code === 'EADDRINUSE' : isJoinable(outcome.owner));

  const seek = joined(() => attempt().finally(stopIfEnded));

  const fail = guard('group', (error: unknown): void => {
    throw error;
  });

  const seekAgain = (): void => {
    if (bound || ended) return;
    // Whoever began it says what came of it.
    const begins = !seek.running;
    seek().then((outcome) => {
      if (begins && outcome.role === 'serving')
        log.info(`serves the metrics of all processes of ${service} from now on`);
      if (outcome.role !== 'outsider' || outcome.error.code === 'EADDRINUSE') return;
      log.once(
        'group.bind',
        'error',
        `cannot serve the metrics of ${service} in place of the process that has ended: ${describe(outcome.error)}`,
      );
    }, fail);
  };

  const promptness = createPromptness({ write: own.note, now: () => performance.now() });

  const refresh = async (): Promise<void> => {
    await own.refresh(false);
    promptness.written();
  };

  const tick = async (): Promise<void> => {
    yieldPort();
    if (bound) {
      const { presence } = own;
      if (!presence?.intact()) await trySharing();
      else {
        if (!ownership.isClaimed(presence)) claim(presence);
        await serving?.survey();
      }
      if (serving !== undefined && serving.others > 0) await refresh();
    } else {
      if (own.presence !== undefined) await refresh();
      if (!own.presence?.served) seekAgain();
    }
  };

  const stopIfEnded = (): void => {
    if (ended) stop();
  };

  const stop = guard('group', (): void => {
    clearInterval(timer);
    promptness.stop();
    unwatch?.();
    serving?.close();
    serving = undefined;
    own.leave();
    own.removeFolders();
  });

  const start = (): void => {
    timer ??= setInterval(() => {
      if (ticking || seek.running) return;
      ticking = true;
      tick()
        .catch(fail)
        .finally(() => {
          ticking = false;
        });
    }, INTERVAL).unref();
  };

  return {
    async join() {
      const until = performance.now() + PASSING_MILLIS;
      for (;;) {
        const outcome = await seek();
        const ours = outcome.role !== 'outsider' || outcome.owner?.service === service;
        if (ours && !ended) start();
        if (!isPassing(outcome) || ended || performance.now() > until) return outcome;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MILLIS).unref());
      }
    },
    canJoinAtOnce: () => own.presence === undefined && ownership.livingAtOnce() !== undefined,
    recorded() {
      if (own.presence === undefined || serving?.others === 0) return;
      if (exiting) own.note(false);
      else promptness.recorded();
    },
    async isAlone() {
      if (serving === undefined) return bound;
      await serving.survey();
      return serving.others === 0 && serving.base.retired === 0;
    },
    async total() {
      // Handed over, and lives on.
      if (bound && !ended && own.presence === undefined) await trySharing();
      if (serving !== undefined) return serving.total(() => own.refresh());
      const source = {
        state: await own.refresh(),
        living: true,
        process: processOf(own.presence?.id ?? `${process.pid}-${threadId}`),
      };
      return { state: await inSlices(merge([source], { aggregationOf })), members: 1, fresh: 1, retired: 0 };
    },
    get epoch() {
      return own.presence?.epoch;
    },
    async flush() {
      try {
        await flush();
      } catch (error) {
        fail(error);
      }
    },
    release() {
      mayBind = false;
      stopServing();
    },
    handOver: () => void guard('group', own.leave)(),
    exit: guard('group', () => {
      own.exit();
      exiting = true;
      // It was no end: 'exit' may be emitted by anybody.
      setTimeout(() => {
        exiting = false;
        if (!ended) own.leave();
      }, RETRY_MILLIS).unref();
    }),
    leave() {
      ended = true;
      stop();
    },
  };
}
