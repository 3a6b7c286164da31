import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MeterProvider, type ScopeMetrics } from '@opentelemetry/sdk-metrics';
import { PullReader } from '../../src/exporters/prometheus/reader.ts';
import type { Around } from '../../src/pipeline/around-collect.ts';
import { createPendingReader } from '../../src/pipeline/pending.ts';
import { readable } from '../group/recorded.ts';

/** What a collection would have, and what is read at once. */
const AS_IT_IS: Around = { before: [], after: [] };

function recorded(others: readonly PullReader[] = [], around = AS_IT_IS) {
  const reader = new PullReader();
  const provider = new MeterProvider({ readers: [reader, ...others] });
  const pending = createPendingReader(reader, around);
  return {
    reader,
    provider,
    meter: provider.getMeter('app'),
    collect: async () => readable((await reader.collect()).resourceMetrics),
    read(all = false) {
      const scopeMetrics = pending.read(all);
      assert.ok(scopeMetrics, 'the SDK has another shape');
      return readable({ scopeMetrics });
    },
  };
}

describe('pending measurements are read out of the SDK at once', () => {
  test('as a collection would have them, for every synchronous instrument, without consuming them', async () => {
    const { meter, collect, read } = recorded();
    const instruments = [meter.createCounter('counter'), meter.createUpDownCounter('upDownCounter')] as const;
    const histogram = meter.createHistogram('histogram');
    const gauge = meter.createGauge('gauge');
    for (let round = 1; round <= 3; round++) {
      for (const each of instruments) for (const route of ['/a', '/b']) each.add(round, { route });
      histogram.record(round, { route: '/a' });
      gauge.record(round);
      const first = read();
      assert.deepEqual(read(), first);
      assert.deepEqual(await collect(), first);
    }
    assert.deepEqual(read(), {});
  });

  test('only of the series recorded to since the last collection, with their full values', async () => {
    const { meter, collect, read } = recorded();
    const counter = meter.createCounter('counter');
    for (const route of ['/a', '/b']) counter.add(1, { route });
    await collect();
    counter.add(5, { route: '/b' });
    assert.deepEqual(read(), { counter: { '{"route":"/b"}': 6 } });
    assert.deepEqual(read(true), { counter: { '{"route":"/a"}': 1, '{"route":"/b"}': 6 } });
    assert.deepEqual(read(), {}, 'all of them is a collection');
    counter.add(1, { route: '/a' });
    assert.deepEqual(await collect(), { counter: { '{"route":"/a"}': 2, '{"route":"/b"}': 6 } });
  });

  test('in the order in which instruments were created, with observables that have no series yet', () => {
    const { reader, meter } = recorded();
    const pending = createPendingReader(reader, AS_IT_IS);
    meter.createObservableGauge('gauge');
    meter.createCounter('counter').add(1);
    const names = () =>
      pending.read(false)?.flatMap(({ metrics }) => metrics.map(({ descriptor }) => descriptor.name));
    assert.deepEqual(names(), ['gauge', 'counter']);
    assert.deepEqual(names(), ['counter'], 'once is enough');
  });

  test('including what another reader has collected meanwhile', async () => {
    const other = new PullReader();
    const { meter, collect, read } = recorded([other]);
    const counter = meter.createCounter('counter');
    counter.add(1);
    await other.collect();
    counter.add(2);
    assert.deepEqual(read(), { counter: { '{}': 3 } });
    assert.deepEqual(await collect(), { counter: { '{}': 3 } });
  });

  test('without calling callbacks', async () => {
    const { meter, collect, read } = recorded();
    let calls = 0;
    meter.createObservableCounter('observed').addCallback((result) => result.observe(++calls));
    await collect();
    assert.deepEqual([read(), read(true), calls], [{}, {}, 1]);
  });

  test('with the same steps as every collection of the reader', () => {
    const { meter, read } = recorded([], {
      before: [() => counter.add(1)],
      after: [
        ({ scopeMetrics }) => {
          for (const point of scopeMetrics[0]?.metrics[0]?.dataPoints ?? []) {
            Object.assign(point, { attributes: { renamed: true } });
          }
        },
      ],
    });
    const counter = meter.createCounter('counter');
    assert.deepEqual(read(), { counter: { '{"renamed":true}': 1 } });
  });

  test('and nothing if the SDK has another shape', () => {
    const { reader, provider, meter } = recorded();
    meter.createCounter('counter').add(1);
    const shared: unknown = Reflect.get(provider, '_sharedState');
    assert.ok(shared instanceof Object);
    const pending = createPendingReader(reader, AS_IT_IS);
    const states = Reflect.get(shared, 'meterSharedStates') as Map<string, unknown>;
    assert.ok((pending.read(false) as ScopeMetrics[]).length > 0);
    states.set('another', {});
    assert.equal(pending.read(false), undefined);
    Reflect.set(shared, 'meterSharedStates', undefined);
    assert.equal(pending.read(false), undefined);
  });
});
