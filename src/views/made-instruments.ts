import { type Meter, type MeterProvider, type MetricOptions, ValueType } from '@opentelemetry/api';
import type { InstrumentationScope } from '@opentelemetry/core';
import type { MetricData, ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { type InstrumentKind, instrumentKindOf } from '../metric-data/kind.ts';
import { scopeKey } from '../metric-data/scope.ts';

interface MadeInstrument {
  readonly name: string;
  readonly unit: string;
  readonly description: string;
  readonly kind: InstrumentKind;
}

/** The methods of a meter that make instruments, and the kind that each makes. */
const METHODS = {
  createCounter: 'counter',
  createUpDownCounter: 'upDownCounter',
  createGauge: 'gauge',
  createHistogram: 'histogram',
  createObservableCounter: 'counter',
  createObservableUpDownCounter: 'upDownCounter',
  createObservableGauge: 'gauge',
} as const satisfies Partial<Record<keyof Meter, InstrumentKind>>;

/**
 * The SDK hands over scopes in the order in which their callbacks end, so that nothing else shows which of two
 * instruments came first.
 */
export function createMadeInstruments() {
  const all: MadeInstrument[] = [];
  const places = new Map<string, number>();

  const add = (
    scope: InstrumentationScope,
    kind: InstrumentKind,
    name: unknown,
    options: MetricOptions = {},
  ): void => {
    const { unit = '', description = '', valueType = ValueType.DOUBLE } = options;
    if (typeof name !== 'string' || typeof unit !== 'string' || typeof description !== 'string') return;
    const key = keyOf(scope, name, unit, valueType, kind);
    if (places.has(key)) return;
    places.set(key, all.length);
    all.push({ name, unit, description, kind });
  };

  const noteMeter = (meter: Meter, scope: InstrumentationScope): Meter => {
    const methods = Object.entries(METHODS).map(([method, kind]) => [
      method,
      (name: string, options?: MetricOptions): unknown => {
        const instrument: unknown = Reflect.apply(Reflect.get(meter, method), meter, [name, options]);
        add(scope, kind, name, options);
        return instrument;
      },
    ]);
    return Object.assign(Object.create(meter), Object.fromEntries(methods));
  };

  const place = (scope: InstrumentationScope, metric: MetricData): number => {
    const { name, unit, valueType } = metric.descriptor;
    return (
      places.get(keyOf(scope, name, unit, valueType, instrumentKindOf(metric))) ?? Number.POSITIVE_INFINITY
    );
  };

  return {
    all,
    /** The place of a collected metric among them; after all of them if it is not known here. */
    place,
    /** Puts what was collected into that order, scope by scope. */
    sort({ scopeMetrics }: ResourceMetrics): void {
      const first = new Map(
        scopeMetrics.map((each) => {
          each.metrics.sort((a, b) => inOrder(place(each.scope, a), place(each.scope, b)));
          const [metric] = each.metrics;
          return [each, metric === undefined ? Number.POSITIVE_INFINITY : place(each.scope, metric)];
        }),
      );
      scopeMetrics.sort((a, b) => inOrder(first.get(a) ?? 0, first.get(b) ?? 0));
    },
    /** @returns a provider whose instruments are added to them */
    note: (provider: MeterProvider): MeterProvider => ({
      getMeter: (name, version, options) =>
        noteMeter(provider.getMeter(name, version, options), {
          // As in the SDK, a name that is not a string counts as empty.
          name: typeof name === 'string' ? name : '',
          ...(version !== undefined && { version }),
          ...(options?.schemaUrl !== undefined && { schemaUrl: options.schemaUrl }),
        }),
    }),
  };
}

function inOrder(a: number, b: number): number {
  return a === b ? 0 : a - b;
}

function keyOf(
  scope: InstrumentationScope,
  name: string,
  unit: string,
  type: ValueType,
  kind: InstrumentKind,
): string {
  return JSON.stringify([scopeKey(scope), name, unit, type, kind]);
}

export type MadeInstruments = ReturnType<typeof createMadeInstruments>;
