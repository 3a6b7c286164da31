import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBackoff, pauseAfter } from '../../../../src/exporters/statsd/transports/backoff.ts';

test('the next attempt comes at once, then after 100 ms, doubling up to 30 s, and up to half less', () => {
  const pauses = (random: number) => [1, 2, 10, 11, 5000].map((failures) => pauseAfter(failures, random));
  assert.deepEqual(pauses(0), [0, 100, 25_600, 30_000, 30_000]);
  assert.deepEqual(pauses(0.5), [0, 75, 19_200, 22_500, 22_500]);
  assert.deepEqual(pauses(1), [0, 50, 12_800, 15_000, 15_000]);
});

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
