import { type Resource, resourceFromAttributes } from '@opentelemetry/resources';
import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { coalesced } from '../coalesced.ts';
import type { ExporterContext } from '../exporter.ts';
import type { Group } from '../group/group.ts';
import { groupMetrics } from '../group/group-metrics.ts';
import { instanceId } from '../group/instance-id.ts';
import { createAttributesFor, metricsOf } from '../group/metrics.ts';
import { inSlices } from '../group/slices.ts';
import type { StateWriter } from '../group/state-writer.ts';
import type { Collect } from './collect.ts';

export interface GroupCollect {
  /** Takes over what this process collects; `asked` if it is for a scrape or the end of the process. */
  update(writer: StateWriter, asked: boolean): Promise<void>;
  /** Collects what a scrape serves for a whole group. */
  of(group: Group): Collect;
}

export function createGroupCollect(once: Collect, { config, inBackground }: ExporterContext): GroupCollect {
  let started = 0;
  /** The number of the collection that was taken over last. */
  let taken = 0;
  let last: Promise<void> = Promise.resolve();
  const numbered = async () => {
    started += 1;
    const number = started;
    return { number, metrics: await once() };
  };
  const own = coalesced(numbered);
  const attributesFor = createAttributesFor();
  /** Then a single process has labels of its own, too. */
  const perProcess = config.gauges.some(({ aggregation }) => aggregation === 'process');
  let resource: Resource = resourceFromAttributes({});

  const collect = async (group: Group): Promise<ResourceMetrics> => {
    if (!perProcess && (await group.isAlone())) {
      const { metrics } = await own();
      resource = metrics.resource;
      const scopeMetrics = [groupMetrics({ members: 1, fresh: 1, retired: 0 }), ...metrics.scopeMetrics];
      return { resource: resourceOf(group.epoch), scopeMetrics };
    }
    const total = await group.total();
    const scopeMetrics = await inSlices(metricsOf(total.state, attributesFor));
    return { resource: resourceOf(group.epoch), scopeMetrics: [groupMetrics(total), ...scopeMetrics] };
  };

  /** That of the whole group stays the same whoever serves it. */
  const resourceOf = (epoch: string | undefined): Resource => {
    const id = config.resourceAttributes['service.instance.id'] ?? (epoch && instanceId(epoch));
    return id === undefined
      ? resource
      : resource.merge(resourceFromAttributes({ 'service.instance.id': id }));
  };

  return {
    async update(writer, asked) {
      // Not behind one that waits for the app's callbacks.
      const { number, metrics } = await (asked ? own() : inBackground(numbered));
      const take = async (): Promise<void> => {
        // One that took longer than another that began later has less: counters would seem to have started anew.
        if (number < taken) return;
        taken = number;
        resource = metrics.resource;
        await inSlices(writer.update(metrics, Date.now() / 1000));
      };
      last = last.then(take, take);
      await last;
    },
    of: (group) => coalesced(() => collect(group)),
  };
}
