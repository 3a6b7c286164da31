import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createChanges } from '../../../src/group/state/changes.ts';

test('doubles that lie close together are one range, reported once', () => {
  const changes = createChanges();
  for (const place of [100, 101, 110, 1000, 1001, 105, 3]) changes.add(place);
  assert.deepEqual(changes.take(), [
    { from: 100, to: 111 },
    { from: 1000, to: 1002 },
    { from: 105, to: 106 },
    { from: 3, to: 4 },
  ]);
  assert.deepEqual(changes.take(), []);
});

test('every change is in a range, or there are too many to list', () => {
  for (const count of [1, 31, 32, 33, 1000]) {
    const changes = createChanges();
    const places = Array.from({ length: count }, (_, i) => (i * 7919) % 100_003);
    for (const place of places) changes.add(place);
    const ranges = changes.take();
    if (ranges === undefined) assert.ok(count > 32);
    else for (const place of places) assert.ok(ranges.some(({ from, to }) => place >= from && place < to));
    assert.deepEqual(changes.take(), []);
  }
});

test('nothing is known after it has been forgotten, until the next request', () => {
  const changes = createChanges();
  changes.add(1);
  changes.forget();
  changes.add(2);
  assert.equal(changes.take(), undefined);
  changes.add(3);
  assert.deepEqual(changes.take(), [{ from: 3, to: 4 }]);
});
