import type { Attributes } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type { Group } from '../../group/group.ts';
import { groupMetrics } from '../../group/group-metrics.ts';
import { instanceId } from '../../group/instance-id.ts';
import { describeProcess, takeDescription } from '../../group/state/description.ts';
import { inSlices } from '../../group/state/slices.ts';
import { createAttributesFor, metricsOf } from '../../group/state/to-metrics.ts';
import type { StateWriter } from '../../group/state/writer.ts';
import { coalesced, createQueue } from '../../guest/one-at-a-time.ts';
import type { Labels } from '../../metric-data/labels.ts';
import type { ExporterContext, PendingReader } from '../exporter.ts';
import type { Collect, Served } from './collect.ts';

export interface GroupCollect {
  /** Takes over what this process collects; `asked` if it is for a scrape or the end of the process. */
  update(writer: StateWriter, asked: boolean): Promise<void>;
  /**
   * Takes over at once what synchronous instruments have recorded; if not `all`, since it was last collected.
   *
   * @returns how many series it has looked at; undefined where that cannot be known
   */
  note(writer: StateWriter, all: boolean): number | undefined;
  /** Collects what a scrape serves for a whole group. */
  of(group: Group): () => Promise<Served>;
}

/** What can be read at once, and how many collections have begun and are not over: they have taken out what they read. */
export interface Pending extends PendingReader {
  readonly started: number;
  readonly running: number;
}

const NOTHING: Pending = { read: () => undefined, started: 0, running: 0 };
const INSTANCE = 'service.instance.id';

export function createGroupCollect(
  once: Collect,
  { config, inBackground }: ExporterContext,
  pending: Pending = NOTHING,
): GroupCollect {
  let started = 0;
  /** The number of the collection that was taken over last. */
  let taken = 0;
  /** Collections that had begun when everything had been taken over that they have read. */
  let covered = 0;
  /** What has been noted while collections were under way, which may have less. */
  let noted = 0;
  const inTurn = createQueue();
  const numbered = async () => {
    started += 1;
    const number = started;
    const collecting = once();
    return { number, begun: pending.started, noted, metrics: await collecting };
  };
  const own = coalesced(numbered);
  const attributesFor = createAttributesFor();
  /** Then a single process has labels of its own, too. */
  const perProcess = config.gauges.some(({ aggregation }) => aggregation === 'process');

  const note = (writer: StateWriter, all: boolean): number | undefined => {
    const { started: begun, running } = pending;
    const scopeMetrics = pending.read(all || running > 0 || begun !== covered);
    if (scopeMetrics === undefined) return undefined;
    writer.note(scopeMetrics, Date.now() / 1000);
    noted += 1;
    if (running === 0) covered = begun;
    return scopeMetrics
      .flatMap(({ metrics }) => metrics)
      .reduce((n, { dataPoints }) => n + dataPoints.length, 0);
  };

  /** The random one is that of a single process. */
  const ownResource = ({ resource }: ResourceMetrics): Attributes => {
    const { [INSTANCE]: _, ...attributes } = resource.attributes;
    return { ...attributes, ...config.resourceAttributes };
  };

  const collect = async (group: Group): Promise<Served> => {
    if (!perProcess && (await group.isAlone())) {
      const { metrics } = await own();
      const scopeMetrics = [groupMetrics({ members: 1, fresh: 1, retired: 0 }), ...metrics.scopeMetrics];
      const resource = resourceOf(ownResource(metrics), group.epoch);
      return { resource, scopeMetrics, labels: config.labels };
    }
    const total = await group.total();
    const { common, state } = takeDescription(total.state);
    const scopeMetrics = await inSlices(metricsOf(state, attributesFor));
    return {
      resource: resourceOf(common.resource, group.epoch),
      scopeMetrics: [groupMetrics(total, common.labels), ...scopeMetrics],
      labels: NO_LABELS,
    };
  };

  return {
    async update(writer, asked) {
      // Not behind one that waits for the app's callbacks.
      const { number, begun, noted: before, metrics } = await (asked ? own() : inBackground(numbered));
      const take = async (): Promise<void> => {
        // One that took longer than another that began later has less: counters would seem to have started anew.
        if (number < taken) return;
        taken = number;
        const description = describeProcess({ resource: ownResource(metrics), labels: config.labels });
        const scopeMetrics = [description, ...metrics.scopeMetrics];
        await inSlices(writer.update({ ...metrics, scopeMetrics }, Date.now() / 1000));
        if (begun > covered) covered = begun;
        if (noted !== before) note(writer, false);
      };
      await inTurn(take);
    },
    note,
    of: (group) => coalesced(() => collect(group)),
  };
}

const NO_LABELS: Labels = {};

/** That of the whole group stays the same, whichever process serves it. */
function resourceOf(attributes: Attributes, epoch: string | undefined): ResourceMetrics['resource'] {
  const id = attributes[INSTANCE] ?? (epoch && instanceId(epoch));
  return resourceFromAttributes({ ...attributes, ...(id !== undefined && { [INSTANCE]: id }) });
}
