import type { Attributes, HrTime } from '@opentelemetry/api';
import { ValueType } from '@opentelemetry/api';
import { AggregationTemporality, DataPointType, type ScopeMetrics } from '@opentelemetry/sdk-metrics';
import type { Labels } from '../../metric-data/labels.ts';
import { attributesOf, type State } from './state.ts';

/** How a process describes itself: its resource, and the labels of its series. This is part of its state. */
export interface Description {
  /** In a state it has the labels, too, as every series has. */
  readonly resource: Attributes;
  readonly labels: Labels;
}

const SCOPE = 'routemeter.process';
const TIME: HrTime = [0, 0];

/** As metrics of a state: non-monotonic sums, so that the description of a process ends with it. */
export function describeProcess({ resource, labels }: Description): ScopeMetrics {
  const metric = (name: keyof Description, attributes: Attributes): ScopeMetrics['metrics'][number] => ({
    descriptor: { name, description: '', unit: '', valueType: ValueType.INT },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
    dataPointType: DataPointType.SUM,
    isMonotonic: false,
    dataPoints: [{ attributes, startTime: TIME, endTime: TIME, value: 1 }],
  });
  return { scope: { name: SCOPE }, metrics: [metric('resource', resource), metric('labels', labels)] };
}

/** What the descriptions of all processes have in common, and the state without the descriptions. */
export function takeDescription(state: State): { readonly common: Description; readonly state: State } {
  const metrics = state.metrics.filter(({ definition }) => definition.scope.name !== SCOPE);
  return {
    common: { resource: inCommon(described(state, 'resource')), labels: commonLabels(state) },
    state: { ...state, metrics },
  };
}

/** The labels of a process' series; of a merged state, those that all processes have. */
export function commonLabels(state: State): Labels {
  const labels = Object.entries(inCommon(described(state, 'labels')));
  return Object.fromEntries(labels.map(([name, value]) => [name, String(value)]));
}

function described({ metrics }: State, name: keyof Description): Attributes[] {
  return metrics
    .filter(({ definition }) => definition.scope.name === SCOPE && definition.name === name)
    .flatMap(({ series }) => series.map(({ key }) => attributesOf(key)));
}

/** The attributes that all have, with the same value. */
function inCommon([first = {}, ...others]: readonly Attributes[]): Attributes {
  const entries = Object.entries(first);
  return Object.fromEntries(
    entries.filter(([name, value]) => others.every((other) => other[name] === value)),
  );
}
