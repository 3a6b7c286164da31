import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBackoff, pauseAfter } from '../../../../src/exporters/statsd/transports/backoff.ts';

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

test('a success ends the pause, as that of an urgent payload', () => {
  const backoff = createBackoff(
    () => 0,
    () => 0,
  );
  for (let failures = 0; failures < 2; failures++) backoff.failed();
  assert.equal(backoff.waiting(), true);
  backoff.succeeded();
  assert.equal(backoff.waiting(), false);
});
