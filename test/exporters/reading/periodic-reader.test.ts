import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { MeterProvider, type ResourceMetrics } from '@opentelemetry/sdk-metrics';
import {
  PeriodicReader,
  type PeriodicReaderOptions,
} from '../../../src/exporters/reading/periodic-reader.ts';
import { recordedContext } from '../push-context.ts';

const INTERVAL = 60_000;

/** A reader that has started, over one counter; its pushes are held until the test lets them go. */
function setUp(t: TestContext, options: Partial<PeriodicReaderOptions> = {}, starts = true) {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const pushes: { metrics: ResourceMetrics; finish: () => void; fail: (error: Error) => void }[] = [];
  const failures: string[] = [];
  const reader = new PeriodicReader({
    intervalMillis: INTERVAL,
    timeoutMillis: 30_000,
    guard: recordedContext().guard,
    push: (metrics) =>
      new Promise<void>((finish, fail) => {
        pushes.push({ metrics, finish, fail });
      }),
    onFailure: (error) => failures.push(String(error)),
    ...options,
  });
  const meter = new MeterProvider({ readers: [reader] }).getMeter('shop');
  meter.createCounter('orders').add(1);
  const pushed = async (count: number) => {
    while (pushes.length < count) await nextTurn();
    const push = pushes[count - 1];
    assert.ok(push);
    return push;
  };
  /** Lets everything that is ready happen. */
  const settle = async () => {
    for (let turn = 0; turn < 20; turn++) await nextTurn();
  };
  const tick = () => t.mock.timers.tick(INTERVAL);
  if (starts) reader.start();
  return { reader, meter, pushes, pushed, failures, settle, tick };
}

test('nothing is timed before start', async (t) => {
  const { reader, pushes, pushed, settle, tick } = setUp(t, {}, false);
  tick();
  await settle();
  assert.equal(pushes.length, 0);
  reader.start();
  tick();
  await pushed(1);
});

test('the interval does not keep the process alive', (t) => {
  const { reader } = setUp(t, {}, false);
  t.mock.timers.reset();
  const before = process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  reader.start();
  assert.equal(process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length, before);
  reader.stop();
});

test('a tick during a push is skipped, so that an interval may be shorter than the timeout', async (t) => {
  const { pushes, pushed, settle, tick } = setUp(t);
  tick();
  const { finish } = await pushed(1);
  tick();
  tick();
  await settle();
  assert.equal(pushes.length, 1);
  finish();
  await settle();
  tick();
  await pushed(2);
});

test('while it is on hold nothing is collected at the interval, but a flush pushes anyway', async (t) => {
  let held = true;
  const { reader, pushes, pushed, settle, tick } = setUp(t, { held: () => held });
  tick();
  await settle();
  assert.equal(pushes.length, 0);
  const flushed = reader.flush(5000);
  (await pushed(1)).finish();
  await flushed;
  tick();
  await settle();
  assert.equal(pushes.length, 1);
  held = false;
  tick();
  await pushed(2);
});

test('start twice is one interval', async (t) => {
  const { reader, pushes, pushed, settle, tick } = setUp(t);
  reader.start();
  tick();
  (await pushed(1)).finish();
  await settle();
  assert.equal(pushes.length, 1);
});

test('a flush waits for the push in progress, then pushes what has been recorded since', async (t) => {
  const { reader, meter, pushes, pushed, settle, tick } = setUp(t);
  tick();
  const first = await pushed(1);
  meter.createCounter('late').add(1);
  const flushed = reader.flush(5000);
  await settle();
  assert.equal(pushes.length, 1);
  first.finish();
  const second = await pushed(2);
  const names = second.metrics.scopeMetrics[0]?.metrics.map(({ descriptor }) => descriptor.name);
  assert.deepEqual(names, ['orders', 'late']);
  second.finish();
  await flushed;
});

test('a flush ends at its deadline, gives the push up and reports that', async (t) => {
  let aborted = 0;
  const { reader, pushes, failures } = setUp(t, { abort: () => aborted++ });
  await reader.flush(50);
  assert.deepEqual([pushes.length, aborted, failures], [1, 1, ['TimeoutError: no answer within 0.05 s']]);
});

test('a push that takes longer than the timeout is abandoned, and the next one is tried', async (t) => {
  let aborted = 0;
  const { pushed, failures, settle, tick } = setUp(t, { timeoutMillis: 20, abort: () => aborted++ });
  tick();
  await pushed(1);
  while (failures.length === 0) await nextTurn();
  await settle();
  assert.deepEqual([aborted, failures], [1, ['TimeoutError: no answer within 0.02 s']]);
  tick();
  await pushed(2);
});

test('a flush before start and after stop pushes nothing', async (t) => {
  const { reader, pushes } = setUp(t, {}, false);
  await reader.flush(5000);
  reader.start();
  reader.stop();
  await reader.flush(5000);
  assert.equal(pushes.length, 0);
});

const FAILING: readonly [name: string, push: PeriodicReaderOptions['push']][] = [
  ['rejects', () => Promise.reject(new Error('refused'))],
  [
    'throws',
    () => {
      throw new Error('refused');
    },
  ],
];
for (const [name, push] of FAILING) {
  test(`a push that ${name} is a failure, never a rejected flush`, async (t) => {
    const { reader, failures } = setUp(t, { push });
    await reader.flush(5000);
    assert.deepEqual(failures, ['Error: refused']);
  });
}

test('a success is reported', async (t) => {
  let successes = 0;
  const { reader } = setUp(t, { push: () => {}, onSuccess: () => successes++ });
  await reader.flush(5000);
  assert.equal(successes, 1);
});

test('nothing is pushed if nothing was recorded', async () => {
  const failures: unknown[] = [];
  const reader = new PeriodicReader({
    intervalMillis: INTERVAL,
    timeoutMillis: 1000,
    guard: recordedContext().guard,
    push: () => assert.fail('pushed'),
    onFailure: (error) => failures.push(error),
  });
  new MeterProvider({ readers: [reader] }).getMeter('shop').createCounter('orders');
  reader.start();
  await reader.flush(5000);
  reader.stop();
  assert.deepEqual(failures, []);
});

const CALLBACKS: readonly [name: string, callback: () => Promise<void>][] = [
  ['throws', () => Promise.reject(new Error('no database'))],
  ['never settles', () => new Promise(() => {})],
];
for (const [name, callback] of CALLBACKS) {
  test(`the rest is pushed if an app's callback ${name}`, async (t) => {
    const names: (string | undefined)[] = [];
    const errors: unknown[] = [];
    const { reader, meter } = setUp(t, {
      push: ({ scopeMetrics }) => {
        names.push(
          ...scopeMetrics.flatMap(({ metrics }) => metrics.map(({ descriptor }) => descriptor.name)),
        );
      },
      onCollectErrors: (some) => errors.push(...some),
    });
    meter.createObservableGauge('queue').addCallback(callback);
    await reader.flush(1000);
    assert.deepEqual(names, ['orders']);
    assert.equal(errors.length, 1);
  });
}

test('a shutdown of the provider pushes the rest and ends the interval', async (t) => {
  const { reader, pushes, pushed, settle, tick } = setUp(t);
  const down = reader.shutdown();
  (await pushed(1)).finish();
  await down;
  tick();
  await settle();
  await reader.flush(5000);
  assert.equal(pushes.length, 1);
});

test('an internal error at a tick does not reach the timer', async (t) => {
  const FAULTS = Symbol.for('routemeter.faults');
  Reflect.set(globalThis, FAULTS, new Set(['push']));
  t.after(() => Reflect.deleteProperty(globalThis, FAULTS));
  const context = recordedContext();
  const { pushes, settle, tick } = setUp(t, { guard: context.guard });
  tick();
  await settle();
  assert.equal(pushes.length, 0);
  assert.deepEqual(context.lines, [
    'routemeter: internal error at push, the app is not affected: injected at push',
  ]);
});
