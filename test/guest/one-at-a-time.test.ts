import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { coalesced, createQueue, joined } from '../../src/guest/one-at-a-time.ts';

/** Runs that end when they are told to, with their number. */
function controlled() {
  const ends: ((error?: Error) => void)[] = [];
  const call = coalesced(
    () =>
      new Promise<number>((resolve, reject) => {
        const number = ends.length + 1;
        ends.push((error) => (error === undefined ? resolve(number) : reject(error)));
      }),
  );
  return { call, ends };
}

test('calls while one runs share the next, which begins when that one is over', async () => {
  const { call, ends } = controlled();
  const [first, second, third] = [call(), call(), call()];
  assert.equal(ends.length, 1);
  ends[0]?.();
  assert.equal(await first, 1);
  await setImmediate();
  assert.equal(ends.length, 2);
  const fourth = call();
  ends[1]?.();
  assert.deepEqual(await Promise.all([second, third]), [2, 2]);
  await setImmediate();
  ends[2]?.();
  assert.equal(await fourth, 3);
});

test('one that fails does not keep the next from running', async () => {
  const { call, ends } = controlled();
  const first = call();
  const second = call();
  ends[0]?.(new Error('no'));
  await assert.rejects(first, /no/);
  await setImmediate();
  ends[1]?.();
  assert.equal(await second, 2);
  assert.equal(ends.length, 2);
});

test('calls that join a run get its result, and the next call begins another', async () => {
  let runs = 0;
  const call = joined(async () => {
    runs += 1;
    await setImmediate();
    return runs;
  });
  const both = [call(), call()];
  assert.equal(call.running, true);
  assert.deepEqual(await Promise.all(both), [1, 1]);
  assert.equal(call.running, false);
  assert.equal(await call(), 2);
});

test('work in a queue begins when the work before it is over, even if that failed', async () => {
  const inTurn = createQueue();
  const order: string[] = [];
  const first = inTurn(async () => {
    order.push('first begins');
    await setImmediate();
    order.push('first ends');
    throw new Error('no');
  });
  const second = inTurn(async () => order.push('second begins'));
  await assert.rejects(first, /no/);
  await second;
  assert.deepEqual(order, ['first begins', 'first ends', 'second begins']);
});
