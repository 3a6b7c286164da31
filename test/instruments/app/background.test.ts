import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ObservableResult } from '@opentelemetry/api';
import { PullReader } from '../../../src/exporters/prometheus/reader.ts';
import { createBackground } from '../../../src/instruments/app/background.ts';
import { appMeters } from '../../app-meters.ts';

function create(callbackTimeoutMillis = 5000) {
  const background = createBackground();
  const reader = new PullReader();
  const { provider } = appMeters({}, [reader], {
    background: () => background.active,
    callbackTimeoutMillis,
  });
  const collect = async (): Promise<unknown> => {
    const { resourceMetrics } = await reader.collect();
    return resourceMetrics.scopeMetrics[0]?.metrics[0]?.dataPoints[0]?.value;
  };
  return {
    counter: provider.getMeter('app').createObservableCounter('ticks'),
    gauge: provider.getMeter('app').createObservableGauge('queue'),
    upDownCounter: provider.getMeter('app').createObservableUpDownCounter('active'),
    asked: collect,
    unasked: () => background.during(collect),
  };
}

/** A callback that observes how often it has been called. */
function counting(observe: (result: ObservableResult, calls: number) => void | Promise<void>) {
  let calls = 0;
  return (result: ObservableResult) => {
    calls += 1;
    return observe(result, calls);
  };
}

type Kind = 'asked' | 'unasked';
type Seen = readonly [Kind, number | undefined];
const cases: readonly (readonly [string, Parameters<typeof counting>[0], Seen[]])[] = [
  [
    'a callback of a counter that answers at once is called for every collection',
    (result, calls) => result.observe(calls),
    [
      ['asked', 1],
      ['unasked', 2],
      ['unasked', 3],
      ['asked', 4],
    ],
  ],
  [
    'an asynchronous one only when somebody asks; what it observed stands until then',
    async (result, calls) => {
      await undefined;
      result.observe(calls);
    },
    [
      ['asked', 1],
      ['unasked', 1],
      ['unasked', 1],
      ['asked', 2],
      ['unasked', 2],
    ],
  ],
  [
    'an asynchronous one is called once before anybody asks',
    async (result, calls) => result.observe(calls),
    [
      ['unasked', 1],
      ['unasked', 1],
      ['asked', 2],
    ],
  ],
  [
    'one that fails observes nothing, and is not called again by itself',
    async (result, calls) => {
      result.observe(calls);
      if (calls === 2) throw new Error('no database');
    },
    [
      ['asked', 1],
      ['asked', undefined],
      ['unasked', undefined],
      ['asked', 3],
    ],
  ],
  [
    'one that does not settle observes nothing, and is not called again by itself',
    (result, calls) => {
      result.observe(calls);
      return calls === 2 ? new Promise<void>(() => {}) : Promise.resolve();
    },
    [
      ['asked', 1],
      ['asked', undefined],
      ['unasked', undefined],
      ['asked', 3],
    ],
  ],
];
for (const [name, observe, collections] of cases) {
  test(name, async () => {
    const collector = create(20);
    collector.counter.addCallback(counting(observe));
    const seen: (readonly [Kind, unknown])[] = [];
    for (const [kind] of collections) seen.push([kind, await collector[kind]()]);
    assert.deepEqual(seen, collections);
  });
}

for (const kind of ['gauge', 'upDownCounter'] as const) {
  test(`a callback of a ${kind} is called only when somebody asks; what it observed stands until then`, async () => {
    const collector = create();
    collector[kind].addCallback(counting((result, calls) => result.observe(calls)));
    const seen: unknown[] = [];
    for (const each of ['unasked', 'asked', 'unasked', 'asked', 'unasked'] as const) {
      seen.push(await collector[each]());
    }
    assert.deepEqual(seen, [undefined, 1, 1, 2, 2]);
  });
}

for (const kind of ['gauge', 'upDownCounter'] as const) {
  test(`what a ${kind} observes no more is forgotten when somebody asks, and not before`, async () => {
    const collector = create();
    let on = true;
    const observe = (result: ObservableResult) => {
      if (on) result.observe(1);
    };
    collector[kind].addCallback(observe);
    const seen: unknown[] = [await collector.asked()];
    on = false;
    for (const each of ['unasked', 'asked', 'unasked'] as const) seen.push(await collector[each]());
    on = true;
    for (const each of ['unasked', 'asked', 'unasked'] as const) seen.push(await collector[each]());
    collector[kind].removeCallback(observe);
    seen.push(await collector.unasked());
    assert.deepEqual(seen, [1, 1, undefined, undefined, undefined, 1, 1, undefined]);
  });
}

test('a collection that somebody asks for is one, whatever goes on beside it', async () => {
  const { counter, asked, unasked } = create();
  counter.addCallback(counting(async (result, calls) => result.observe(calls)));
  await asked();
  assert.deepEqual(await Promise.all([unasked(), asked()]).then(([, own]) => own), 2);
});
