import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  type Attributes,
  createNoopMeter,
  type Meter,
  type MeterProvider as MeterProviderApi,
  type MetricOptions,
  ROOT_CONTEXT,
  ValueType,
} from '@opentelemetry/api';
import type { Config } from '../../../src/config/config.ts';
import type { AppMeterOptions } from '../../../src/instruments/app/meter.ts';
import { appMeters } from '../../app-meters.ts';
import { MemoryReader } from '../../views/memory-reader.ts';

interface Setup extends Partial<Pick<AppMeterOptions, 'sdk' | 'onInstrument' | 'drop'>> {
  readonly config?: Partial<Pick<Config, 'attributes' | 'buckets' | 'cardinalityLimit'>>;
}

function setUp({ config = {}, ...options }: Setup = {}) {
  const reader = new MemoryReader();
  const app = appMeters(config, [reader], options);
  return { ...app, meter: app.provider.getMeter('app'), reader };
}

/** An SDK that notes what reaches it. */
function recordingSdk() {
  const calls: unknown[][] = [];
  const create =
    (type: string) =>
    (name: string, options?: MetricOptions): never => {
      calls.push([type, name, options]);
      const note = (...args: unknown[]) => calls.push([name, ...args]);
      return { add: note, record: note } as never;
    };
  const meter: Meter = {
    ...createNoopMeter(),
    createCounter: create('counter'),
    createUpDownCounter: create('upDownCounter'),
    createGauge: create('gauge'),
    createHistogram: create('histogram'),
  };
  const sdk: MeterProviderApi = {
    getMeter: (...scope) => {
      calls.push(['meter', ...scope]);
      return meter;
    },
  };
  return { sdk, calls };
}

const SYNC = [
  ['counter', (meter: Meter) => meter.createCounter('x').add],
  ['up-down counter', (meter: Meter) => meter.createUpDownCounter('x').add],
  ['gauge', (meter: Meter) => meter.createGauge('x').record],
  ['histogram', (meter: Meter) => meter.createHistogram('x').record],
] as const;

describe('arguments of the app reach the SDK', () => {
  for (const [what, make] of SYNC) {
    test(`${what}: values and contexts as they are`, () => {
      const { sdk, calls } = recordingSdk();
      const write = make(setUp({ sdk: () => sdk }).meter);
      calls.length = 0;
      write(0.1 + 0.2);
      write(-1, { a: 1 });
      write(1e99, { a: 1 }, ROOT_CONTEXT);
      assert.deepEqual(calls, [
        ['x', 0.1 + 0.2, {}, undefined],
        ['x', -1, { a: 1 }, undefined],
        ['x', 1e99, { a: 1 }, ROOT_CONTEXT],
      ]);
    });
  }

  test('the scope and the options', () => {
    const { sdk, calls } = recordingSdk();
    const { provider } = setUp({ sdk: () => sdk });
    const options = { description: 'd', unit: 'By', valueType: ValueType.INT };
    provider.getMeter('shop', '1.2', { schemaUrl: 'https://example.com' }).createCounter('x', options);
    provider.getMeter('shop').createHistogram('y', options);
    assert.deepEqual(calls, [
      ['meter', 'shop', '1.2', { schemaUrl: 'https://example.com' }],
      ['counter', 'x', options],
      ['meter', 'shop', undefined, undefined],
      ['histogram', 'y', options],
    ]);
  });

  test('one meter for one scope', () => {
    const { provider } = setUp();
    assert.equal(provider.getMeter('a', '1'), provider.getMeter('a', '1'));
    assert.equal(provider.getMeter('a'), provider.getMeter('a', ''));
    assert.notEqual(provider.getMeter('a', '1'), provider.getMeter('a', '2'));
    assert.notEqual(provider.getMeter('a:b', ''), provider.getMeter('a', 'b:'));
    assert.notEqual(provider.getMeter('a', '1'), provider.getMeter('a', '1', { schemaUrl: 'https://x' }));
  });
});

describe('invalid measurements are dropped and reported once', () => {
  const NONE = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.MAX_VALUE];
  for (const [what, make] of SYNC) {
    test(what, async () => {
      const { meter, reader, lines } = setUp({ config: { cardinalityLimit: 10 } });
      const write = make(meter);
      write(1, { a: 1 });
      for (const [i, value] of [...NONE, '5', 5n, undefined, null, Symbol()].entries()) {
        if (what === 'gauge' && typeof value === 'number') continue;
        write(value as never, { a: 1 });
        // It takes no place of a series either.
        for (let n = 0; n < 20; n++) write(value as never, { wrong: `${i}-${n}` });
      }
      write(2, { a: 1 });
      const { resourceMetrics } = await reader.collect();
      const [point, ...others] = resourceMetrics.scopeMetrics[0]?.metrics[0]?.dataPoints ?? [];
      const expected = { counter: 3, 'up-down counter': 3, gauge: 2, histogram: 3 }[what];
      assert.equal(what === 'histogram' ? Reflect.get(Object(point?.value), 'sum') : point?.value, expected);
      assert.equal(others.length, 0);
      assert.equal(lines.length, 1);
      assert.match(lines[0] ?? '', /^routemeter: a measurement of "x" was dropped: \S+ is not a number/);
    });
  }

  test('for each instrument, however often it is created', () => {
    const { meter, lines } = setUp();
    for (let i = 0; i < 3; i++) {
      for (const name of ['one', 'two']) meter.createCounter(name).add(Number.NaN);
      meter.createUpDownCounter('one').add(Number.NaN);
    }
    assert.deepEqual(
      lines.map((line) => line.match(/"(\w+)"/)?.[1]),
      ['one', 'two', 'one'],
    );
  });
});

for (const [what, advised] of [
  ['is none', 'x' as never],
  ['has no order', [Number.NaN]],
] satisfies [string, number[]][]) {
  test(`a histogram is made without advice that ${what}`, () => {
    const { sdk, calls } = recordingSdk();
    const advice = { explicitBucketBoundaries: advised };
    setUp({ sdk: () => sdk }).meter.createHistogram('size', { unit: 'By', advice });
    assert.deepEqual(calls.at(-1), ['histogram', 'size', { unit: 'By' }]);
  });
}

describe('attributes and series', () => {
  test('are shared by two instruments of one identity, whatever the case of its letters', async () => {
    const { meter, reader } = setUp({ config: { cardinalityLimit: 10 } });
    for (const name of ['orders', 'orders', 'ORDERS']) {
      const counter = meter.createCounter(name);
      for (let i = 0; i < 10; i++) counter.add(1, { [name]: i });
    }
    meter.createUpDownCounter('orders').add(1, { other: 1 });
    const points = await reader.points();
    const series = new Set(points.map(({ attributes }) => JSON.stringify(attributes)));
    assert.equal(series.size, 11);
  });
});

describe('the pipeline', () => {
  test('is requested when an instrument is created, before the SDK is used, and not for a meter', () => {
    const events: string[] = [];
    const { provider } = setUp({
      onInstrument: () => events.push('wanted'),
      sdk: () => {
        events.push('asked');
        return recordingSdk().sdk;
      },
    });
    const meter = provider.getMeter('shop');
    assert.deepEqual(events, []);
    meter.createCounter('x');
    assert.deepEqual(events, ['wanted', 'asked']);
  });

  test('is not requested for a dropped instrument', async () => {
    const events: string[] = [];
    const { provider, reader } = setUp({
      onInstrument: () => events.push('wanted'),
      drop: (scope, name) => scope === 'http' && name.startsWith('http.server.'),
    });
    provider.getMeter('http').createHistogram('http.server.request.duration').record(1);
    assert.deepEqual(events, []);
    provider.getMeter('http').createHistogram('http.client.request.duration').record(1);
    provider.getMeter('other').createHistogram('http.server.request.duration').record(1);
    assert.deepEqual(events, ['wanted', 'wanted']);
    assert.deepEqual(
      (await reader.points()).map(({ name }) => name),
      ['http.client.request.duration', 'http.server.request.duration'],
    );
  });
});

describe('no internal error reaches the app', () => {
  const use = (provider: MeterProviderApi): void => {
    const meter = provider.getMeter('app');
    for (const [, make] of SYNC) make(meter)(1, { a: 1 });
    const observables = [
      meter.createObservableCounter('a'),
      meter.createObservableUpDownCounter('b'),
      meter.createObservableGauge('c'),
    ];
    const callback = () => {};
    for (const each of observables) each.addCallback(callback);
    for (const each of observables) each.removeCallback(callback);
    meter.addBatchObservableCallback(callback, observables);
    meter.removeBatchObservableCallback(callback, observables);
  };

  test('when the SDK is not available', () => {
    const { provider, lines } = setUp({
      sdk: () => {
        throw new Error('no SDK');
      },
    });
    use(provider);
    assert.equal(lines.length, 1);
    assert.match(lines[0] ?? '', /internal error at meter.*no SDK/);
  });

  for (const place of ['meter', 'observable']) {
    test(`when everything at ${place} fails`, () => {
      const faults = Symbol.for('routemeter.faults');
      Reflect.set(globalThis, faults, new Set([place]));
      try {
        const { provider, lines } = setUp();
        use(provider);
        assert.equal(lines.length, 1);
      } finally {
        Reflect.deleteProperty(globalThis, faults);
      }
    });
  }

  test('when its attributes throw', async () => {
    const { meter, reader } = setUp();
    const counter = meter.createCounter('orders');
    const ownKeys = (): never => {
      throw new Error('hostile');
    };
    counter.add(1, new Proxy<Attributes>({}, { ownKeys }));
    counter.add(2, { a: 1 });
    const [point, ...others] = await reader.points();
    assert.deepEqual([point?.value, others], [2, []]);
  });
});

test('once retired, instruments do nothing, old or new', async () => {
  let wanted = 0;
  const { provider, meter, retire, reader } = setUp({ onInstrument: () => wanted++ });
  const counter = meter.createCounter('before');
  counter.add(1);
  let observed = 0;
  meter.createObservableGauge('gauge').addCallback(() => {
    observed++;
  });
  await reader.points();
  retire();
  counter.add(10);
  provider.getMeter('app').createCounter('after').add(1);
  assert.deepEqual(
    (await reader.points()).map(({ name, value }) => [name, value]),
    [['before', 1]],
  );
  assert.deepEqual([wanted, observed], [2, 1]);
});
