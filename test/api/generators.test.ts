import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { time } from '../../src/api/time.ts';
import { recordIntoSlot } from './slot-recorder.ts';

const error = new TypeError('no');
const later = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const DONE = { value: 'done', done: true };

describe('a generator', () => {
  function* steps(cleanUp: () => void = () => {}): Generator<number, string, number | undefined> {
    try {
      const sent = yield 1;
      yield (sent ?? 0) * 2;
      return 'done';
    } finally {
      cleanUp();
    }
  }
  type Steps = Generator<number, string, number | undefined>;
  const thrownBy = (run: () => unknown): unknown => {
    try {
      return run();
    } catch (thrown) {
      return thrown;
    }
  };
  /** [what, what is done, what comes of it, how it ended] */
  const uses: readonly (readonly [
    what: string,
    use: (timed: Steps) => unknown,
    result: unknown,
    end?: unknown,
  ])[] = [
    ['is not over while it is not done', (timed) => [timed.next().value, timed.next(21).value], [1, 42]],
    ['is timed until it is done', (timed) => [timed.next(), timed.next(21), timed.next()][2], DONE, 'fine'],
    [
      'is over when a loop is left',
      (timed) => {
        for (const value of timed) return value;
      },
      1,
      'fine',
    ],
    ['is over when it is returned from before it begins', (timed) => timed.return('done'), DONE, 'fine'],
    [
      'has the methods of iterators',
      (timed) => Reflect.get(timed, 'take').call(timed, 1).toArray(),
      [1],
      'fine',
    ],
    [
      'fails with what is thrown into it',
      (timed) => [timed.next(), thrownBy(() => timed.throw(error))][1],
      error,
      error,
    ],
  ];
  for (const [what, use, result, end] of uses) {
    it(what, (test) => {
      const recorder = recordIntoSlot(test);
      assert.deepEqual(use(time('steps', () => steps())), result);
      assert.equal(recorder.timed[0]?.ends[0], end);
    });
  }

  it('counts only while it runs', (test) => {
    const recorder = recordIntoSlot(test);
    const running = (): boolean | undefined => recorder.timed[0]?.running;
    const seen: (boolean | undefined)[] = [];
    const timed = time('steps', () => steps(() => seen.push(running())));
    timed.next();
    seen.push(running());
    timed.return('early');
    assert.deepEqual(seen, [false, true]);
  });

  it('continues when it catches what is thrown into it', (test) => {
    const recorder = recordIntoSlot(test);
    const timed = time('steps', function* () {
      try {
        yield 1;
      } catch {
        yield 2;
      }
    });
    timed.next();
    assert.deepEqual(timed.throw(error), { value: 2, done: false });
    assert.deepEqual(recorder.timed[0]?.ends, []);
  });

  it('is an instance of its function', (test) => {
    recordIntoSlot(test);
    assert.ok(time('steps', () => steps()) instanceof steps);
    assert.equal(String(time('steps', () => steps())), '[object Generator]');
  });
});

describe('an async generator', () => {
  async function* rows(failing = false): AsyncGenerator<string, string, unknown> {
    await later();
    yield 'a';
    await later();
    if (failing) throw error;
    yield 'b';
    return 'done';
  }

  it('is timed until it is done', async (test) => {
    const recorder = recordIntoSlot(test);
    const all: string[] = [];
    for await (const row of time('rows', () => rows())) {
      assert.deepEqual(recorder.timed[0]?.ends, []);
      all.push(row);
    }
    assert.deepEqual(all, ['a', 'b']);
    assert.deepEqual(recorder.timed[0]?.ends, ['fine']);
  });

  it('ends when a loop is left', async (test) => {
    const recorder = recordIntoSlot(test);
    for await (const _ of time('rows', () => rows())) break;
    assert.deepEqual(recorder.timed[0]?.ends, ['fine']);
  });

  for (const own of [true, false]) {
    it(`fails with ${own ? 'its own error' : 'what is thrown into it'}`, async (test) => {
      const recorder = recordIntoSlot(test);
      const timed = time('rows', () => rows(own));
      await timed.next();
      await assert.rejects(own ? timed.next() : timed.throw(error), (thrown) => thrown === error);
      assert.deepEqual(recorder.timed[0]?.ends, [error]);
    });
  }

  it('answers in order when it is called several times at once', async (test) => {
    const recorder = recordIntoSlot(test);
    const timed = time('rows', () => rows());
    const all = await Promise.all([timed.next(), timed.next(), timed.next(), timed.next()]);
    assert.deepEqual(
      all.map(({ value }) => value),
      ['a', 'b', 'done', undefined],
    );
    assert.equal(recorder.timed[0]?.ends[0], 'fine');
  });

  it('is an instance of its function', (test) => {
    recordIntoSlot(test);
    assert.ok(time('rows', () => rows()) instanceof rows);
  });
});
