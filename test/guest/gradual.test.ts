import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Gradual } from '../../src/guest/gradual.ts';
import { atOnce, type Steps } from '../../src/guest/slices.ts';

/** Notes each step, and calls back in the second. */
function* work(done: string[], during: () => void = () => {}): Steps<string> {
  done.push('first');
  yield;
  during();
  done.push('second');
  yield;
  done.push('third');
  return 'result';
}

function* without(steps: Steps<string>): Steps {
  yield* steps;
}

describe('gradual work', () => {
  it('can be done at once, for its result', () => {
    const done: string[] = [];
    assert.equal(atOnce(work(done)), 'result');
    assert.deepEqual(done, ['first', 'second', 'third']);
  });

  const rows: [what: string, use: (gradual: Gradual) => unknown, result: unknown, done: string[]][] = [
    ['begins with the first step', (gradual) => gradual.next(), true, ['first']],
    [
      'tells which step was the last',
      (gradual) => [gradual.next(), gradual.next(), gradual.next(), gradual.next()],
      [true, true, false, false],
      ['first', 'second', 'third'],
    ],
    [
      'does each step once, whoever needs the rest',
      (gradual) => [gradual.next(), gradual.finish(), gradual.next(), gradual.finish()],
      [true, undefined, false, undefined],
      ['first', 'second', 'third'],
    ],
    [
      'ends where it is cancelled',
      (gradual) => [gradual.next(), gradual.cancel(), gradual.next(), gradual.finish()],
      [true, undefined, false, undefined],
      ['first'],
    ],
  ];
  for (const [what, use, result, done] of rows) {
    it(what, () => {
      const found: string[] = [];
      assert.deepEqual(use(new Gradual(without(work(found)))), result);
      assert.deepEqual(found, done);
    });
  }

  it('goes on after a step that needs the rest itself', () => {
    const done: string[] = [];
    const gradual: Gradual = new Gradual(without(work(done, () => gradual.finish())));
    gradual.finish();
    assert.deepEqual(done, ['first', 'second', 'third']);
  });

  it('is cancelled by a step of its own', () => {
    const done: string[] = [];
    const gradual: Gradual = new Gradual(without(work(done, () => gradual.cancel())));
    gradual.finish();
    assert.deepEqual(done, ['first', 'second']);
  });

  it('is over after a step that throws', () => {
    const done: string[] = [];
    const failing = (): void => {
      throw new Error('of a step');
    };
    const gradual = new Gradual(without(work(done, failing)));
    assert.throws(() => gradual.finish(), /of a step/);
    assert.equal(gradual.next(), false);
    assert.deepEqual(done, ['first']);
  });
});
