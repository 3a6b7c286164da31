import { resourceFromAttributes } from '@opentelemetry/resources';
import { DataPointType, type MetricData } from '@opentelemetry/sdk-metrics';
import { createCollect } from '../../src/exporters/prometheus/collect.ts';
import { startTimeMetric } from '../../src/exporters/prometheus/start-time.ts';
import { groupMetrics } from '../../src/group/group-metrics.ts';
import { createLog } from '../../src/guest/log.ts';
import type { Definition, MetricType } from './definition.ts';

/** The resource, which the format can only express as a metric. */
const TARGET_INFO: Definition = { name: 'target_info', unit: '', type: 'gauge' };

/**
 * What the Prometheus endpoint adds to what is collected. It is in no push, and a scrape has no units: they are asked
 * of what makes them.
 */
export async function servedOnly(): Promise<Definition[]> {
  const resource = resourceFromAttributes({});
  const collect = createCollect({
    reader: { collect: async () => ({ resourceMetrics: { resource, scopeMetrics: [] }, errors: [] }) },
    log: createLog('none', () => {}),
    added: [startTimeMetric(0)],
  });
  const { scopeMetrics } = await collect();
  const added = [...scopeMetrics, groupMetrics({ members: 0, fresh: 0, retired: 0 })];
  return [TARGET_INFO, ...added.flatMap(({ metrics }) => metrics).map(definitionOf)];
}

function definitionOf(metric: MetricData): Definition {
  const { name, unit } = metric.descriptor;
  return { name, unit, type: typeOf(metric) };
}

function typeOf(metric: MetricData): MetricType {
  if (metric.dataPointType === DataPointType.GAUGE) return 'gauge';
  if (metric.dataPointType !== DataPointType.SUM) return 'histogram';
  return metric.isMonotonic ? 'counter' : 'up-down counter';
}
