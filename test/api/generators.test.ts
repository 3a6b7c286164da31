import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { time } from '../../src/api/time.ts';
import { recordIntoSlot } from './slot-recorder.ts';

const error = new TypeError('no');
const later = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

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
  const uses: [
    what: string,
    use: (timed: Generator<number, string, number | undefined>) => unknown,
    result: unknown,
    ended: unknown[],
  ][] = [
    [
      'is timed until it is done',
      (timed) => [timed.next(), timed.next(21), timed.next(0)],
      [
        { value: 1, done: false },
        { value: 42, done: false },
        { value: 'done', done: true },
      ],
      ['fine'],
    ],
    [
      'is not over while it is not done',
      (timed) => [timed.next(), timed.next(21).value],
      [{ value: 1, done: false }, 42],
      [],
    ],
    ['is not over while nobody asks', () => undefined, undefined, []],
    [
      'is over when a loop is left',
      (timed) => {
        for (const value of timed) return value;
        return undefined;
      },
      1,
      ['fine'],
    ],
    [
      'is over when it is returned from before it begins',
      (timed) => timed.return('early'),
      { value: 'early', done: true },
      ['fine'],
    ],
    ['is spread', (timed) => [...timed], [1, 0], ['fine']],
    [
      'is delegated to',
      (timed) => [
        ...(function* () {
          return yield* timed;
        })(),
      ],
      [1, 0],
      ['fine'],
    ],
    [
      'has the methods of iterators',
      (timed) => Reflect.get(timed, 'take').call(timed, 1).toArray(),
      [1],
      ['fine'],
    ],
    [
      'fails with what is thrown into it',
      (timed) => {
        timed.next();
        try {
          timed.throw(error);
        } catch (thrown) {
          return thrown;
        }
        return undefined;
      },
      error,
      [error],
    ],
  ];
  for (const [what, use, result, ended] of uses) {
    it(what, (test) => {
      const recorder = recordIntoSlot(test);
      assert.deepEqual(use(time('steps', () => steps())), result);
      assert.deepEqual(recorder.timed[0]?.ends.slice(0, 1), ended);
    });
  }

  it('runs as a part of what is timed, only while it runs', (test) => {
    const recorder = recordIntoSlot(test);
    const running = (): boolean | undefined => recorder.timed[0]?.running;
    const seen: (boolean | undefined)[] = [];
    const timed = time('steps', () => steps(() => seen.push(running())));
    timed.next();
    seen.push(running());
    timed.return('early');
    assert.deepEqual(seen, [false, true]);
  });

  it('goes on where it catches what is thrown into it', (test) => {
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

  const uses: readonly (readonly [
    string,
    (timed: ReturnType<typeof rows>) => unknown,
    unknown,
    unknown[],
  ])[] = [
    [
      'is timed until it is done',
      async (timed) => {
        const all: string[] = [];
        for await (const row of timed) all.push(row);
        return all;
      },
      ['a', 'b'],
      ['fine'],
    ],
    ['is not over while it is not done', (timed) => timed.next(), { value: 'a', done: false }, []],
    [
      'is over when a loop is left',
      async (timed) => {
        for await (const row of timed) return row;
      },
      'a',
      ['fine'],
    ],
    [
      'fails with what is thrown into it',
      async (timed) => {
        await timed.next();
        return timed.throw(error).catch((thrown) => thrown);
      },
      error,
      [error],
    ],
    [
      'answers in order when it is asked several times at once',
      async (timed) => {
        const all = await Promise.all([timed.next(), timed.next(), timed.next(), timed.next()]);
        return all.map(({ value }) => value);
      },
      ['a', 'b', 'done', undefined],
      ['fine'],
    ],
  ];
  for (const [what, use, result, ended] of uses) {
    it(what, async (test) => {
      const recorder = recordIntoSlot(test);
      assert.deepEqual(await use(time('rows', () => rows())), result);
      assert.deepEqual(recorder.timed[0]?.ends.slice(0, 1), ended);
    });
  }

  it('fails with its own error', async (test) => {
    const recorder = recordIntoSlot(test);
    const timed = time('rows', () => rows(true));
    await timed.next();
    await assert.rejects(timed.next(), (thrown) => thrown === error);
    assert.deepEqual(recorder.timed[0]?.ends, [error]);
  });

  it('is an instance of its function', (test) => {
    recordIntoSlot(test);
    assert.ok(time('rows', () => rows()) instanceof rows);
  });
});
