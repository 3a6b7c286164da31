import { ValueType } from '@opentelemetry/api';
import type { InstrumentationScope } from '@opentelemetry/core';
import { DataPointType, InstrumentType, type MetricData } from '@opentelemetry/sdk-metrics';
import { kindOf } from '../../metric-data/kind.ts';
import type { MetricDefinition, StateKind } from './state.ts';

/** What a state says of a metric that has been collected. */
export function definitionOf(scope: InstrumentationScope, data: MetricData): MetricDefinition {
  const { name, description, unit, valueType } = data.descriptor;
  const boundaries =
    data.dataPointType === DataPointType.HISTOGRAM ? data.dataPoints[0]?.value.buckets.boundaries : undefined;
  return {
    scope: {
      name: scope.name,
      ...(scope.version !== undefined && { version: scope.version }),
      ...(scope.schemaUrl !== undefined && { schemaUrl: scope.schemaUrl }),
    },
    name,
    description,
    unit,
    integer: valueType === ValueType.INT,
    kind: stateKindOf(data),
    ...(boundaries && { boundaries }),
  };
}

/** The SDK has it in the descriptor, but not in its type. */
export function instrumentTypeOf({ descriptor }: MetricData): unknown {
  return Reflect.get(descriptor, 'type');
}

function stateKindOf(data: MetricData): StateKind {
  const kind = kindOf(data);
  const isObservable = instrumentTypeOf(data) === InstrumentType.OBSERVABLE_COUNTER;
  return kind === 'counter' && isObservable ? 'observableCounter' : kind;
}
