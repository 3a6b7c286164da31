import { join } from 'node:path';
import type { MetricData, ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { joined } from '../guest/one-at-a-time.ts';
import { atOnce, inSlices } from '../guest/slices.ts';
import { describe } from '../guest/text.ts';
import { isMomentary } from '../metric-data/kind.ts';
import { logNotShared } from './host.ts';
import { removeEmpty } from './members/directory.ts';
import { FORMAT, hash } from './members/group-name.ts';
import { enterEpoch, type Presence } from './members/presence.ts';
import { hasElder, newId } from './members/seniority.ts';
import { createSurvey, processOf, type Survey } from './members/survey.ts';
import { merge } from './state/merge.ts';
import type { State } from './state/state.ts';
import { createAttributesFor, metricsOf } from './state/to-metrics.ts';
import { createStateWriter } from './state/writer.ts';
import type { SharedGauges, SharedGaugesOptions } from './types.ts';

/** The least time to wait for the sender, because an interval may be short. */
const PATIENCE_MILLIS = 2000;

/** This process among the members that send to one place. */
interface Member {
  readonly presence: Presence;
  /** The private folder of all groups, and in it that of this group. */
  readonly directory: string;
  readonly place: string;
  /** When another member last asked for this process' gauges to send them. */
  askedAt: number;
  /** While this process sends for all. */
  survey: Survey | undefined;
}

/** This group has no epochs: its folder is removed with the last member, and what is in it describes a moment. */
export function createSharedGauges(options: SharedGaugesOptions): SharedGauges {
  const { host, aggregationOf, guard, log, now = () => performance.now() } = options;
  const { fs, process, threadId } = host;
  const group = hash([FORMAT, ...options.destination]);
  const patience = Math.max(2 * options.intervalMillis, PATIENCE_MILLIS);
  const writer = createStateWriter({ seriesEnd: options.seriesEnd });
  const attributesFor = createAttributesFor();
  let member: Member | undefined;
  let ended = false;

  const enter = async (): Promise<void> => {
    if (ended || member?.presence.intact()) return;
    leaveGroup();
    const found = host.findDirectory();
    if ('problem' in found) {
      logNotShared(log, found.problem);
      return;
    }
    const { path: directory } = found;
    const place = join(directory, group);
    fs.mkdirSync(place, { recursive: true, mode: 0o700 });
    const id = newId(host);
    const presence = await enterEpoch({
      fs,
      guard,
      folder: directory,
      epoch: group,
      id,
      // The folder keeps strangers out; this only shows who connects by mistake.
      secret: id,
      onFlush: async () => {
        entered.askedAt = now();
      },
      onOwnerGone: () => {},
    });
    const entered: Member = { presence, directory, place, askedAt: now(), survey: undefined };
    member = entered;
    if (ended) leaveGroup();
  };

  const leaveGroup = (): void => {
    if (member === undefined) return;
    const { presence, directory, survey } = member;
    member = undefined;
    survey?.close();
    try {
      presence.leave(writer);
    } finally {
      removeEmpty(fs, directory);
    }
  };

  const stay = joined(enter);

  const write = (own: Member): void => {
    // It may have left meanwhile.
    if (member !== own) return;
    try {
      own.presence.write(writer);
    } catch (error) {
      log.once(
        'gauges.write',
        'error',
        `gauges of this process cannot be written to ${own.place}: ${describe(error)}; ` +
          'what could be written before is sent, and writing is tried again at every interval',
      );
    }
  };

  /** Whether no older member lives, or none has asked this process for long, as the one that sends for all does. */
  const sendsForAll = async ({ presence, place, askedAt }: Member): Promise<boolean> =>
    now() - askedAt > patience || !(await hasElder(fs, place, presence.id));

  const alone = (): Promise<State> => {
    const source = { state: writer.state, living: true, process: processOf(`${process.pid}-${threadId}`) };
    return inSlices(merge([source], { aggregationOf }));
  };

  /** What is to be sent; undefined if another member sends it. */
  const gather = async (): Promise<State | undefined> => {
    await stay();
    const own = member;
    if (own === undefined) return alone();
    if (!(await sendsForAll(own))) {
      own.survey?.close();
      own.survey = undefined;
      write(own);
      return undefined;
    }
    const { place, presence } = own;
    const secretOf = (id: string): string => id;
    const survey =
      own.survey ??
      createSurvey({
        ...options,
        fs,
        place,
        epoch: group,
        id: () => presence.id,
        secretOf,
        momentary: true,
      });
    if (member === own) own.survey = survey;
    const total = await survey.total(async () => {
      if (survey.others > 0) write(own);
      return writer.state;
    });
    return total.state;
  };

  const failed = (error: unknown): void =>
    log.once(
      'gauges.group',
      'warn',
      `gauges of this process may overwrite those of others: their group cannot be used: ${describe(error)}`,
    );

  return {
    join: () => stay().catch(failed),
    async share(metrics) {
      atOnce(writer.update(only(metrics, isMomentary), Date.now() / 1000));
      if (writer.isCrowded(options.mostEnded)) {
        // It comes back at once, with what it has now.
        guard('group', leaveGroup)();
        writer.rebase();
      }
      const own = only(metrics, (metric) => !isMomentary(metric));
      const state = await gather().catch((error) => {
        failed(error);
        return alone();
      });
      if (state === undefined) return own;
      const gauges = await inSlices(metricsOf(state, attributesFor));
      return { ...own, scopeMetrics: [...own.scopeMetrics, ...gauges] };
    },
    handOver: () => void guard('group', leaveGroup)(),
    leave() {
      ended = true;
      guard('group', leaveGroup)();
    },
  };
}

function only(metrics: ResourceMetrics, wanted: (metric: MetricData) => boolean): ResourceMetrics {
  const scopeMetrics = metrics.scopeMetrics.map(({ scope, metrics: all }) => ({
    scope,
    metrics: all.filter(wanted),
  }));
  return { ...metrics, scopeMetrics };
}
