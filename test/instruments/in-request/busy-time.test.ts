import assert from 'node:assert/strict';
import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import { createServer } from 'node:http';
import { Duplex } from 'node:stream';
import { afterEach, describe, it } from 'node:test';
import { type BusyTime, createBusyTime, type Share } from '../../../src/instruments/in-request/busy-time.ts';

interface Named extends Share {
  over: boolean;
}
const share = (parent?: Share): Named => ({ busy: 0, parent, over: false });

/** A clock that advances only when somebody works. */
let clock = 0;
const work = (millis: number): void => {
  clock += millis;
};

const storage = new AsyncLocalStorage<Share | undefined>();
let busy: BusyTime | undefined;
/** How long the thread waits before each callback. */
let wait = 0;
const start = (): BusyTime => {
  wait = 0;
  busy = createBusyTime({
    current() {
      clock += wait;
      return storage.getStore();
    },
    now: () => clock,
  });
  return busy;
};
afterEach(() => busy?.stop());

/** What a request does, from its handler on: as the handlers of a server are called. */
const as = (of: Share | undefined, run: () => unknown): Promise<unknown> =>
  storage.run(of, () => new Promise((resolve) => setImmediate(() => resolve(run()))));
const immediate = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the time of the thread', () => {
  const cases: [name: string, run: () => unknown, millis: number][] = [
    ['of a callback', () => work(5), 5],
    [
      'of promise reactions',
      async () => {
        work(1);
        await null;
        work(2);
        await immediate();
        work(4);
      },
      7,
    ],
    ...[false, true].map((fails): [string, () => unknown, number] => [
      `of a scope within a callback, which throws: ${fails}`,
      () => {
        work(1);
        try {
          new AsyncResource('scope').runInAsyncScope(() => {
            work(2);
            if (fails) throw new Error('no');
          });
        } catch {}
        work(4);
      },
      7,
    ]),
    ['of no other', () => storage.run(undefined, () => AsyncResource.bind(() => work(5)))(), 0],
  ];
  for (const [name, run, millis] of cases) {
    it(name, async () => {
      start();
      const own = share();
      const other = share();
      await Promise.all([as(own, run), as(other, () => work(100)), as(undefined, () => work(1000))]);
      await immediate();
      assert.deepEqual([own.busy, other.busy], [millis, 100]);
    });
  }

  it('includes bound callbacks, whichever code calls them', async () => {
    start();
    const [own, other] = [share(), share()];
    let bound = (): void => {};
    let snapshot = (_run: () => void): void => {};
    await as(own, () => {
      bound = AsyncLocalStorage.bind(() => work(1));
      snapshot = AsyncLocalStorage.snapshot();
    });
    await as(other, () => {
      work(10);
      bound();
      work(20);
      snapshot(() => work(2));
      queueMicrotask(() => work(40));
    });
    await as(undefined, () => {
      bound();
      work(1000);
    });
    assert.deepEqual([own.busy, other.busy], [4, 70]);
  });

  it('excludes waiting, even if a callback has not ended', async () => {
    start();
    const own = share();
    const socket = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
    const server = createServer(() => {
      throw new Error('through the parser, which does not announce its end');
    });
    server.emit('connection', socket);
    await immediate();
    await as(own, () => {
      work(5);
      assert.throws(() => socket.push('GET / HTTP/1.1\r\nHost: x\r\n\r\n'), /through the parser/);
    });
    wait = 1000;
    await as(undefined, () => {});
    await as(undefined, () => {});
    wait = 0;
    await as(own, () => work(1));
    assert.equal(own.busy, 6);
  });

  it('passes on `this`, arguments and results of what runs in a scope', () => {
    start();
    const self = {};
    const scoped = function (this: unknown, ...args: number[]): unknown {
      return [this === self, ...args];
    };
    assert.deepEqual(new AsyncResource('scope').runInAsyncScope(scoped, self, 1, 2), [true, 1, 2]);
    assert.deepEqual(AsyncResource.bind(scoped, undefined, self)(3), [true, 3]);
  });

  it('can be read up to now, and continues from there', async () => {
    const { settle } = start();
    const own = share();
    const told: number[] = [];
    await as(own, () => {
      for (const millis of [1, 2, 4]) {
        work(millis);
        settle();
        told.push(own.busy);
      }
    });
    assert.deepEqual(told, [1, 3, 7]);
  });

  it('of a part counts for the whole', async () => {
    const { switchTo } = start();
    const own = share();
    const [left, right] = [share(own), share(own)];
    await as(own, () => {
      work(1);
      const before = switchTo(left);
      work(2);
      switchTo(right);
      work(4);
      switchTo(before);
      work(8);
    });
    assert.deepEqual([own.busy, left.busy, right.busy], [15, 2, 4]);
  });

  it('does not include parts that have ended, which are released', async () => {
    start();
    const own = share();
    let part = share(own);
    for (let i = 0; i < 10; i++) {
      const before = part;
      await as(part, () => work(1));
      part = share(before);
      before.over = true;
    }
    await as(part, () => work(1));
    assert.equal(own.busy, 11);
    assert.equal(part.parent, own);
  });

  it('belongs to no request after the end, which restores what was patched', async () => {
    const before = Object.getOwnPropertyDescriptor(AsyncResource.prototype, 'runInAsyncScope');
    const first = start();
    const patched = AsyncResource.prototype.runInAsyncScope;
    assert.notEqual(patched, before?.value);
    first.stop();
    assert.deepEqual(Object.getOwnPropertyDescriptor(AsyncResource.prototype, 'runInAsyncScope'), before);
    const own = share();
    await as(own, () => work(5));
    assert.equal(own.busy, 0);
  });
});
