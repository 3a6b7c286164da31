import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBounds } from '../../../src/views/admission/bounds.ts';
import { overflowsOf } from './overflows.ts';

test('however many instruments overflow, the counts of overflows are bounded themselves', () => {
  const bounds = createBounds({ limit: 10, warn: () => {} });
  for (const round of [1, 2]) {
    for (let i = 0; i < 100; i++) bounds.overflows.of(`instrument${i}`, 'user').measurements += round;
  }
  const own = Array.from({ length: 9 }, (_, i) => [`instrument${i} user`, 3]);
  // The last place is for what no longer fits, and is labelled as such a series is.
  assert.deepEqual(overflowsOf(bounds), { ...Object.fromEntries(own), true: 91 * 3 });
});
