import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPromptness } from '../../../src/group/members/promptness.ts';
import { until } from '../../until.ts';

/** One whose writes take so many milliseconds on a clock of its own. */
function start(cost: number) {
  let time = 0;
  const writes: { all: boolean; at: number }[] = [];
  const promptness = createPromptness({
    now: () => time,
    write(all) {
      writes.push({ all, at: time });
      time += cost;
      return 1;
    },
  });
  return {
    writes,
    promptness,
    pass(millis: number) {
      time += millis;
    },
  };
}

test('a measurement is written before the call returns', () => {
  const { writes, promptness } = start(0.01);
  for (let i = 1; i <= 100; i++) {
    promptness.recorded();
    assert.equal(writes.length, i);
  }
});

test('writing takes a bounded part of the time, however many there are, and the last one is written', async (t) => {
  const { writes, promptness, pass } = start(0.01);
  t.after(promptness.stop);
  const seconds = 10;
  for (let i = 0; i < seconds * 10_000; i++) {
    promptness.recorded();
    pass(0.1);
  }
  const spent = writes.length * 0.01;
  assert.ok(spent < 0.001 * seconds * 1100 + 50, `${spent} ms`);
  const before = writes.length;
  await until(() => writes.length > before);
});

test('many series that change every second take no larger part of the time', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const all = 2_000;
  const seconds = 120;
  let time = 0;
  let spent = 0;
  let changed = 0;
  const promptness = createPromptness({
    now: () => time,
    write(whole) {
      const series = whole ? all : changed;
      const millis = 0.03 + series * 0.003;
      time += millis;
      spent += millis;
      if (whole) changed = 0;
      return series;
    },
  });
  t.after(promptness.stop);
  for (let second = 0; second < seconds; second++) {
    for (changed = 1; changed < all; changed++) promptness.recorded();
    for (let millis = 0; millis < 1_000; millis++) {
      time += 1;
      t.mock.timers.tick(1);
    }
    changed = 0;
    promptness.written();
  }
  assert.ok(spent < 50 + 1.2 * seconds, `${spent} ms in ${seconds} s`);
});

test('a slow one waits for its own turn, and covers everything', async (t) => {
  const { writes, promptness } = start(10);
  t.after(promptness.stop);
  for (let i = 0; i < 50; i++) promptness.recorded();
  const within = writes.length;
  assert.ok(within < 25, `${within} within calls`);
  await until(() => writes.length > within);
  assert.equal(writes.at(-1)?.all, true);
});

test('while a callback keeps running, the last of many is written between its pieces of work', async (t) => {
  const { writes, promptness, pass } = start(0.01);
  t.after(promptness.stop);
  await Promise.resolve().then(async () => {
    let recorded = 0;
    for (let task = 0; task < 20_000; task++) {
      pass(0.1);
      promptness.recorded();
      recorded = task;
      // No tick comes between two promises.
      await undefined;
      await undefined;
    }
    assert.equal(recorded, 19_999);
    assert.ok((writes.at(-1)?.at ?? 0) > 0);
    const before = writes.length;
    promptness.recorded();
    await undefined;
    assert.equal(writes.length, before + 1);
  });
});
