import assert from 'node:assert/strict';
import fs from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { writeOwner } from '../../../src/group/port/owner.ts';
import { sweep } from '../../../src/group/port/sweep.ts';
import { folderOf } from '../members/sockets.ts';
import { ownerOf } from '../owners.ts';

const OLD = new Date(Date.now() - 3_600_000);

/** A group's folder and owner, as they are an hour after its last process came or ended. */
async function leave(
  t: TestContext,
  directory: string,
  group: string,
  living: boolean,
  epoch = 'epoch',
): Promise<void> {
  const place = join(directory, group, epoch);
  fs.mkdirSync(place, { recursive: true });
  for (const ending of ['keys', 'values']) fs.writeFileSync(join(place, `1-0-a.${ending}`), '');
  if (living) {
    const server = createServer().listen(join(place, '1-0-a.sock'));
    t.after(() => server.close());
    await new Promise((resolve) => server.once('listening', resolve));
  } else fs.writeFileSync(join(place, '1-0-a.sock'), '');
  writeOwner(fs, join(directory, `of-${group}.json`), ownerOf({ group, epoch: 'epoch', id: '1-0-a' }));
  for (const path of [place, join(directory, group), join(directory, `of-${group}.json`)]) {
    fs.utimesSync(path, OLD, OLD);
  }
}

const names = (directory: string): string[] => fs.readdirSync(directory).sort();

for (const [what, epoch] of [
  ['a group', 'epoch'],
  ['a group that has no epochs', '.'],
] as const) {
  test(`what the killed have left of ${what} is removed, what the living have stays`, async (t) => {
    const directory = folderOf(t);
    await leave(t, directory, 'dead', false, epoch);
    await leave(t, directory, 'living', true, epoch);
    for (const name of names(join(directory, 'living')))
      fs.utimesSync(join(directory, 'living', name), OLD, OLD);
    await sweep({ host: { fs, process }, directory }, Date.now());
    assert.deepEqual(names(directory), ['living', 'of-living.json']);
    assert.deepEqual(names(join(directory, 'living', epoch)), ['1-0-a.keys', '1-0-a.sock', '1-0-a.values']);
  });
}

test('what has just been created stays, because a process may be about to use it', async (t) => {
  const directory = folderOf(t);
  await leave(t, directory, 'dead', false);
  await sweep({ host: { fs, process }, directory }, OLD.getTime() + 30_000);
  assert.deepEqual(names(directory), ['dead', 'of-dead.json']);
});

test('old files that are not an owner are removed, and empty folders too', async (t) => {
  const directory = folderOf(t);
  fs.writeFileSync(join(directory, '.probe'), '.');
  fs.mkdirSync(join(directory, 'empty'));
  for (const name of ['.probe', 'empty']) fs.utimesSync(join(directory, name), OLD, OLD);
  await sweep({ host: { fs, process }, directory }, Date.now());
  assert.deepEqual(names(directory), []);
});

test('a missing folder is reported', async () => {
  await assert.rejects(sweep({ host: { fs, process }, directory: '/nowhere/routemeter-0' }, Date.now()), {
    code: 'ENOENT',
  });
});
