import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  type BatchObservableCallback,
  type MetricOptions,
  type Observable,
  type ObservableResult,
  ValueType,
} from '@opentelemetry/api';
import { AggregationTemporality } from '@opentelemetry/sdk-metrics';
import type { Config } from '../../../src/config/config.ts';
import { appMeters } from '../../app-meters.ts';
import { MemoryReader } from '../../views/memory-reader.ts';

const KINDS = ['createObservableCounter', 'createObservableUpDownCounter', 'createObservableGauge'] as const;

const DROP_ID: Partial<Config> = { attributes: [{ attribute: 'id', keep: false }] };

function setUp(given: Partial<Config> = {}, callbackTimeoutMillis?: number) {
  const reader = new MemoryReader();
  const delta = new MemoryReader(AggregationTemporality.DELTA);
  const { provider, lines } = appMeters(
    given,
    [reader, delta],
    callbackTimeoutMillis === undefined ? {} : { callbackTimeoutMillis },
  );
  return { meter: provider.getMeter('app'), reader, delta, lines };
}

type Values = Readonly<Record<string, number>>;

async function values(reader: MemoryReader): Promise<Values> {
  const points = await reader.points();
  return Object.fromEntries(
    points.map(({ name, attributes, value }) => [`${name}${JSON.stringify(attributes)}`, value]),
  );
}

type Observed = readonly (readonly [value: number, id: number])[];

/** An instrument whose only callback observes, at each collection, the [value, id] that are given. */
function observing(create: (typeof KINDS)[number], given: Partial<Config> = {}, options: MetricOptions = {}) {
  const app = setUp(given);
  let observed: Observed = [];
  app.meter[create]('x', options).addCallback((result) => {
    for (const [value, id] of observed) result.observe(value, { id });
  });
  const collect = (...given: Observed): Promise<Values> => {
    observed = given;
    return values(app.reader);
  };
  return { ...app, collect };
}

const FAILURES: readonly (readonly [how: string, fail: () => Promise<void>, error: RegExp])[] = [
  [
    'throws',
    () => {
      throw new Error('broken');
    },
    /^broken$/,
  ],
  ['rejects', () => Promise.reject(new Error('broken')), /^broken$/],
  ['does not settle', () => new Promise(() => {}), /observes x took more than 20 ms/],
];

const OVERFLOW = '{"otel.metric.overflow":true}';

describe('observations of one collection that fall into one series', () => {
  for (const create of KINDS) {
    const [byRule, inOverflow] = create === 'createObservableGauge' ? [30, 30] : [60, 50];

    test(`${create}: by an attribute rule`, async () => {
      const { collect } = observing(create, DROP_ID);
      for (let i = 0; i < 3; i++) {
        assert.deepEqual(await collect([10, 1], [20, 2], [30, 3]), { 'x{}': byRule });
      }
    });

    test(`${create}: in the overflow series, from two callbacks and two instruments of one identity`, async () => {
      const { meter, reader } = setUp({ cardinalityLimit: 2 });
      const one = meter[create]('x');
      one.addCallback((result) => result.observe(10, { id: 1 }));
      one.addCallback(async (result) => {
        await new Promise(setImmediate);
        result.observe(20, { id: 2 });
      });
      meter[create]('x').addCallback((result) => result.observe(30, { id: 3 }));
      const expected = { 'x{"id":1}': 10, [`x${OVERFLOW}`]: inOverflow };
      for (let i = 0; i < 3; i++) assert.deepEqual(await values(reader), expected);
    });
  }

  test('with the very same attributes: the last of each counts, as in the SDK', async () => {
    const asTheyAre = observing('createObservableCounter');
    assert.deepEqual(await asTheyAre.collect([1, 1], [10, 1]), { 'x{"id":1}': 10 });
    const byRule = observing('createObservableCounter', DROP_ID);
    assert.deepEqual(await byRule.collect([1, 1], [1, 2], [10, 1], [10, 2]), { 'x{}': 20 });
  });

  test('a gauge keeps the last, even if an earlier one is repeated', async () => {
    const { meter, collect } = observing('createObservableGauge', DROP_ID);
    assert.deepEqual(await collect([1, 1], [2, 2], [3, 1]), { 'x{}': 3 });
    meter.createObservableGauge('x').addCallback((result) => result.observe(4, { id: 1 }));
    assert.deepEqual(await collect([1, 1], [2, 2]), { 'x{}': 4 });
  });

  test('whole numbers are truncated before they are summed, and invalid ones do not count', async () => {
    const { collect } = observing('createObservableCounter', DROP_ID, { valueType: ValueType.INT });
    const observed = await collect([1.9, 1], [1.9, 2], [Number.NaN, 3], [-5, 4], ['7' as never, 5]);
    assert.deepEqual(observed, { 'x{}': 2 });
  });
});

describe('an observation that is not finite', () => {
  const WRONG = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, '5' as never];
  for (const create of ['createObservableCounter', 'createObservableUpDownCounter'] as const) {
    test(`${create}: is dropped and reported once, and the sum continues`, async () => {
      const { collect, delta, lines } = observing(create);
      await collect([5, 1]);
      for (const wrong of WRONG) await Promise.all([collect([wrong, 1]), values(delta)]);
      assert.deepEqual(await collect([7, 1]), { 'x{"id":1}': 7 });
      assert.equal(lines.length, 1);
      assert.match(lines[0] ?? '', /a measurement of "x" was dropped: NaN is not a number from/);
    });
  }

  test('of a batch leaves the others as they are', async () => {
    const { meter, reader } = setUp();
    const [a, b] = [meter.createObservableCounter('a'), meter.createObservableCounter('b')];
    meter.addBatchObservableCallback(
      (result) => {
        result.observe(a, Number.NaN);
        result.observe(b, 2);
      },
      [a, b],
    );
    assert.deepEqual(await values(reader), { 'b{}': 2 });
  });
});

test('a cumulative and a delta reader that collect at the same time agree', async () => {
  const { collect, delta } = observing('createObservableCounter', { cardinalityLimit: 2 });
  let seen = 0;
  for (let base = 100; base <= 500; base += 100) {
    const observed = [1, 2, 3].map((id) => [base + id, id] as const);
    const [total, difference] = await Promise.all([collect(...observed), values(delta)]);
    seen += difference[`x${OVERFLOW}`] ?? 0;
    assert.deepEqual(total, { 'x{"id":1}': base + 1, [`x${OVERFLOW}`]: 2 * base + 5 });
    assert.equal(seen, 2 * base + 5);
  }
});

describe('a callback', () => {
  test('is called once per collection, however often it is added, until it is removed', async () => {
    const { meter, reader } = setUp();
    let calls = 0;
    const callback = (result: ObservableResult) => result.observe(++calls);
    const gauge = meter.createObservableGauge('x');
    gauge.addCallback(callback);
    gauge.addCallback(callback);
    await reader.points();
    assert.equal(calls, 1);
    gauge.removeCallback(callback);
    await reader.points();
    assert.equal(calls, 1);
    gauge.addCallback(callback);
    await reader.points();
    assert.equal(calls, 2);
  });

  test('that has settled may not observe later, while another one still does', async () => {
    const { meter, reader } = setUp();
    const counter = meter.createObservableCounter('x');
    let ended: ObservableResult | undefined;
    counter.addCallback((result) => {
      ended = result;
      result.observe(1, { id: 1 });
    });
    counter.addCallback(async () => {
      await new Promise(setImmediate);
      ended?.observe(5, { id: 1 });
      ended?.observe(5, { id: 2 });
    });
    assert.deepEqual(await values(reader), { 'x{"id":1}': 1 });
  });

  test('that is slow for one reader does not hold up another', async () => {
    const { meter, reader, delta } = setUp();
    let resolve = () => {};
    const promise = new Promise<void>((done) => {
      resolve = done;
    });
    let calls = 0;
    meter.createObservableGauge('x').addCallback((result) => {
      result.observe(++calls);
      return calls === 1 ? undefined : promise;
    });
    const first = values(reader);
    let slow = true;
    const second = values(delta).finally(() => {
      slow = false;
    });
    assert.deepEqual(await first, { 'x{}': 1 });
    assert.ok(slow);
    resolve();
    assert.deepEqual(await second, { 'x{}': 2 });
  });
});

describe('a batch callback', () => {
  test('observes several instruments, and only those it was added for', async () => {
    const { meter, reader } = setUp(DROP_ID);
    const a = meter.createObservableCounter('a');
    const b = meter.createObservableGauge('b');
    const c = meter.createObservableGauge('c');
    const foreign = {} as Observable;
    meter.addBatchObservableCallback(
      (result) => {
        for (const id of [1, 2]) for (const each of [a, b, c, foreign]) result.observe(each, id, { id });
      },
      [a, b, foreign],
    );
    assert.deepEqual(await values(reader), { 'a{}': 3, 'b{}': 2 });
  });

  test('shares a series with the callbacks of one instrument', async () => {
    const { meter, reader } = setUp(DROP_ID);
    const [a, b] = [meter.createObservableCounter('a'), meter.createObservableCounter('b')];
    a.addCallback((result) => result.observe(1, { id: 1 }));
    meter.addBatchObservableCallback(
      (result) => {
        result.observe(a, 2, { id: 2 });
        result.observe(b, 4, { id: 4 });
      },
      [a, b],
    );
    for (let i = 0; i < 3; i++) assert.deepEqual(await values(reader), { 'a{}': 3, 'b{}': 4 });
  });

  test('is identified by its instruments, in any order', async () => {
    const { meter, reader } = setUp();
    const [a, b] = [meter.createObservableGauge('a'), meter.createObservableGauge('b')];
    let calls = 0;
    const callback: BatchObservableCallback = () => {
      calls++;
    };
    meter.addBatchObservableCallback(callback, [a, b]);
    meter.addBatchObservableCallback(callback, [b, a]);
    meter.addBatchObservableCallback(callback, [a]);
    await reader.points();
    assert.equal(calls, 2);
    meter.removeBatchObservableCallback(callback, [b, a]);
    await reader.points();
    assert.equal(calls, 3);
    meter.removeBatchObservableCallback(callback, [b]);
    await reader.points();
    assert.equal(calls, 4);
  });
});

describe('a series that is no longer observed', () => {
  for (const create of KINDS) {
    test(`${create}: is not reported, and continues when it is observed again`, async () => {
      const { collect, delta } = observing(create);
      let sum = 0;
      const step = async (expected: Values, ...observed: Observed): Promise<void> => {
        assert.deepEqual(await collect(...observed), expected);
        sum += (await values(delta))['x{"id":1}'] ?? 0;
      };
      await step({ 'x{"id":1}': 10, 'x{"id":2}': 5 }, [10, 1], [5, 2]);
      await step({ 'x{"id":2}': 5 }, [5, 2]);
      await step({});
      await step({ 'x{"id":1}': 15 }, [15, 1]);
      await step({ 'x{"id":1}': 16, 'x{"id":2}': 7 }, [16, 1], [7, 2]);
      if (create === 'createObservableCounter') assert.equal(sum, 16);
    });

    test(`${create}: neither is one whose callback is removed`, async () => {
      const { meter, reader } = setUp();
      const [one, other] = [meter[create]('one'), meter[create]('other')];
      const callback = (result: ObservableResult) => result.observe(1);
      const batch: BatchObservableCallback = (result) => result.observe(other, 2);
      one.addCallback(callback);
      meter.addBatchObservableCallback(batch, [other]);
      assert.deepEqual(await values(reader), { 'one{}': 1, 'other{}': 2 });
      one.removeCallback(callback);
      assert.deepEqual(await values(reader), { 'other{}': 2 });
      meter.removeBatchObservableCallback(batch, [other]);
      assert.deepEqual(await values(reader), {});
      one.addCallback(callback);
      assert.deepEqual(await values(reader), { 'one{}': 1 });
    });

    for (const [how, fail, error] of FAILURES) {
      test(`${create}: nor is one whose callback ${how}, which is an error, until it does not`, async () => {
        const { meter, reader } = setUp({}, 20);
        let healthy = true;
        const x = meter[create]('x');
        x.addCallback(async (result) => {
          result.observe(1, { id: 1 });
          if (!healthy) await fail();
        });
        x.addCallback((result) => result.observe(2, { id: 2 }));
        // Holds the event loop open, which the bound's own timer must not.
        const open = setInterval(() => {}, 1000);
        const both = { 'x{"id":1}': 1, 'x{"id":2}': 2 };
        assert.deepEqual(await values(reader), both);
        healthy = false;
        const { errors } = await reader.collect();
        assert.match(errors.map((each) => (each as Error).message).join(), error);
        assert.deepEqual(await values(reader), { 'x{"id":2}': 2 });
        healthy = true;
        assert.deepEqual(await values(reader), both);
        clearInterval(open);
      });
    }

    test(`${create}: is not reported under an attribute rule or in the overflow series either`, async () => {
      for (const [given, name] of [
        [DROP_ID, 'x{}'],
        [{ cardinalityLimit: 1 }, `x${OVERFLOW}`],
      ] as const) {
        const { meter, collect } = observing(create, given);
        meter[create]('other').addCallback((result) => result.observe(1, { id: 1 }));
        const rest = { [name.replace('x', 'other')]: 1 };
        assert.deepEqual(await collect([2, 1]), { ...rest, [name]: 2 });
        assert.deepEqual(await collect(), rest);
      }
    });
  }

  test('is tracked by each reader by its own collections', async () => {
    const readers = [new MemoryReader(), new MemoryReader(), new MemoryReader(AggregationTemporality.DELTA)];
    const [first, second, delta] = readers;
    const meter = appMeters({}, readers).provider.getMeter('app');
    let on = true;
    for (const create of KINDS) {
      meter[create](create).addCallback((result) => {
        if (on) result.observe(4);
      });
    }
    const all = Object.fromEntries(KINDS.map((create) => [`${create}{}`, 4]));
    assert.ok(first && second && delta);
    assert.deepEqual(await values(first), all);
    on = false;
    // What others were told meanwhile is of no moment, but for what an increment would lose.
    assert.deepEqual(await values(second), {});
    assert.deepEqual(await values(delta), {
      'createObservableCounter{}': 4,
      'createObservableUpDownCounter{}': 4,
    });
    assert.deepEqual(await values(first), {});
    on = true;
    assert.deepEqual(await Promise.all([values(first), values(second)]), [all, all]);
  });

  test('still counts towards the limit', async () => {
    const { collect } = observing('createObservableGauge', { cardinalityLimit: 3 });
    const first = { 'x{"id":0}': 0, 'x{"id":1}': 1 };
    assert.deepEqual(await collect([0, 0], [1, 1]), first);
    assert.deepEqual(await collect([2, 2], [3, 3]), { [`x${OVERFLOW}`]: 3 });
    assert.deepEqual(await collect([0, 0], [1, 1]), first);
  });
});
