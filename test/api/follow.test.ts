import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { time } from '../../src/api/time.ts';
import { ends, recordIntoSlot } from './slot-recorder.ts';

const error = new TypeError('no');
const later = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('a promise', () => {
  for (const [what, settle, ended] of [
    ['fulfilled', () => 42, 'fine'],
    ['rejected, with the same error', () => Promise.reject(error), error],
  ] as const) {
    it(`is timed until it is ${what}`, async (test) => {
      const recorder = recordIntoSlot(test);
      const promise = time('work', () => later().then(settle));
      assert.ok(promise instanceof Promise);
      assert.deepEqual(recorder.timed[0]?.ends, []);
      assert.equal(await promise.catch((thrown: unknown) => thrown), ended === 'fine' ? 42 : error);
      assert.deepEqual(recorder.timed[0]?.ends, [ended]);
    });
  }

  it('keeps the methods that a library has added to it', async (test) => {
    const recorder = recordIntoSlot(test);
    const response = time('fetch', () => {
      const promise = Promise.resolve('{"a":1}');
      return Object.assign(promise, { json: async () => JSON.parse(await promise) });
    });
    assert.deepEqual(await response.json(), { a: 1 });
    assert.deepEqual(Object.keys(response), ['json']);
    assert.deepEqual(ends(recorder), ['fine']);
  });

  it('of a subclass stays the same object, with its own properties', async (test) => {
    class Job extends Promise<number> {
      #cancelled = false;
      cancel(): boolean {
        this.#cancelled = true;
        return this.#cancelled;
      }
    }
    const recorder = recordIntoSlot(test);
    const job = new Job((resolve) => setImmediate(resolve, 42));
    const timed = time('job', () => job);
    assert.equal(timed, job);
    assert.equal(timed.cancel(), true);
    assert.equal(await timed, 42);
    assert.equal(Object.hasOwn(job, 'then'), false);
    await time('job', () => Job.reject(error)).catch(() => {});
    await time('job', () => Job.resolve(1)).finally(() => {});
    assert.deepEqual(ends(recorder), ['fine', error, 'fine']);
  });
});

/** A query as those of query builders: it runs each time that its `then` is called. */
class Query {
  runs = 0;
  readonly parts: string[] = [];
  readonly result: () => unknown;
  constructor(result: () => unknown) {
    this.result = result;
  }
  where(part: string): this {
    this.parts.push(part);
    return this;
  }
  // biome-ignore lint/suspicious/noThenProperty: it is what this is about
  then(...callbacks: Parameters<Promise<unknown>['then']>): Promise<unknown> {
    this.runs++;
    return (async () => this.result())().then(...callbacks);
  }
}

describe('a query that runs when its `then` is called', () => {
  it('stays the same object, runs once, and is not timed the second time', async (test) => {
    const recorder = recordIntoSlot(test);
    const query = new Query(() => 'rows');
    const timed = time('db.query', () => query);
    assert.equal(timed, query);
    await later();
    assert.equal(query.runs, 0);
    assert.deepEqual(recorder.timed[0]?.ends, []);
    assert.equal(await timed.where('a').where('b'), 'rows');
    assert.deepEqual([query.runs, query.parts], [1, ['a', 'b']]);
    assert.equal(Object.hasOwn(query, 'then'), false);
    assert.equal(await timed, 'rows');
    assert.deepEqual([query.runs, recorder.timed[0]?.ends], [2, ['fine']]);
    assert.equal(await time('again', () => query), 'rows');
    assert.deepEqual(ends(recorder), ['fine', 'fine']);
  });

  it('fails with its own error', async (test) => {
    const recorder = recordIntoSlot(test);
    const query = time('db.query', () => new Query(() => Promise.reject(error)));
    assert.equal(await query.then(undefined, (thrown) => thrown), error);
    assert.deepEqual(ends(recorder), [error]);
  });

  it('may be returned again and again without being run', async (test) => {
    const recorder = recordIntoSlot(test);
    const query = new Query(() => 'rows');
    for (let i = 0; i < 20_000; i++) time('build', () => query.where(''));
    assert.ok(recorder.timed.filter((section) => section.ends.length === 0).length <= 100);
    assert.equal(await query, 'rows');
    assert.equal(query.runs, 1);
    assert.ok(recorder.timed.every((section) => section.ends.length === 1));
  });

  it('passes on every argument and result of its `then`', (test) => {
    recordIntoSlot(test);
    const given: unknown[] = [];
    const progress = (): void => {};
    const deferred = {
      // biome-ignore lint/suspicious/noThenProperty: it is what this is about
      then(done: (...values: unknown[]) => void, _failed: unknown, third: unknown) {
        given.push(third);
        done(1, 2, 3);
      },
    };
    time('deferred', () => deferred).then((...values) => given.push(...values), undefined, progress);
    assert.deepEqual(given, [progress, 1, 2, 3]);
    assert.deepEqual(Object.keys(deferred), ['then']);
  });

  it('ends at once if it cannot be followed', (test) => {
    const recorder = recordIntoSlot(test);
    const frozen = Object.freeze(new Query(() => 'rows'));
    assert.ok(time('frozen', () => frozen) === frozen);
    assert.deepEqual(ends(recorder), ['fine']);
  });
});

describe('anything but a promise ends at once', () => {
  const fail = (): never => {
    throw new Error('strict');
  };
  const throwing = new Proxy({}, { get: fail, getPrototypeOf: fail });
  const { proxy: revoked, revoke } = Proxy.revocable({}, {});
  revoke();
  const values: [what: string, value: unknown][] = [
    ['undefined', undefined],
    ['null', null],
    ['a function', () => 1],
    ['an object', { a: 1 }],
    ['an object without a prototype', Object.create(null)],
    ['a `then` that is no function', Object.fromEntries([['then', 1]])],
    ['an array', [1]],
    ['an iterator', [1].values()],
    ['a proxy that throws', throwing],
    ['a revoked proxy', revoked],
  ];
  for (const [what, value] of values) {
    it(what, (test) => {
      const recorder = recordIntoSlot(test);
      assert.ok(time('value', () => value) === value);
      assert.deepEqual(recorder.timed[0]?.ends, ['fine']);
    });
  }
});
