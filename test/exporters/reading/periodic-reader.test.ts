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

/** A reader over one counter; its pushes are held until the test lets them go. */
function setUp(
  t: TestContext,
  options: Partial<PeriodicReaderOptions> = {},
  { starts = true, counts = 1 } = {},
) {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const pushes: { metrics: ResourceMetrics; finish: () => void }[] = [];
  const failures: string[] = [];
  const reader = new PeriodicReader({
    intervalMillis: INTERVAL,
    timeoutMillis: 30_000,
    guard: recordedContext().guard,
    push: (metrics) => new Promise<void>((finish) => pushes.push({ metrics, finish })),
    onFailure: (error) => failures.push(String(error)),
    ...options,
  });
  const meter = new MeterProvider({ readers: [reader] }).getMeter('shop');
  const orders = meter.createCounter('orders');
  if (counts > 0) orders.add(counts);
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
  const tick = async () => {
    t.mock.timers.tick(INTERVAL);
    await settle();
  };
  if (starts) reader.start();
  return { reader, meter, pushes, pushed, failures, settle, tick };
}

const namesOf = ({ scopeMetrics }: ResourceMetrics) =>
  scopeMetrics.flatMap(({ metrics }) => metrics.map(({ descriptor }) => descriptor.name));

test('nothing is pushed before start, which may be called twice, or after stop', async (t) => {
  const { reader, pushes, pushed, settle, tick } = setUp(t, {}, { starts: false });
  await tick();
  await reader.flush(5000);
  assert.equal(pushes.length, 0);
  reader.start();
  reader.start();
  await tick();
  (await pushed(1)).finish();
  await settle();
  reader.stop();
  await tick();
  await reader.flush(5000);
  assert.equal(pushes.length, 1);
});

test('the interval does not keep the process alive', (t) => {
  const { reader } = setUp(t, {}, { starts: false });
  t.mock.timers.reset();
  const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  const before = timers();
  reader.start();
  assert.equal(timers(), before);
  reader.stop();
});

test('a tick during a push is skipped, so that an interval may be shorter than the timeout', async (t) => {
  const { pushes, pushed, settle, tick } = setUp(t);
  await tick();
  await tick();
  await tick();
  assert.equal(pushes.length, 1);
  pushes[0]?.finish();
  await settle();
  assert.equal(pushes.length, 1);
  await tick();
  await pushed(2);
});

test('while it is on hold nothing is collected at the interval, but a flush pushes anyway', async (t) => {
  let held = true;
  const { reader, pushes, pushed, tick } = setUp(t, { held: () => held });
  await tick();
  assert.equal(pushes.length, 0);
  const flushed = reader.flush(5000);
  (await pushed(1)).finish();
  await flushed;
  await tick();
  assert.equal(pushes.length, 1);
  held = false;
  await tick();
  await pushed(2);
});

test('a flush waits for the push in progress, then pushes what has been recorded since', async (t) => {
  const { reader, meter, pushes, pushed, settle, tick } = setUp(t);
  await tick();
  const first = await pushed(1);
  meter.createCounter('late').add(1);
  const flushed = reader.flush(5000);
  await settle();
  assert.equal(pushes.length, 1);
  first.finish();
  const second = await pushed(2);
  assert.deepEqual(namesOf(second.metrics), ['orders', 'late']);
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
  await tick();
  await pushed(1);
  while (failures.length === 0) await nextTurn();
  await settle();
  assert.deepEqual([aborted, failures], [1, ['TimeoutError: no answer within 0.02 s']]);
  await tick();
  await pushed(2);
});

const refuse = () => {
  throw new Error('refused');
};
for (const [what, push, ...expected] of [
  ['that is over is a success', () => {}, 'success'],
  ['that rejects is a failure, never a rejected flush', async () => refuse(), 'Error: refused'],
  ['that throws is a failure as well', refuse, 'Error: refused'],
] as const) {
  test(`a push ${what}`, async (t) => {
    const reported: string[] = [];
    const onFailure = (error: unknown) => reported.push(String(error));
    const { reader } = setUp(t, { push, onFailure, onSuccess: () => reported.push('success') });
    await reader.flush(5000);
    assert.deepEqual(reported, expected);
  });
}

test('nothing is pushed if nothing was recorded', async (t) => {
  const { reader, failures } = setUp(t, { push: () => assert.fail('pushed') }, { counts: 0 });
  await reader.flush(5000);
  assert.deepEqual(failures, []);
});

for (const [name, callback] of [
  ['throws', () => Promise.reject(new Error('no database'))],
  ['never settles', () => new Promise<void>(() => {})],
] as const) {
  test(`the rest is pushed if an app's callback ${name}`, async (t) => {
    const names: string[] = [];
    const errors: unknown[] = [];
    const { reader, meter } = setUp(t, {
      push: (metrics) => void names.push(...namesOf(metrics)),
      onCollectErrors: (some) => errors.push(...some),
    });
    meter.createObservableGauge('queue').addCallback(callback);
    await reader.flush(1000);
    assert.deepEqual(names, ['orders']);
    assert.equal(errors.length, 1);
  });
}

test('a shutdown of the provider pushes the rest and ends the interval', async (t) => {
  const { reader, pushes, pushed, tick } = setUp(t);
  const down = reader.shutdown();
  (await pushed(1)).finish();
  await down;
  await tick();
  await reader.flush(5000);
  assert.equal(pushes.length, 1);
});

test('an internal error at a tick does not reach the timer', async (t) => {
  const FAULTS = Symbol.for('routemeter.faults');
  Reflect.set(globalThis, FAULTS, new Set(['push']));
  t.after(() => Reflect.deleteProperty(globalThis, FAULTS));
  const context = recordedContext();
  const { pushes, tick } = setUp(t, { guard: context.guard });
  await tick();
  assert.equal(pushes.length, 0);
  assert.deepEqual(context.lines, [
    'routemeter: internal error at push, the app is not affected: injected at push',
  ]);
});
