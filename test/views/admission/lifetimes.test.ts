import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Attributes } from '@opentelemetry/api';
import { createAppAdmission } from '../../../src/views/admission/app.ts';
import { createBounds } from '../../../src/views/admission/bounds.ts';
import { createHttpAdmission } from '../../../src/views/admission/collapsing.ts';
import { createLifetimes, type Reader } from '../../../src/views/admission/lifetimes.ts';

const TTL = 100;

/** Series that end, by a clock that stands until it is set, and two readers that collect when a test says so. */
function ending(limit: number) {
  const [one, other] = [{ name: 'one' }, { name: 'other' }];
  const state = { now: 0, delivers: true, unseen: false };
  /** What readers have been told to forget. */
  const forgotten: string[] = [];
  const kept = new Set<unknown>();
  const removed: Attributes[] = [];
  const told: string[] = [];
  const lifetimes = createLifetimes({
    ttlMillis: TTL,
    readers: [one, other],
    isDelivered: () => state.delivers,
    isUnseen: () => state.unseen,
    onOver: () => {},
    onUnforgettable: () => told.push('unforgettable'),
    now: () => state.now,
  });
  const bounds = createBounds({ limit, warn: (message) => told.push(message), lifetimes });
  const end = {
    forget(series: Attributes, reader: Reader): boolean | undefined {
      if (kept.has(series)) return false;
      forgotten.push(`${Reflect.get(reader, 'name')} ${Object.values(series).join()}`);
      return true;
    },
    removed: (series: Attributes) => void removed.push(series),
  };
  const register = (series: Attributes): Attributes => series;
  const collect = (...readers: readonly Reader[]): void => {
    for (const reader of readers) lifetimes.begin(reader)(true);
  };
  return {
    state,
    forgotten,
    kept,
    removed,
    told,
    one,
    other,
    lifetimes,
    collect,
    app: createAppAdmission({ instrument: 'orders', bounds, register, end }),
    http: createHttpAdmission({ instrument: 'http', attributes: ['route', 'host'], bounds, register, end }),
    unforgettable: createAppAdmission({
      instrument: 'odd',
      bounds,
      register,
      end: { forget: () => undefined },
    }),
  };
}

describe('a series ends', () => {
  it('for a reader that has delivered it, once nothing was recorded for that long', () => {
    const { app, state, forgotten, collect, one, other } = ending(10);
    app.admit({ user: 'a' });
    collect(one, other);
    state.now = TTL - 1;
    collect(one, other);
    assert.deepEqual(forgotten, []);
    state.now = TTL;
    collect(one);
    assert.deepEqual(forgotten, ['one a']);
    collect(one);
    assert.deepEqual(forgotten, ['one a'], 'once');
    collect(other);
    assert.deepEqual(forgotten, ['one a', 'other a']);
  });

  it('not if something is recorded meanwhile', () => {
    const { app, state, forgotten, collect, one, other } = ending(10);
    for (state.now = 0; state.now < 5 * TTL; state.now += TTL / 2) {
      app.admit({ user: 'a' });
      collect(one, other);
    }
    assert.deepEqual(forgotten, []);
  });

  it('not before it has been collected for the reader, however seldom that is', () => {
    const { app, state, forgotten, collect, one, other } = ending(10);
    app.admit({ user: 'a' });
    collect(one);
    state.now = 10 * TTL;
    collect(other);
    assert.deepEqual(forgotten, []);
    collect(other);
    assert.deepEqual(forgotten, ['other a']);
  });

  it('not while what was collected is held up on its way', () => {
    const { app, state, forgotten, collect, one } = ending(10);
    app.admit({ user: 'a' });
    collect(one);
    state.now = TTL;
    state.delivers = false;
    collect(one);
    assert.deepEqual(forgotten, []);
    state.delivers = true;
    collect(one);
    assert.deepEqual(forgotten, ['one a']);
  });

  it('not by a collection that nobody sees', () => {
    const { app, state, forgotten, collect, one } = ending(10);
    app.admit({ user: 'a' });
    collect(one);
    state.now = TTL;
    state.unseen = true;
    collect(one);
    assert.deepEqual(forgotten, []);
    app.admit({ user: 'b' });
    collect(one);
    state.unseen = false;
    state.now = 2 * TTL;
    collect(one);
    assert.deepEqual(forgotten, ['one a'], 'the other has only been in a collection that nobody saw');
  });

  it('not while a collection of the same reader is under way, which may fail', () => {
    const { app, state, forgotten, lifetimes, collect, one } = ending(10);
    app.admit({ user: 'a' });
    collect(one);
    state.now = TTL;
    const failed = lifetimes.begin(one);
    assert.deepEqual(forgotten, ['one a']);
    app.admit({ user: 'b' });
    collect(one);
    state.now = 3 * TTL;
    const over = lifetimes.begin(one);
    assert.deepEqual(forgotten, ['one a'], 'two are under way');
    failed(false);
    over(false);
    collect(one);
    assert.deepEqual(forgotten, ['one a', 'one b']);
  });

  it('not if the reader has to remember it, which is asked again that much later', () => {
    const { app, state, kept, forgotten, collect, one } = ending(10);
    const series = app.admit({ user: 'a' });
    kept.add(series);
    collect(one);
    state.now = TTL;
    collect(one);
    kept.clear();
    collect(one);
    assert.deepEqual(forgotten, []);
    state.now = 2 * TTL;
    collect(one);
    assert.deepEqual(forgotten, ['one a']);
  });

  it('never if nothing can be forgotten, which is told', () => {
    const { unforgettable, state, told, collect, one, other } = ending(10);
    const series = unforgettable.admit({ user: 'a' });
    for (state.now = 0; state.now < 5 * TTL; state.now += TTL) collect(one, other);
    assert.equal(unforgettable.admit({ user: 'a' }), series);
    assert.equal(told[0], 'unforgettable');
  });
});

describe('the place of a series that has ended for all readers', () => {
  it('is free, and the series is another one if it comes back', () => {
    const { app, http, state, removed, collect, one, other } = ending(10);
    const [first, second] = [app.admit({ user: 'a' }), http.admit(['/a', 'x'])];
    collect(one, other);
    state.now = TTL;
    collect(one);
    assert.deepEqual([app.admit({ user: 'a' }), http.admit(['/a', 'x'])], [first, second]);
    collect(one, other);
    state.now = 2 * TTL;
    collect(one, other);
    assert.deepEqual(removed, [first, second]);
    assert.notEqual(app.admit({ user: 'a' }), first);
    assert.notEqual(http.admit(['/a', 'x']), second);
    assert.deepEqual([app.admit({ user: 'a' }), http.admit(['/a', 'x'])], [first, second], 'equal');
  });

  it('is for another, in whatever order its attributes come', () => {
    const { app, state, collect, one, other } = ending(10);
    for (const round of [1, 2, 3, 4]) {
      state.now += TTL;
      const all = Array.from({ length: 9 }, (_, i) => [
        app.admit({ user: i, round }),
        app.admit({ round, user: i }),
      ]);
      assert.deepEqual(
        all.map(([first, second]) => [first, first === second]),
        Array.from({ length: 9 }, (_, user) => [{ round, user }, true]),
      );
      assert.deepEqual(app.admit({ user: 9, round }), { 'otel.metric.overflow': true });
      collect(one, other);
      state.now += TTL;
      collect(one, other);
    }
  });

  it('lets new series have the attribute again that was given up, which is told only once', () => {
    const { http, state, told, collect, one, other } = ending(20);
    const hosts = (round: number) =>
      Array.from({ length: 30 }, (_, i) => http.admit(['/', `host${round}-${i}`])).map(({ host }) => host);
    for (const round of [1, 2, 3]) {
      const named = hosts(round).filter((host) => host !== '_OTHER');
      assert.equal(named.length, 15);
      collect(one, other);
      state.now += TTL;
      collect(one, other);
    }
    assert.equal(told.filter((line) => line.includes('host alone')).length, 1);
  });

  it('stays taken while other series of the instrument live', () => {
    const { http, state, collect, one, other } = ending(20);
    for (let i = 0; i < 16; i++) http.admit(['/', `host${i}`]);
    for (const now of [0, TTL / 2, TTL]) {
      state.now = now;
      for (let i = 0; i < 12; i++) http.admit(['/', `host${i}`]);
      collect(one, other);
    }
    assert.equal(http.admit(['/', 'another']).host, '_OTHER', 'more than half of the places are taken');
  });
});
