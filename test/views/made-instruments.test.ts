import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Meter, ValueType } from '@opentelemetry/api';
import { MeterProvider, type ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { createMadeInstruments } from '../../src/views/made-instruments.ts';
import { MemoryReader } from './memory-reader.ts';

function create() {
  const reader = new MemoryReader();
  const made = createMadeInstruments();
  const provider = made.note(new MeterProvider({ readers: [reader] }));
  const collect = async (): Promise<ResourceMetrics> => (await reader.collect()).resourceMetrics;
  return { made, provider, collect };
}

const namesOf = ({ scopeMetrics }: ResourceMetrics): string[] =>
  scopeMetrics.flatMap(({ metrics }) => metrics.map(({ descriptor }) => descriptor.name));

test('instruments of every kind are listed once they are created, each once', () => {
  const { made, provider } = create();
  const meter = provider.getMeter('app');
  const kinds = {
    createCounter: 'counter',
    createUpDownCounter: 'upDownCounter',
    createGauge: 'gauge',
    createHistogram: 'histogram',
    createObservableCounter: 'counter',
    createObservableUpDownCounter: 'upDownCounter',
    createObservableGauge: 'gauge',
  } as const satisfies Partial<Record<keyof Meter, string>>;
  const methods = Object.keys(kinds) as (keyof typeof kinds)[];
  for (let i = 0; i < 3; i++)
    for (const method of methods) meter[method](method, { unit: 's', description: 'd' });
  assert.deepEqual(
    made.all,
    methods.map((name) => ({ name, unit: 's', description: 'd', kind: kinds[name] })),
  );
});

test('collected metrics are put into the order of creation, whichever scope is first', async () => {
  const { made, provider, collect } = create();
  const [first, second] = [provider.getMeter('first'), provider.getMeter('second', '1')];
  second.createCounter('a', { valueType: ValueType.INT }).add(1);
  // Its scope is collected later.
  first.createObservableGauge('b').addCallback(async (result) => {
    await new Promise(setImmediate);
    result.observe(1);
  });
  second.createObservableGauge('c').addCallback(async (result) => {
    for (let i = 0; i < 3; i++) await new Promise(setImmediate);
    result.observe(1);
  });
  first.createHistogram('d', { unit: 's' }).record(1);
  first.createCounter('b').add(1);
  const collected = await collect();
  made.sort(collected);
  assert.deepEqual(namesOf(collected), ['a', 'c', 'b', 'd', 'b']);
  const places = collected.scopeMetrics.flatMap(({ scope, metrics }) =>
    metrics.map((metric) => made.place(scope, metric)),
  );
  assert.deepEqual(places, [0, 2, 1, 3, 4]);
});

test('an unknown one comes after all others', async () => {
  const { made } = create();
  const other = create();
  other.provider.getMeter('app').createCounter('x').add(1);
  const [scopeMetrics] = (await other.collect()).scopeMetrics;
  const [metric] = scopeMetrics?.metrics ?? [];
  assert.ok(scopeMetrics && metric);
  assert.equal(made.place(scopeMetrics.scope, metric), Number.POSITIVE_INFINITY);
});

test('invalid names are left to the SDK', () => {
  const { made, provider } = create();
  provider.getMeter(5 as never).createCounter(undefined as never);
  assert.deepEqual(made.all, []);
});
