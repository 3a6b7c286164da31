import assert from 'node:assert/strict';
import { chmodSync, lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { mounting, withMounts } from './machine.ts';
import { bound, TestedGroup } from './tested-group.ts';

/** Every file below a folder, by its path. */
const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name));

test('no other user can enter, read or write, even without a umask', { ...bound, ...mounting }, async (t) => {
  const shared = mkdtempSync('/tmp/group-');
  t.after(() => rmSync(shared, { recursive: true }));
  chmodSync(shared, 0o1777);
  const group = await TestedGroup.create();
  const wrapper = withMounts(`umask 000 && mount --bind ${shared} /dev/shm`);
  const apps = [await group.start({ wrapper }), await group.start({ wrapper })];
  for (const app of apps) await group.send(app);
  await group.exact({ fresh: 2 });
  const open = filesBelow(shared).filter((path) => (lstatSync(path).mode & 0o077) !== 0);
  assert.deepEqual(open, []);
  // The folder, the group's, the epoch's, the owner's file, and three files of each member.
  assert.equal(filesBelow(shared).length, 4 + 2 * 3);
  await Promise.all(apps.map((app) => app.end('SIGTERM')));
  assert.deepEqual(readdirSync(shared), [], 'and it all goes with the group');
});
