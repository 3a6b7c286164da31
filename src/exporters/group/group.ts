import { randomBytes } from 'node:crypto';
import { dirname, join } from 'node:path';
import type { GaugeAggregation } from '../../config.ts';
import { describe, type Guard } from '../../guard.ts';
import type { Log } from '../../log.ts';
import { currentEpoch } from './epochs.ts';
import type { FileSystem } from './files.ts';
import { type Holder, readHolder, socketOf, writeHolder } from './holder.ts';
import { FORMAT, hash } from './meeting-place.ts';
import { merge } from './merge.ts';
import { connectPeer, isAlive } from './peer.ts';
import { enterEpoch, type Presence } from './presence.ts';
import { createServing, processOf, type Serving, type Total } from './serving.ts';
import { inSlices } from './slices.ts';
import type { State } from './state.ts';
import { createStateWriter, type StateWriter } from './state-writer.ts';
import { sweep } from './sweep.ts';

export interface GroupOptions {
  readonly fs: FileSystem;
  readonly process: Pick<NodeJS.Process, 'pid'>;
  /** 0 in the main thread. */
  readonly threadId: number;
  /** The private folder of all groups. */
  readonly directory: string;
  /** Makes that folder if need be, and throws when it is not there, or no longer private. */
  readonly checkDirectory: () => void;
  readonly service: string;
  /** What tells one endpoint from another, as text: network, host and port. */
  readonly endpoint: string;
  /** Tries to bind the endpoint: nothing when it is bound, else the system's error. Never rejects. */
  readonly bind: () => Promise<NodeJS.ErrnoException | undefined>;
  /** Takes over this process' metrics as they are now; `asked` unless it is only to keep the files up to date. */
  readonly update: (writer: StateWriter, asked: boolean) => Promise<void>;
  readonly aggregationOf: (gauge: string) => GaugeAggregation;
  /** Series of a metric that the dead may leave. */
  readonly limit: number;
  readonly guard: Guard;
  readonly log: Log;
}

export type Role =
  | { readonly role: 'serving' }
  | { readonly role: 'member'; readonly holder: Holder }
  /** Whose the endpoint is instead, if that is known; it will be tried again where it is the same service's. */
  | {
      readonly role: 'outsider';
      readonly holder: Holder | undefined;
      readonly error: NodeJS.ErrnoException;
    };

/**
 * The processes and worker threads of one service on one host that share an endpoint. Whoever binds the endpoint
 * serves all of them, and when it ends another one does, with every total intact.
 */
export interface Group {
  /** Never rejects. */
  join(): Promise<Role>;
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
  /** Ends this process' part for good. */
  leave(): void;
}

/** Milliseconds between two times that a member writes its state, and the serving process looks who is there. */
const INTERVAL = 1000;
/** How long what may pass is waited for. */
const PASSING_MILLIS = 2000;
const RETRY_MILLIS = 100;
const PROBE_MILLIS = 500;
const ANNOUNCE_MILLIS = 250;
const TAKEN: NodeJS.ErrnoException = Object.assign(new Error('the app has taken the port'), {
  code: 'EADDRINUSE',
});

export function createGroup(options: GroupOptions): Group {
  const { fs, process, threadId, directory, service, endpoint, bind, update, aggregationOf, guard, log } =
    options;
  const group = hash([FORMAT, service, endpoint]);
  const folder = join(directory, group);
  const holderFile = join(directory, `${hash([endpoint])}.json`);
  const writer = createStateWriter();
  let presence: Presence | undefined;
  let serving: Serving | undefined;
  /** What was served last, for an epoch that begins because somebody has removed the one before. */
  let served: Pick<Serving, 'epoch' | 'base'> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let mayBind = true;
  let bound = false;
  let ended = false;
  let seeking: Promise<Role> | undefined;
  let sharing: Promise<void> | undefined;
  let ticking = false;
  let swept = false;

  /** Brings the state, and the files if others may read them, up to date. */
  const refresh = async (asked = true): Promise<State> => {
    await update(writer, asked);
    if (presence !== undefined && (serving === undefined || serving.others > 0)) {
      try {
        presence.write(writer);
      } catch (error) {
        log.once(
          'group.write',
          'error',
          `metrics of this process cannot be written to ${folder}: ${describe(error)}; ` +
            'what could be written before is served, and it is tried again every second',
        );
      }
    }
    return writer.state;
  };

  const flush = async (): Promise<void> => {
    await serving?.survey();
    if (serving?.others !== 0) await refresh();
  };

  const leaveEpoch = (): void => {
    if (presence === undefined) return;
    const left = presence;
    presence = undefined;
    let counted = true;
    try {
      counted = left.leave(writer);
    } finally {
      if (counted) writer.rebase();
      if (!fs.existsSync(join(folder, left.epoch))) removeEmpty(left.epoch);
    }
  };

  /** The last one takes the folders away. */
  const removeEmpty = (epoch: string): void => {
    try {
      if (readHolder(fs, holderFile)?.epoch === epoch) fs.rmSync(holderFile, { force: true });
      fs.rmdirSync(folder);
      fs.rmdirSync(dirname(folder));
    } catch {
      // Somebody else has something in it.
    }
  };

  const enter = async (epoch: string): Promise<Presence> => {
    leaveEpoch();
    presence = await enterEpoch({
      fs,
      guard,
      folder,
      epoch,
      id: `${process.pid}-${threadId}-${randomBytes(4).toString('hex')}`,
      onFlush: flush,
      // Not all at once.
      onServerGone: () => void setTimeout(seekAgain, Math.random() * 20).unref(),
    });
    return presence;
  };

  const serve = async (): Promise<void> => {
    served = serving ?? served;
    serving?.close();
    serving = undefined;
    if (!presence?.intact()) {
      leaveEpoch();
      options.checkDirectory();
    }
    const { epoch, id } = presence ?? (await enter(await currentEpoch(fs, folder)));
    if (!bound) return;
    writeHolder(fs, holderFile, { service, group, epoch, id, pid: process.pid });
    const inherited = served?.epoch === epoch ? undefined : served?.base;
    serving = createServing({ ...options, place: join(folder, epoch), epoch, id, inherited });
    served = undefined;
    await serving.survey();
    // Nobody waits for it, and what it could not do the next one does.
    if (!swept) sweep(fs, directory, Date.now()).catch(() => undefined);
    swept = true;
  };

  const livingHolder = async (): Promise<Holder | undefined> => {
    const holder = readHolder(fs, holderFile);
    if (holder === undefined) return undefined;
    return (await isAlive(socketOf(directory, holder), PROBE_MILLIS)) ? holder : undefined;
  };

  const share = async (): Promise<void> => {
    try {
      await serve();
    } catch (failure) {
      log.once(
        'group.serve',
        'warn',
        `only the metrics of this process are served: its group cannot use ${folder}: ${describe(failure)}`,
      );
    }
  };

  /** One at a time. */
  const trySharing = (): Promise<void> => {
    sharing ??= share().finally(() => {
      sharing = undefined;
      if (ended) stop();
    });
    return sharing;
  };

  /** What the serving process has counted alone is in no file yet, and would end with it. */
  const announce = async (holder: Holder): Promise<void> => {
    const peer = connectPeer({
      path: socketOf(directory, holder),
      secret: holder.epoch,
      guard,
      onClose: () => {},
    });
    await peer.flush(ANNOUNCE_MILLIS);
    peer.close();
  };

  const attempt = async (): Promise<Role> => {
    const failed = mayBind ? await bind() : TAKEN;
    // Released meanwhile.
    const error = mayBind ? failed : TAKEN;
    if (error === undefined) {
      bound = true;
      await trySharing();
      return { role: 'serving' };
    }
    if (error.code !== 'EADDRINUSE') return { role: 'outsider', holder: undefined, error };
    const holder = await livingHolder();
    if (holder?.group !== group) return { role: 'outsider', holder, error };
    try {
      if (presence?.epoch !== holder.epoch || !presence.intact()) {
        await enter(holder.epoch);
        await announce(holder);
      }
      await refresh();
      return { role: 'member', holder };
    } catch (failure) {
      return { role: 'outsider', holder, error: failure as NodeJS.ErrnoException };
    }
  };

  /** The port has been bound by nobody knows whom yet, or its holder has ended while this process joined it. */
  const isPassing = (outcome: Role): boolean =>
    outcome.role === 'outsider' &&
    (outcome.holder === undefined ? outcome.error.code === 'EADDRINUSE' : outcome.holder.group === group);

  /** One attempt at a time. */
  const seek = (): Promise<Role> => {
    seeking ??= attempt().finally(() => {
      seeking = undefined;
      if (ended) stop();
    });
    return seeking;
  };

  const fail = guard('group', (error: unknown): void => {
    throw error;
  });

  const seekAgain = (): void => {
    if (bound || ended) return;
    seek().then((outcome) => {
      if (outcome.role === 'serving')
        log.info(`serves the metrics of all processes of ${service} from now on`);
    }, fail);
  };

  const tick = async (): Promise<void> => {
    if (bound) {
      if (!presence?.intact() || readHolder(fs, holderFile)?.id !== presence.id) await trySharing();
      else await serving?.survey();
      if (serving !== undefined && serving.others > 0) await refresh(false);
    } else {
      if (presence !== undefined) await refresh(false);
      if (!presence?.served) seekAgain();
    }
  };

  const stop = guard('group', (): void => {
    clearInterval(timer);
    serving?.close();
    serving = undefined;
    leaveEpoch();
  });

  const start = (): void => {
    timer ??= setInterval(() => {
      if (ticking || seeking !== undefined) return;
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
        const ours = outcome.role !== 'outsider' || outcome.holder?.service === service;
        if (ours && !ended) start();
        if (!isPassing(outcome) || ended || performance.now() > until) return outcome;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MILLIS).unref());
      }
    },
    async isAlone() {
      if (serving === undefined) return bound;
      await serving.survey();
      return serving.others === 0 && serving.base.retired === 0;
    },
    async total() {
      // Handed over, and lives on.
      if (bound && !ended && presence === undefined) await trySharing();
      if (serving !== undefined) return serving.total(() => refresh());
      const source = {
        state: await refresh(),
        living: true,
        process: processOf(presence?.id ?? `${process.pid}-${threadId}`),
      };
      return { state: await inSlices(merge([source], { aggregationOf })), members: 1, fresh: 1, retired: 0 };
    },
    get epoch() {
      return presence?.epoch;
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
      bound = false;
      serving?.close();
      serving = undefined;
      if (readHolder(fs, holderFile)?.id === presence?.id) fs.rmSync(holderFile, { force: true });
    },
    handOver: () => void guard('group', leaveEpoch)(),
    leave() {
      ended = true;
      stop();
    },
  };
}
