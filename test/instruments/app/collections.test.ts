import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ObservableResult } from '@opentelemetry/api';
import { PullReader } from '../../../src/exporters/prometheus/reader.ts';
import { createBackground } from '../../../src/instruments/app/collections.ts';
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

type Observe = Parameters<typeof counting>[0];
const atOnce: Observe = (result, calls) => result.observe(calls);

const COUNTER = ['counter'] as const;
const OTHERS = ['gauge', 'upDownCounter'] as const;

/** [of which kinds, what the callback observes, what each collection has] */
type Case = readonly [kinds: typeof COUNTER | typeof OTHERS, observe: Observe, collected: string];
const cases: Readonly<Record<string, Case>> = {
  'a callback of a counter that answers at once is called for every collection': [
    COUNTER,
    atOnce,
    'asked 1, unasked 2, unasked 3, asked 4',
  ],
  'a callback of another instrument only when somebody asks; what it observed stands until then': [
    OTHERS,
    atOnce,
    'unasked nothing, asked 1, unasked 1, asked 2, unasked 2',
  ],
  'an asynchronous one only when somebody asks, or once before; what it observed stands until then': [
    COUNTER,
    async (result, calls) => {
      await undefined;
      result.observe(calls);
    },
    'unasked 1, unasked 1, asked 2, unasked 2, unasked 2, asked 3',
  ],
  'one that fails observes nothing, and is not called again by itself': [
    COUNTER,
    async (result, calls) => {
      result.observe(calls);
      if (calls === 2) throw new Error('no database');
    },
    'asked 1, asked nothing, unasked nothing, asked 3',
  ],
  'one that does not settle observes nothing, and is not called again by itself': [
    COUNTER,
    (result, calls) => {
      result.observe(calls);
      return calls === 2 ? new Promise<void>(() => {}) : Promise.resolve();
    },
    'asked 1, asked nothing, unasked nothing, asked 3',
  ],
  'what is observed no more is forgotten when somebody asks, and not before': [
    OTHERS,
    (result, calls) => {
      if (calls !== 2) result.observe(calls);
    },
    'asked 1, unasked 1, asked nothing, unasked nothing, asked 3, unasked 3',
  ],
};
for (const [name, [kinds, observe, expected]] of Object.entries(cases)) {
  for (const kind of kinds) {
    test(`${name}: ${kind}`, async () => {
      const collector = create(20);
      collector[kind].addCallback(counting(observe));
      const seen: string[] = [];
      for (const who of expected.match(/(un)?asked/g) ?? []) {
        seen.push(`${who} ${(await collector[who === 'asked' ? 'asked' : 'unasked']()) ?? 'nothing'}`);
      }
      assert.equal(seen.join(', '), expected);
    });
  }
}

test('a callback that is removed is forgotten in the background, too', async () => {
  const { gauge, asked, unasked } = create();
  const callback = counting(atOnce);
  gauge.addCallback(callback);
  const seen = [await asked()];
  gauge.removeCallback(callback);
  assert.deepEqual([...seen, await unasked()], [1, undefined]);
});

test('a requested collection is recognised, whatever runs beside it', async () => {
  const { counter, asked, unasked } = create();
  counter.addCallback(counting(async (result, calls) => result.observe(calls)));
  await asked();
  assert.deepEqual(await Promise.all([unasked(), asked()]).then(([, own]) => own), 2);
});
