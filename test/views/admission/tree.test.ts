import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createTree } from '../../../src/views/admission/tree.ts';
import fc from '../../property.ts';

type Value = string | number | undefined;
const DEPTH = 3;
const path = fc.tuple(...Array.from({ length: DEPTH }, () => fc.constantFrom<Value>(undefined, 'a', 0, 1)));

describe('a tree', () => {
  it('finds what was set last and not removed since', () => {
    const step = fc.tuple(fc.constantFrom('find', 'find', 'set', 'remove'), path);
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const tree = createTree<Value, number>(DEPTH);
        const model = new Map<string, number>();
        steps.forEach(([what, values], i) => {
          const key = JSON.stringify(values);
          if (what === 'set') {
            tree.set(values, i);
            model.set(key, i);
          } else if (what === 'remove') {
            tree.remove(values);
            model.delete(key);
          }
          assert.equal(tree.find(values), model.get(key), key);
        });
      }),
    );
  });

  it('has room for one thing if there are no values', () => {
    const tree = createTree<Value, string>(0);
    assert.equal(tree.find([]), undefined);
    tree.set([], 'it');
    assert.equal(tree.find([]), 'it');
    tree.remove([]);
    assert.equal(tree.find([]), undefined);
  });
});
