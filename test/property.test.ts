import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from './property.ts';

it('a property that fails prints how to repeat it, and how to pin it', async () => {
  const seed = /\{ seed: (-?\d+), path: "[\d:]+".*[\s\S]*TEST_SEED=\1 node --test/;
  const pin = /\{ examples: \[\[1\]\] \}$/;
  const fails = (value: number): boolean => value !== 1;
  const isUseful = ({ message }: Error): boolean => seed.test(message) && pin.test(message);
  assert.throws(() => fc.assert(fc.property(fc.constant(1), fails)), isUseful);
  await assert.rejects(fc.assert(fc.asyncProperty(fc.constant(1), async (value) => fails(value))), isUseful);
  assert.throws(() => fc.assert(fc.property(fc.constant(1), fails), { examples: [[1]] }), isUseful);
});
