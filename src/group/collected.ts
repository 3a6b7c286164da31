import type { Attributes } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { ScopeMetrics } from '@opentelemetry/sdk-metrics';
import { inSlices } from '../guest/slices.ts';
import type { Labels } from '../metric-data/labels.ts';
import { groupMetrics } from './group-metrics.ts';
import { instanceId } from './instance-id.ts';
import { INSTANCE } from './members/own-metrics.ts';
import type { Total } from './members/survey.ts';
import { takeDescription } from './state/description.ts';
import { type AttributesFor, metricsOf } from './state/to-metrics.ts';
import type { GroupMetrics } from './types.ts';

/** One object, by which a writer remembers the texts of labels from scrape to scrape. */
const NO_LABELS: Labels = {};

/** The metrics of a group that has only ever had one member. */
export function ofOne(
  { resource, scopeMetrics }: { readonly resource: Attributes; readonly scopeMetrics: ScopeMetrics[] },
  labels: Labels,
  epoch: string | undefined,
): GroupMetrics {
  const group = groupMetrics({ members: 1, fresh: 1, retired: 0 });
  return { resource: resourceOf(resource, epoch), scopeMetrics: [group, ...scopeMetrics], labels };
}

/** The metrics of all members, whose series have their labels. */
export async function ofAll(
  total: Total,
  attributesFor: AttributesFor,
  epoch: string | undefined,
): Promise<GroupMetrics> {
  const { common, state } = takeDescription(total.state);
  const scopeMetrics = await inSlices(metricsOf(state, attributesFor));
  return {
    resource: resourceOf(common.resource, epoch),
    scopeMetrics: [groupMetrics(total, common.labels), ...scopeMetrics],
    labels: NO_LABELS,
  };
}

/** Its `service.instance.id` stays the same, whichever member owns the port. */
function resourceOf(attributes: Attributes, epoch: string | undefined): GroupMetrics['resource'] {
  const id = attributes[INSTANCE] ?? (epoch && instanceId(epoch));
  return resourceFromAttributes({ ...attributes, ...(id !== undefined && { [INSTANCE]: id }) });
}
