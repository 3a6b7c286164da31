import assert from 'node:assert/strict';
import { chmodSync, lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { AppProcess } from '../../app-process.ts';
import { placeOf } from './folder.ts';
import { isRoot, mounting, withMounts } from './machine.ts';
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

/** Tries everything, as a user without rights if there is one, and prints what came of it, a line each. */
const INTRUDER = `
  import fs from 'node:fs';
  import net from 'node:net';
  const { PLACE, SOCKET, VALUES, USER } = process.env;
  if (USER !== undefined) {
    process.setgroups([]);
    process.setgid(Number(USER));
    process.setuid(Number(USER));
  }
  const attempts = {
    list: () => fs.readdirSync(PLACE),
    read: () => fs.readFileSync(VALUES),
    write: () => fs.closeSync(fs.openSync(VALUES, 'r+')),
    make: () => fs.writeFileSync(PLACE + '/intruder', ''),
    connect: () => new Promise((resolve, reject) => net.connect(SOCKET).on('connect', resolve).on('error', reject)),
  };
  for (const [name, attempt] of Object.entries(attempts)) {
    try {
      await attempt();
      console.log(name + ' done');
    } catch ({ code }) {
      console.log(name + ' ' + code);
    }
  }
  process.exit(0);
`;

test('data that members exchange is accessible only to their user', bound, async (t) => {
  const group = await TestedGroup.create();
  const [, member] = await group.startMany(2);
  const place = placeOf(group.service);
  const own = readdirSync(place).filter((name) => name.startsWith(`${member?.child.pid}-`));
  const fileOf = (ending: string): string => join(place, own.find((name) => name.endsWith(ending)) ?? '');
  const env = { PLACE: place, SOCKET: fileOf('.sock'), VALUES: fileOf('.values') };
  const outcomes = async (user: { USER?: string }): Promise<string[]> => {
    const intruder = new AppProcess(INTRUDER, { flags: [], env: { ...env, ...user } });
    assert.deepEqual(await intruder.ended, { code: 0, signal: null });
    return intruder.stdout;
  };
  const all = (outcome: string) =>
    ['list', 'read', 'write', 'make', 'connect'].map((attempt) => `${attempt} ${outcome}`);
  assert.deepEqual(await outcomes({}), all('done'));
  // Only root can be another user.
  if (isRoot) assert.deepEqual(await outcomes({ USER: '65534' }), all('EACCES'));
  else t.diagnostic('another user was not tried');
});
