import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { describe, test } from 'node:test';
import { bound, TestedGroup } from './tested-group.ts';

describe('a scrape shows the last state of a process that does not answer', bound, () => {
  test('because it is stopped, or blocks its event loop', async (t) => {
    const group = await TestedGroup.create();
    const [owner, stopped, blocked] = await group.startMany(3);
    assert.ok(owner && stopped && blocked);
    for (const app of [owner, stopped, blocked]) await group.send(app);
    await group.exact({ fresh: 3 });

    blocked.child.send('block');
    const [, file = ''] = await blocked.line('stdout', /^blocks until (\S+) is gone$/);
    stopped.child.kill('SIGSTOP');
    t.after(() => stopped.child.kill('SIGCONT'));
    t.after(() => rmSync(file, { force: true }));
    await group.send(owner);
    for (let i = 0; i < 3; i++) await group.exact({ members: 3, fresh: 1, retired: 0 });

    rmSync(file);
    await group.scrapeUntil({ fresh: 2 });
    await group.send(blocked);
    await group.exact();
    await stopped.end('SIGKILL');
    group.forget(stopped);
    await group.exact({ members: 2, fresh: 2, retired: 1 });
  });

  test('because a callback of it, or of the owner itself, never settles', async () => {
    const group = await TestedGroup.create();
    const apps = await group.startMany(2);
    for (const app of apps) {
      app.child.send('hang');
      await group.send(app);
    }
    const { count } = group.tally.expected.sizes;
    await group.exact(({ sizes, fresh }) => sizes.count === count && fresh === 2);
  });
});

test('a process that starts when no other can take over continues from what there is', bound, async (t) => {
  const group = await TestedGroup.create();
  const [owner, stopped] = await group.startMany(2);
  assert.ok(owner && stopped);
  t.after(() => stopped.child.kill('SIGCONT'));
  await group.send(owner);
  await group.send(stopped);
  await group.exact({ fresh: 2 });
  stopped.child.kill('SIGSTOP');
  await owner.end('SIGKILL');
  group.forget(owner);

  const next = await group.start();
  await group.send(next);
  await group.exact({ members: 2, fresh: 1, retired: 1 });
  stopped.child.kill('SIGCONT');
  await group.scrapeUntil({ fresh: 2 });
  await group.send(stopped);
  await group.exact();
});
