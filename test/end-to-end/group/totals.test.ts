import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { describe, test } from 'node:test';
import type { AppProcess } from '../../app-process.ts';
import { until } from '../../until.ts';
import { ownerOf, placeOf, requestsWritten } from './folder.ts';
import { PER_ROUND, send } from './load.ts';
import { bound, listenersOf, TestedGroup } from './tested-group.ts';

interface End {
  readonly by: (app: AppProcess) => void;
  readonly code: number | null;
  readonly signal?: NodeJS.Signals;
  /** It may lose what it has not written, which it does every second. */
  readonly sudden?: true;
}
const ENDS: readonly End[] = [
  { by: (app) => app.child.send('end'), code: 0 },
  { by: (app) => app.child.kill('SIGTERM'), code: null, signal: 'SIGTERM' },
  { by: (app) => app.child.kill('SIGINT'), code: null, signal: 'SIGINT' },
  { by: (app) => app.child.send('exit'), code: 0, sudden: true },
  { by: (app) => app.child.send('throw'), code: 1, sudden: true },
  { by: (app) => app.child.kill('SIGKILL'), code: null, signal: 'SIGKILL', sudden: true },
];

/** Sends requests to a process, and ends it. */
async function end(group: TestedGroup, app: AppProcess, { by, code, signal, sudden }: End): Promise<void> {
  await group.send(app, { rounds: 3 });
  const place = placeOf(group.service);
  // Without asking it to write.
  if (sudden) await until('it is written', () => requestsWritten(place, app.child.pid) === 3 * PER_ROUND);
  by(app);
  assert.deepEqual(await app.ended, { code, signal: signal ?? null });
  group.forget(app);
}

describe('nothing is lost when', bound, () => {
  test('members end', async () => {
    const group = await TestedGroup.create();
    const [owner, ...others] = await group.startMany(1 + ENDS.length);
    assert.ok(owner);
    await Promise.all(ENDS.map((how, i) => end(group, others[i] ?? assert.fail(), how)));
    await group.exact({ members: 1, fresh: 1, retired: ENDS.length });
    await group.send(owner);
    await group.exact();
  });

  test('owners of the port end, and another takes over', async () => {
    const group = await TestedGroup.create();
    let apps = await group.startMany(1 + ENDS.length);
    for (const [i, how] of ENDS.entries()) {
      const owner = apps.find(({ child }) => child.pid === ownerOf(group.service)?.pid);
      assert.ok(owner);
      await end(group, owner, how);
      apps = apps.filter((app) => app !== owner);
      await group.exact({ members: apps.length, fresh: apps.length, retired: i + 1 });
      const next = apps.find(({ child }) => child.pid === ownerOf(group.service)?.pid);
      await next?.line('stderr', /: serves the metrics of all processes of /);
    }
    for (const app of apps) await group.send(app);
    await group.exact();
  });
});

test('the counts of the only process are safe as soon as there is a second one', bound, async () => {
  const group = await TestedGroup.create();
  const first = await group.start();
  await group.send(first, { rounds: 3 });
  await group.start();
  await first.end('SIGKILL');
  group.forget(first);
  await group.exact({ retired: 1 });
});

test('a terminated thread is retired, and loses nothing that was written', bound, async () => {
  const group = await TestedGroup.create();
  const app = group.launch('group-starter.mjs', { args: ['threads', '2'] });
  const listeners = await listenersOf(app, 3);
  await group.scrapeUntil({ members: 3 });
  for (const { url } of listeners) await send(url, group.tally);
  const { pending, ...lasting } = group.tally.expected;
  // It brings all files up to date.
  await group.exact();
  app.child.send('terminate');
  const { requests, sizes, ...after } = await group.scrapeUntil({ members: 2, fresh: 2, retired: 1 });
  assert.deepEqual([{ requests, sizes }, after.pending], [lasting, (pending / 3) * 2]);
});

test(
  'all have been killed, and the next one starts from zero and removes what they left',
  bound,
  async () => {
    const group = await TestedGroup.create();
    const killed = await group.startMany(2);
    for (const app of killed) await group.send(app);
    const place = placeOf(group.service);
    await Promise.all(killed.map((app) => app.end('SIGKILL')));
    assert.equal(existsSync(place), true);

    const restarted = new TestedGroup(group.port, group.service);
    const app = await restarted.start();
    assert.deepEqual((await restarted.scrapeUntil({ members: 1, retired: 0 })).requests, {});
    await restarted.send(app);
    await restarted.exact();
    const now = placeOf(group.service);
    assert.notEqual(now, place);
    assert.deepEqual(readdirSync(dirname(now)), [basename(now)]);
  },
);
