import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { slot } from '../../src/api/slot.ts';
import { type Timer, time } from '../../src/api/time.ts';
import { recordIntoSlot } from './slot-recorder.ts';

describe('time(name, fn)', () => {
  it('returns what the function returns, and times it', (test) => {
    const recorder = recordIntoSlot(test);
    const result = {};
    const returned = time('work', () => {
      assert.equal(recorder.timed[0]?.running, true);
      return result;
    });
    assert.equal(returned, result);
    assert.deepEqual(recorder.timed, [{ name: 'work', running: false, ends: ['fine'] }]);
  });

  it('runs the function without a recorder, and if the name is rejected', (test) => {
    assert.equal(slot().recorder, undefined);
    assert.ok(time('work', () => 1) === 1);
    const recorder = recordIntoSlot(test, () => true);
    assert.ok(time('work', () => 2) === 2);
    assert.deepEqual(recorder.timed, []);
  });

  for (const thrown of [new TypeError('no'), 'text', undefined, null, 0]) {
    it(`throws what the function throws: ${String(thrown)}`, (test) => {
      const recorder = recordIntoSlot(test);
      const work = (): never => {
        throw thrown;
      };
      assert.throws(
        () => time('work', work),
        (caught) => caught === thrown,
      );
      assert.deepEqual(recorder.timed[0]?.ends, [thrown]);
    });
  }

  it('can be nested and recursive', (test) => {
    const recorder = recordIntoSlot(test);
    const factorial = (n: number): number => time(`f.${n}`, () => (n <= 1 ? 1 : n * factorial(n - 1)));
    assert.equal(factorial(3), 6);
    const section = { running: false, ends: ['fine'] };
    assert.deepEqual(
      recorder.timed,
      ['f.3', 'f.2', 'f.1'].map((name) => ({ name, ...section })),
    );
  });
});

describe('time(name)', () => {
  const error = new TypeError('no');
  const stops: [what: string, use: (timer: Timer) => void, ended: unknown[]][] = [
    ['until it is stopped', (timer) => timer.stop(), ['fine']],
    ['with an error', (timer) => timer.stop(error), [error]],
    ['with an error that is no object', (timer) => timer.stop('text'), ['text']],
    ['with no error: null', (timer) => timer.stop(null), ['fine']],
    ['to the end of the block', (timer) => timer[Symbol.dispose](), ['fine']],
    ['by a stop that is handed on', ({ stop }) => stop(), ['fine']],
    ['never', () => {}, []],
  ];
  for (const [what, use, ended] of stops) {
    it(`times ${what}`, (test) => {
      const recorder = recordIntoSlot(test);
      use(time('block'));
      assert.deepEqual(recorder.timed, [{ name: 'block', running: false, ends: ended }]);
    });
    it(`times nothing without a recorder, ${what}`, () => use(time('block')));
  }
});
