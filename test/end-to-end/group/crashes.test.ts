import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LONG } from '../../length.ts';
import { placeOf, sizeOf } from './folder.ts';
import { bound, TestedGroup } from './tested-group.ts';

const CRASHES = LONG ? 100 : 4;
/** At a time. */
const WORKERS = 2;

test(`a worker that crashes ${CRASHES} times loses nothing that was written, and leaves nothing behind`, {
  ...bound,
  timeout: 110_000,
}, async () => {
  const group = await TestedGroup.create();
  await group.startMany(1);
  let crashed = 0;
  const sizes: { files: number; bytes: number }[] = [];
  let started = 0;
  const crashing = async (): Promise<void> => {
    while (started < CRASHES) {
      started += 1;
      const kills = started % 2 === 0;
      const worker = await group.start();
      await group.send(worker);
      // All members bring their files up to date for it, those that answer in time.
      await group.scrapeUntil(({ members, fresh }) => fresh === members);
      if (kills) worker.child.kill('SIGKILL');
      else worker.child.send('throw');
      await worker.ended;
      group.forget(worker);
      crashed += 1;
      const atLeast = crashed - WORKERS + 1;
      await group.scrapeUntil(({ retired }) => retired >= atLeast);
      sizes.push(sizeOf(placeOf(group.service)));
    }
  };
  await Promise.all(Array.from({ length: WORKERS }, crashing));
  const { requests } = await group.exact({ retired: CRASHES, members: 1 });
  assert.equal(requests['GET /items/:id 200'], 3 * CRASHES);

  // Three files of each that lives or has just crashed, and the totals of the retired.
  const most = 3 * (1 + 2 * WORKERS) + 2;
  assert.ok(Math.max(...sizes.map(({ files }) => files)) <= most, JSON.stringify(sizes));
  const last = sizeOf(placeOf(group.service));
  assert.ok(last.files <= 4, `${last.files} files`);
  const [early] = sizes;
  assert.ok(last.bytes < 2 * (early?.bytes ?? 0), JSON.stringify([early, last]));
});
