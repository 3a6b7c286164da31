import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { describe, test } from 'node:test';
import type { AppProcess } from '../../app-process.ts';
import type { Scrape } from './scrape.ts';
import { counted, TestedGroup } from './tested-group.ts';

const bound = process.platform === 'win32' ? { skip: 'no Unix sockets' } : { timeout: 60_000 };

/** A bound that only a hang exceeds. */
const HANG_MILLIS = 2000;
/** What a scrape waits for a process that does not answer, once. */
const WAIT_MILLIS = 250;

async function timed(group: TestedGroup): Promise<{ scraped: Scrape; millis: number }> {
  const start = performance.now();
  const scraped = await group.scrape();
  return { scraped, millis: performance.now() - start };
}

/** Each returns what lets the process go on. */
const STUCK: Readonly<Record<string, (app: AppProcess) => Promise<() => void>>> = {
  async 'is stopped by SIGSTOP'({ child }) {
    child.kill('SIGSTOP');
    return () => void child.kill('SIGCONT');
  },
  async 'blocks its event loop'(app) {
    app.child.send('block');
    const [, file = ''] = await app.line('stdout', /^blocks until (\S+) is gone$/);
    return () => rmSync(file, { force: true });
  },
};

describe('a scrape answers in time, with the last state of a process that', () => {
  for (const [how, stick] of Object.entries(STUCK)) {
    test(how, bound, async (t) => {
      const group = await TestedGroup.create();
      const [serving, stuck, other] = await group.startMany(3);
      assert.ok(serving && stuck && other);
      for (const app of [serving, stuck, other]) await group.send(app);
      await group.scrape();

      const goOn = await stick(stuck);
      t.after(goOn);
      await Promise.all([group.send(serving), group.send(other)]);
      const first = await timed(group);
      assert.ok(first.millis < HANG_MILLIS, `${first.millis} ms`);
      assert.deepEqual(counted(first.scraped), group.tally.expected);
      assert.deepEqual([first.scraped.members, first.scraped.fresh, first.scraped.retired], [3, 2, 0]);

      const times: number[] = [];
      for (let i = 0; i < 5; i++) {
        const { scraped, millis } = await timed(group);
        assert.deepEqual([scraped.members, scraped.fresh], [3, 2]);
        times.push(millis);
      }
      assert.ok(Math.min(...times) < WAIT_MILLIS, `it is not waited for again: ${times.join(', ')} ms`);

      goOn();
      await group.scrapeUntil(({ fresh }) => fresh === 3);
      await group.send(stuck);
      assert.deepEqual(counted(await group.scrape()), group.tally.expected);
    });
  }

  test('has a callback that never settles: what it has recorded counts all the same', bound, async () => {
    const group = await TestedGroup.create();
    const [serving, stuck] = await group.startMany(2);
    assert.ok(serving && stuck);
    stuck.child.send('hang');
    await group.send(serving);
    await group.send(stuck);
    const { millis } = await timed(group);
    assert.ok(millis < HANG_MILLIS, `${millis} ms`);
    const scraped = await group.scrapeUntil(({ fresh }) => fresh === 2);
    assert.deepEqual(counted(scraped), group.tally.expected);
  });

  test('has a callback that never settles, and serves', bound, async () => {
    const group = await TestedGroup.create();
    const [serving, other] = await group.startMany(2);
    assert.ok(serving && other);
    serving.child.send('hang');
    await group.send(serving);
    await group.send(other);
    const expected = JSON.stringify(group.tally.expected.sizes);
    const scraped = await group.scrapeUntil(({ sizes }) => JSON.stringify(sizes) === expected, 30_000);
    assert.deepEqual(counted(scraped), group.tally.expected);
  });
});

test('a process that is stopped and killed has lost nothing that was written', bound, async () => {
  const group = await TestedGroup.create();
  const [serving, stopped] = await group.startMany(2);
  assert.ok(serving && stopped);
  await group.send(stopped);
  await group.scrape();
  stopped.child.kill('SIGSTOP');
  await group.scrapeUntil(({ fresh }) => fresh === 1);
  await stopped.end('SIGKILL');
  group.forget(stopped);
  const scraped = await group.scrapeUntil(({ retired }) => retired === 1);
  assert.deepEqual(counted(scraped), group.tally.expected);
});

test('a process that starts when nobody else can take over goes on with what there is', bound, async (t) => {
  const group = await TestedGroup.create();
  const [serving, stopped] = await group.startMany(2);
  assert.ok(serving && stopped);
  t.after(() => stopped.child.kill('SIGCONT'));
  await group.send(serving);
  await group.send(stopped);
  await group.scrape();
  stopped.child.kill('SIGSTOP');
  await serving.end('SIGKILL');
  group.forget(serving);

  const next = await group.start();
  await group.send(next);
  const scraped = await group.scrape();
  assert.deepEqual(counted(scraped), group.tally.expected);
  assert.deepEqual([scraped.members, scraped.fresh, scraped.retired], [2, 1, 1]);
  stopped.child.kill('SIGCONT');
  await group.scrapeUntil(({ fresh }) => fresh === 2);
  await group.send(stopped);
  assert.deepEqual(counted(await group.scrape()), group.tally.expected);
});
