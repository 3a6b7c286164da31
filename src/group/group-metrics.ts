import { type HrTime, ValueType } from '@opentelemetry/api';
import {
  AggregationTemporality,
  DataPointType,
  type MetricData,
  type ScopeMetrics,
} from '@opentelemetry/sdk-metrics';
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
  return {
    scope: { name: 'routemeter' },
    metrics: [
      gauge(
        'members',
        'Processes and worker threads of the service that this endpoint adds up.',
        members,
        labels,
      ),
      gauge(
        'members.fresh',
        'Those that answered in time; of the others the last known state is served.',
        fresh,
        labels,
      ),
      {
        ...common('members.retired', 'Those that have ended, and whose totals count on.'),
        dataPointType: DataPointType.SUM,
        isMonotonic: true,
        dataPoints: points(retired, labels),
      },
    ],
  };
}

function gauge(name: string, description: string, value: number, labels: Labels): MetricData {
  return {
    ...common(name, description),
    dataPointType: DataPointType.GAUGE,
    dataPoints: points(value, labels),
  };
}

function common(name: string, description: string) {
  return {
    descriptor: {
      name: `routemeter.group.${name}`,
      description,
      unit: '{process}',
      valueType: ValueType.INT,
    },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
  };
}

function points(value: number, labels: Labels) {
  return [{ attributes: labels, startTime: TIME, endTime: TIME, value }];
}
