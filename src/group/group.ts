import { inTime } from '../guest/deadline.ts';
import { joined } from '../guest/one-at-a-time.ts';
import { inSlices } from '../guest/slices.ts';
import { describe } from '../guest/text.ts';
import { ofAll, ofOne } from './collected.ts';
import { createEndings } from './endings.ts';
import { createGroupFolder, FORMAT, hash } from './members/group-name.ts';
import { createMembership } from './members/membership.ts';
import { createOwnMetrics } from './members/own-metrics.ts';
import { createPromptness } from './members/promptness.ts';
import { processOf, type Total } from './members/survey.ts';
import { placeOf } from './port/address.ts';
import { createJoining } from './port/joining.ts';
import { createOwnership } from './port/ownership.ts';
import { createServing } from './port/serving.ts';
import { createTaking } from './port/taking.ts';
import { merge } from './state/merge.ts';
import { createAttributesFor } from './state/to-metrics.ts';
import type { Group, GroupOptions, GroupTimes, Role } from './types.ts';

const TIMES: GroupTimes = { tick: 1000, settle: 2000, retry: 100 };
/** Milliseconds that a flush may take; less than a scrape waits for a member. */
const PATIENCE_MILLIS = 100;
const TAKEN: NodeJS.ErrnoException = Object.assign(new Error('the app has taken the port'), {
  code: 'EADDRINUSE',
});

/**
 * A process seeks a role until it has left for good:
 *
 *     seek ── it binds the port ───────────────> owner      looks after the members at each tick
 *       │                                          └─ an app takes the port ──────────────────────> seek
 *       ├── the port's owner can be joined ────> member     writes its state at each tick
 *       │                                          └─ the owner has gone, or is not seen at a tick > seek
 *       └── neither ───────────────────────────> outsider   at each tick, if it is the same service > seek
 *
 * It does not bind a port that an app has taken. A process that hands over leaves the epoch, and enters it again if it
 * lives on.
 */
export function createGroup(options: GroupOptions): Group {
  const { host, directory, service, endpoint, labels, guard, log } = options;
  const { fs, process, threadId } = host;
  const times = { ...TIMES, ...options.times };
  const endings = createEndings(options.seriesTtlMillis, () => Date.now() / 1000);
  const place = { network: host.network, host: endpoint.host, port: endpoint.port };
  const folder = createGroupFolder(directory, hash([FORMAT, service, placeOf(place)]));
  const attributesFor = createAttributesFor();
  let timer: NodeJS.Timeout | undefined;
  let mayBind = true;
  let ended = false;
  let ticking = false;
  let exiting = false;

  const flush = async (): Promise<void> => {
    await serving.survey?.look();
    if (serving.survey?.others !== 0) await own.refresh();
  };

  /** The app's callbacks may take longer than a scrape waits: everything else is then brought up to date without them. */
  const flushInTime = async (): Promise<boolean> => {
    if (!(await inTime(flush(), PATIENCE_MILLIS))) await own.refresh(false);
    return own.isWritten;
  };

  const stop = guard('group', (): void => {
    clearInterval(timer);
    promptness.stop();
    serving.close();
    own.leave();
    own.removeFolders();
  });

  const stopIfEnded = (): void => {
    if (ended) stop();
  };

  const metrics = createOwnMetrics(options);
  const taking = createTaking({ host, directory, place });
  const ownership = createOwnership({ host, guard, directory, place, service });
  const own = createMembership({
    fs,
    guard,
    log,
    pid: process.pid,
    threadId,
    labels,
    metrics,
    hasFellows: () => serving.survey?.others !== 0,
    seriesEnd: endings !== undefined,
    mostEnded: options.mostEnded,
    onFlush: flushInTime,
    // Not all members at the same moment.
    onOwnerGone: () => void setTimeout(seekAgain, Math.random() * 20).unref(),
    onEpochOver: (epoch) => ownership.giveUp({ epoch }),
  });
  const promptness = createPromptness({ write: own.note, now: () => performance.now() });
  const joining = createJoining({ guard, directory, folder, place, own, ownership });
  const serving = createServing({
    ...options,
    folder,
    own,
    ownership,
    taking,
    unbind: () => endpoint.unbind(),
    endedBefore: endings && (() => endings.before),
    onSettled: stopIfEnded,
  });

  const attempt = async (): Promise<Role> => {
    // Bound between two attempts of `join`, when the owner ended.
    if (serving.bound) return { role: 'owner' };
    const early = await joining.atOnce();
    if (early !== undefined) return early;
    const failed = mayBind && !taking.isTaken() ? await endpoint.bind() : TAKEN;
    // The app may have taken the port meanwhile.
    const error = mayBind ? failed : TAKEN;
    if (error === undefined) {
      await serving.begin();
      return { role: 'owner' };
    }
    if (error.code !== 'EADDRINUSE') return { role: 'outsider', owner: undefined, error };
    return joining.join(error);
  };

  const seek = joined(() => attempt().finally(stopIfEnded));

  const fail = guard('group', (error: unknown): void => {
    throw error;
  });

  const seekAgain = (): void => {
    if (serving.bound || ended) return;
    // Whoever began to seek reports what came of it.
    const begins = !seek.running;
    seek().then((found) => {
      if (begins && found.role === 'owner')
        log.info(`serves the metrics of all processes of ${service} from now on`);
      if (found.role !== 'outsider' || found.error.code === 'EADDRINUSE') return;
      log.once(
        'group.bind',
        'error',
        `cannot serve the metrics of ${service} in place of the process that has ended: ${describe(found.error)}`,
      );
    }, fail);
  };

  const refresh = async (): Promise<void> => {
    await own.refresh(false);
    promptness.written();
  };

  const tick = async (): Promise<void> => {
    serving.yieldPort();
    if (serving.bound) {
      await serving.tick();
      if (serving.survey !== undefined && serving.survey.others > 0) await refresh();
      await serving.renew();
    } else {
      if (own.presence !== undefined) await refresh();
      await serving.renew();
      if (!own.presence?.served) seekAgain();
    }
  };

  const start = (): void => {
    timer ??= setInterval(() => {
      if (ticking || seek.running) return;
      ticking = true;
      tick()
        .catch(fail)
        .finally(() => {
          ticking = false;
        });
    }, times.tick).unref();
  };

  const total = async (): Promise<Total> => {
    // It has handed over and lives on.
    if (serving.bound && !ended && own.presence === undefined) await serving.resume();
    if (serving.survey !== undefined) return serving.survey.total(() => own.refresh());
    const source = {
      state: await own.refresh(),
      living: true,
      process: processOf(own.presence?.id ?? `${process.pid}-${threadId}`),
    };
    return {
      state: await inSlices(merge([source], { aggregationOf: options.aggregationOf })),
      members: 1,
      fresh: 1,
      retired: 0,
    };
  };

  /** Whether there is and has been no other member, so that this process' own metrics are those of the group. */
  const isAlone = async (): Promise<boolean> => {
    const { survey, bound } = serving;
    if (survey === undefined) return bound;
    await survey.look();
    const { retired, state } = survey.retired;
    return survey.others === 0 && retired === 0 && state.metrics.length === 0;
  };

  return {
    async join() {
      const until = performance.now() + times.settle;
      for (;;) {
        const found = await seek();
        const ours = found.role !== 'outsider' || found.owner?.service === service;
        if (ours && !ended) start();
        if (!joining.isTransient(found) || ended || performance.now() > until) return found;
        await new Promise((resolve) => setTimeout(resolve, times.retry).unref());
      }
    },
    canJoinAtOnce: () => own.presence === undefined && ownership.livingAtOnce() !== undefined,
    recorded() {
      if (own.presence === undefined || serving.survey?.others === 0) return;
      if (exiting) own.note(false);
      else promptness.recorded();
    },
    async collect() {
      if (!options.perProcess && (await isAlone()))
        return ofOne(await metrics.collect(), labels, own.presence?.epoch);
      const end = endings?.begin();
      const all = await total();
      const state = end === undefined ? all.state : end(all.state);
      return ofAll({ ...all, state }, attributesFor, own.presence?.epoch);
    },
    async flush() {
      try {
        await flush();
      } catch (error) {
        fail(error);
      }
    },
    take: taking.take,
    release() {
      mayBind = false;
      serving.end();
    },
    handOver: () => void guard('group', own.leave)(),
    exit: guard('group', () => {
      own.exit();
      exiting = true;
      // The process may live on: anybody can emit 'exit'.
      setTimeout(() => {
        exiting = false;
        if (!ended) own.leave();
      }, times.retry).unref();
    }),
    leave() {
      ended = true;
      stop();
    },
  };
}
