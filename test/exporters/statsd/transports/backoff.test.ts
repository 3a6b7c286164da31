import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBackoff, pauseAfter } from '../../../../src/exporters/statsd/transports/backoff.ts';
import { createClock } from './transports.ts';

const PAUSES: readonly [failures: number, random: number, millis: number][] = [
  [1, 0, 0],
  [2, 0, 100],
  [10, 0, 25_600],
  [11, 0, 30_000],
  [5000, 0, 30_000],
  [11, 0.5, 22_500],
  [2, 1, 50],
];
for (const [failures, random, millis] of PAUSES) {
  test(`after ${failures} failures, at random ${random}, the next attempt comes in ${millis} ms`, () => {
    assert.equal(pauseAfter(failures, random), millis);
  });
}

test('pauses grow until an attempt succeeds', () => {
  const clock = createClock();
  const backoff = createBackoff(clock.now, () => 0);
  const waitingAfter = (...millis: number[]): boolean[] =>
    millis.map((pause) => {
      clock.forward(pause);
      return backoff.waiting();
    });
  assert.equal(backoff.waiting(), false);
  for (const _ of ['at first', 'once it has succeeded']) {
    backoff.failed();
    assert.equal(backoff.waiting(), false);
    backoff.failed();
    assert.deepEqual(waitingAfter(0, 99, 1), [true, true, false]);
    backoff.failed();
    assert.deepEqual(waitingAfter(0, 199, 1), [true, true, false]);
    backoff.failed();
    backoff.succeeded();
    assert.equal(backoff.waiting(), false);
  }
});
