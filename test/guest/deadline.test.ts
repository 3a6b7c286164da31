import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { test } from 'node:test';
import { inTime } from '../../src/guest/deadline.ts';

const never = new Promise<never>(() => {});

test('what is fulfilled before the deadline is in time, what is not is late', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  assert.equal(await inTime(Promise.resolve(), 100), true);
  const waiting = inTime(never, 100);
  t.mock.timers.tick(100);
  assert.equal(await waiting, false);
});

test('a rejection in time is passed on, a later one is ignored', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  await assert.rejects(inTime(Promise.reject(new Error('refused')), 100), { message: 'refused' });
  const work = new EventEmitter();
  const waiting = inTime(once(work, 'done'), 100);
  t.mock.timers.tick(100);
  assert.equal(await waiting, false);
  // Would be an unhandled rejection, which fails the test.
  work.emit('error', new Error('too late'));
  await new Promise(setImmediate);
});

test('only a wait that may keeps the process alive', (t) => {
  const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  const before = timers();
  const done = new EventEmitter();
  const promise = once(done, 'done');
  t.after(() => done.emit('done'));
  void inTime(promise, 60_000);
  assert.equal(timers(), before);
  void inTime(promise, 60_000, { keepsAlive: true });
  assert.equal(timers(), before + 1);
});
