import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { MetricData, ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type { GaugeAggregation } from '../config/types.ts';
import type { Guard } from '../guest/guard.ts';
import type { Log } from '../guest/log.ts';
import { joined } from '../guest/one-at-a-time.ts';
import { describe } from '../guest/text.ts';
import { isMomentary } from '../metric-data/kind.ts';
import { removeEmpty } from './members/directory.ts';
import { FORMAT, hash } from './members/group-name.ts';
import { isAlive } from './members/peer.ts';
import { enterEpoch, type Presence } from './members/presence.ts';
import { createSurvey, processOf, type Survey } from './members/survey.ts';
import type { FileSystem } from './state/files.ts';
import { merge } from './state/merge.ts';
import { atOnce, inSlices } from './state/slices.ts';
import type { State } from './state/state.ts';
import { createAttributesFor, metricsOf } from './state/to-metrics.ts';
import { createStateWriter } from './state/writer.ts';

export interface SharedGaugesOptions {
  readonly fs: FileSystem;
  readonly process: Pick<NodeJS.Process, 'pid'>;
  /** 0 in the main thread. */
  readonly threadId: number;
  /** Finds, or makes, the private folder of all groups; nothing where there is none: each process is then by itself. */
  readonly findDirectory: () => string | undefined;
  /** Equal in all processes whose gauges would overwrite one another where they are sent. */
  readonly destination: readonly string[];
  /** How often each process shares its gauges. */
  readonly intervalMillis: number;
  readonly aggregationOf: (gauge: string) => GaugeAggregation;
  readonly guard: Guard;
  readonly log: Log;
  /** Milliseconds that never go back; those of the process by default. */
  readonly now?: () => number;
}

/**
 * Gauges and up-down counters of all processes and worker threads of one host that send them to one place. Each keeps
 * its own in files, and the one that has been there longest sends what they come to, since their values, sent one after
 * the other, would overwrite one another. What may be sent twice needs no vote: each looks for itself whether somebody
 * who came before it lives.
 */
export interface SharedGauges {
  /** Lets the others know of this process. Never rejects. */
  join(): Promise<void>;
  /**
   * What this process is to send of what it has collected: its counters and histograms, and gauges and up-down counters
   * of all processes if it sends for them. What the others have is at most one interval of theirs old. Never rejects.
   */
  share(metrics: ResourceMetrics): Promise<ResourceMetrics>;
  /** This process is about to end: its gauges count no more. One that lives on comes back when it shares again. */
  handOver(): void;
  /** Ends this process' part for good. */
  leave(): void;
}

const PROBE_MILLIS = 250;
/** The least that is waited for the one who sends, for an interval may be short. */
const PATIENCE_MILLIS = 2000;

/** This process among those that send to one place. */
interface Member {
  readonly presence: Presence;
  /** The private folder of all groups, and in it that of this one. */
  readonly directory: string;
  readonly place: string;
  /** When somebody has last sent for this process, too. */
  askedAt: number;
  /** While this process sends for all. */
  serving: Survey | undefined;
}

export function createSharedGauges(options: SharedGaugesOptions): SharedGauges {
  const { fs, process, threadId, aggregationOf, guard, log } = options;
  const { now = () => performance.now() } = options;
  const group = hash([FORMAT, ...options.destination]);
  const patience = Math.max(2 * options.intervalMillis, PATIENCE_MILLIS);
  const writer = createStateWriter();
  const attributesFor = createAttributesFor();
  let member: Member | undefined;
  let ended = false;

  const enter = async (): Promise<void> => {
    if (ended || member?.presence.intact()) return;
    leaveGroup();
    const directory = options.findDirectory();
    if (directory === undefined) return;
    const place = join(directory, group);
    fs.mkdirSync(place, { recursive: true, mode: 0o700 });
    const id = `${process.pid}-${threadId}-${Date.now().toString(36)}${randomBytes(4).toString('hex')}`;
    const presence = await enterEpoch({
      fs,
      guard,
      folder: directory,
      epoch: group,
      id,
      // The folder keeps strangers out; this only tells who comes by mistake.
      secret: id,
      onFlush: async () => {
        entered.askedAt = now();
      },
      onServerGone: () => {},
    });
    const entered: Member = { presence, directory, place, askedAt: now(), serving: undefined };
    member = entered;
    if (ended) leaveGroup();
  };

  const leaveGroup = (): void => {
    if (member === undefined) return;
    const { presence, directory, serving } = member;
    member = undefined;
    serving?.close();
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
          'what could be written before is sent, and it is tried again at every interval',
      );
    }
  };

  /** False while somebody who came before this process lives, and asks it, as who sends for all does. */
  const sendsForAll = async ({ presence, place, askedAt }: Member): Promise<boolean> => {
    if (now() - askedAt > patience) return true;
    const own = since(`${presence.id}.sock`);
    const earlier = fs.readdirSync(place).filter((name) => name.endsWith('.sock') && since(name) < own);
    for (const name of earlier.sort((a, b) => (since(a) < since(b) ? -1 : 1))) {
      if (await isAlive(join(place, name), PROBE_MILLIS)) return false;
    }
    return true;
  };

  const alone = (): Promise<State> => {
    const source = { state: writer.state, living: true, process: processOf(`${process.pid}-${threadId}`) };
    return inSlices(merge([source], { aggregationOf }));
  };

  /** What is to be sent; nothing if somebody else sends it. */
  const gather = async (): Promise<State | undefined> => {
    await stay();
    const own = member;
    if (own === undefined) return alone();
    if (!(await sendsForAll(own))) {
      own.serving?.close();
      own.serving = undefined;
      write(own);
      return undefined;
    }
    const { place, presence } = own;
    const secretOf = (id: string): string => id;
    const serving =
      own.serving ??
      createSurvey({ ...options, place, epoch: group, id: presence.id, secretOf, momentary: true });
    if (member === own) own.serving = serving;
    const total = await serving.total(async () => {
      if (serving.others > 0) write(own);
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

/** When a member came: the last part of its id starts with the time. */
function since(name: string): string {
  return name.slice(name.lastIndexOf('-') + 1);
}

function only(metrics: ResourceMetrics, wanted: (metric: MetricData) => boolean): ResourceMetrics {
  const scopeMetrics = metrics.scopeMetrics.map(({ scope, metrics: all }) => ({
    scope,
    metrics: all.filter(wanted),
  }));
  return { ...metrics, scopeMetrics };
}
