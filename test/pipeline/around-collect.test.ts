import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { PullReader } from '../../src/exporters/prometheus/reader.ts';
import { type Collection, createCollections } from '../../src/instruments/app/collections.ts';
import { aroundCollect } from '../../src/pipeline/around-collect.ts';

/** A reader that notes the order of things: each step, and the callback of the one instrument. */
function noted() {
  const order: string[] = [];
  const seen: (Collection | undefined)[] = [];
  const reader = new PullReader();
  const collections = createCollections();
  const step = (name: string) => (collection?: Collection) => {
    order.push(name);
    seen.push(collection);
  };
  const before = [step('first'), step('second')];
  const after = ['third', 'fourth'].map((name) => (_: unknown, collection?: Collection) => {
    step(name)(collection);
  });
  aroundCollect(reader, { before, after }, collections);
  const gauge = new MeterProvider({ readers: [reader] }).getMeter('app').createObservableGauge('gauge');
  gauge.addCallback((result) => {
    step('collect')(collections.current());
    result.observe(1);
  });
  return { reader, order, seen };
}

test('the steps run in the order of the lists, all for one collection', async () => {
  const { reader, order, seen } = noted();
  await reader.collect();
  assert.deepEqual(order, ['first', 'second', 'collect', 'third', 'fourth']);
  assert.equal(new Set(seen).size, 1);
  assert.notEqual(seen[0], undefined);
});

test('overlapping collections are kept separate', async () => {
  const { reader, seen } = noted();
  await Promise.all([reader.collect(), reader.collect()]);
  assert.deepEqual(
    [...new Set(seen)].map((collection) => seen.filter((each) => each === collection).length),
    [5, 5],
  );
});
