import { type HrTime, ValueType } from '@opentelemetry/api';
import { AggregationTemporality, DataPointType, type ScopeMetrics } from '@opentelemetry/sdk-metrics';
import type { Labels } from '../metric-data/labels.ts';
import type { Total } from './members/survey.ts';

const TIME: HrTime = [0, 0];

/**
 * How the group itself is doing: `routemeter.group.members`, `.members.fresh` and `.members.retired`.
 *
 * @param labels of the group
 */
export function groupMetrics(
  { members, fresh, retired }: Omit<Total, 'state'>,
  labels: Labels = {},
): ScopeMetrics {
  const common = (name: string, description: string, value: number) => ({
    descriptor: {
      name: `routemeter.group.${name}`,
      description,
      unit: '{process}',
      valueType: ValueType.INT,
    },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
    dataPoints: [{ attributes: labels, startTime: TIME, endTime: TIME, value }],
  });
  const all = 'Processes and worker threads of the service that this endpoint adds up.';
  const inTime = 'Members that answered in time; for the others the last known state is served.';
  const ended = 'Members that have ended; their totals still count.';
  return {
    scope: { name: 'routemeter' },
    metrics: [
      { ...common('members', all, members), dataPointType: DataPointType.GAUGE },
      { ...common('members.fresh', inTime, fresh), dataPointType: DataPointType.GAUGE },
      { ...common('members.retired', ended, retired), dataPointType: DataPointType.SUM, isMonotonic: true },
    ],
  };
}
