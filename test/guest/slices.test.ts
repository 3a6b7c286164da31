import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inSlices } from '../../src/guest/slices.ts';

const bound = { timeout: 5000 };

test('long work lets the event loop run', bound, async () => {
  let turned = false;
  setImmediate(() => {
    turned = true;
  });
  const start = performance.now();
  function* work(): Generator<undefined, string, undefined> {
    while (!turned) {
      if (performance.now() - start > 2000) return 'blocked';
      yield;
    }
    return 'done';
  }
  assert.equal(await inSlices(work()), 'done');
});

test('work that throws rejects', bound, async () => {
  // biome-ignore lint/correctness/useYield: it fails first.
  function* work(): Generator<undefined, never, undefined> {
    throw new Error('no');
  }
  await assert.rejects(inSlices(work()), /no/);
});
