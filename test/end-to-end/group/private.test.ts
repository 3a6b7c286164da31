import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { chmodSync, lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { basename, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { AppProcess } from '../../app-process.ts';
import { until } from '../../until.ts';
import { placeOf } from './folder.ts';
import { isRoot, mounting, needs, withMounts } from './machine.ts';
import { counted, TestedGroup } from './tested-group.ts';

const bound = process.platform === 'win32' ? { skip: 'no Unix sockets' } : { timeout: 60_000 };

/** Every file below a folder, by its path. */
const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name));

describe('nobody else may enter, read or write', { ...bound, ...mounting }, () => {
  for (const umask of ['022', '000']) {
    test(`with umask ${umask}`, async () => {
      const shared = mkdtempSync('/tmp/group-');
      after(() => rmSync(shared, { recursive: true }));
      chmodSync(shared, 0o1777);
      const group = await TestedGroup.create();
      const wrapper = withMounts(`umask ${umask} && mount --bind ${shared} /dev/shm`);
      const apps = [await group.start({ wrapper }), await group.start({ wrapper })];
      for (const app of apps) await group.send(app);
      assert.deepEqual(counted(await group.scrapeUntil(({ fresh }) => fresh === 2)), group.tally.expected);
      const open = filesBelow(shared)
        .map((path) => [path, lstatSync(path).mode & 0o777] as const)
        .filter(([, mode]) => (mode & 0o077) !== 0);
      assert.deepEqual(open, []);
      // The folder, the group's, the epoch's, the owner's file, and three files of each.
      assert.equal(filesBelow(shared).length, 4 + 2 * 3);
      await Promise.all(apps.map((app) => app.end('SIGTERM')));
      assert.deepEqual(readdirSync(shared), [], 'and it all goes with the group');
    });
  }
});

/** Tries everything as a user without rights, and prints what came of it, a line each. */
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

describe('what members exchange is open to their user alone', () => {
  const users = [
    ['another user', '65534', 'EACCES', needs(isRoot, 'only root can be another user')],
    ['the same user', undefined, 'done', {}],
  ] as const;
  for (const [who, user, outcome, able] of users) {
    test(`${who}: ${outcome}`, { ...bound, ...able }, async () => {
      const group = await TestedGroup.create();
      const [, member] = await group.startMany(2);
      const place = placeOf(group.service);
      const own = readdirSync(place).filter((name) => name.startsWith(`${member?.child.pid}-`));
      const fileOf = (ending: string): string => join(place, own.find((name) => name.endsWith(ending)) ?? '');
      const intruder = new AppProcess(INTRUDER, {
        flags: [],
        env: {
          PLACE: place,
          SOCKET: fileOf('.sock'),
          VALUES: fileOf('.values'),
          ...(user !== undefined && { USER: user }),
        },
      });
      assert.deepEqual(await intruder.ended, { code: 0, signal: null });
      assert.deepEqual(
        intruder.stdout,
        ['list', 'read', 'write', 'make', 'connect'].map((attempt) => `${attempt} ${outcome}`),
      );
    });
  }
});

describe('garbage and floods on the sockets of members change nothing', () => {
  type Attack = [
    name: string,
    connections: number,
    data: (secret: string) => string | Buffer,
    cutOff: boolean,
  ];
  const attacks: Attack[] = [
    ['bytes of chance', 5, () => randomBytes(10_000), true],
    ['a line without end', 5, () => 'a'.repeat(1_000_000), true],
    ['a wrong secret', 5, () => 'routemeter 1 0123456789ab\nflush 1\n', true],
    ['the secret, and no command', 5, (secret) => `routemeter 1 ${secret}\nend 1\n`, true],
    [
      'the secret, and commands without end',
      5,
      (secret) => `routemeter 1 ${secret}\n${'flush 1\n'.repeat(20_000)}`,
      false,
    ],
    ['silence', 100, () => '', true],
  ];
  for (const [name, connections, data, cutOff] of attacks) {
    test(name, bound, async (t) => {
      const group = await TestedGroup.create();
      const apps = await group.startMany(2);
      const place = placeOf(group.service);
      const said = apps.map(({ stderr }) => [...stderr]);
      const intruders: Socket[] = [];
      t.after(() => {
        for (const socket of intruders) socket.destroy();
      });
      for (const file of readdirSync(place).filter((each) => each.endsWith('.sock'))) {
        for (let i = 0; i < connections; i++) {
          const socket = connect(join(place, file)).on('error', () => {});
          intruders.push(socket);
          socket.resume().write(data(basename(place)));
        }
      }
      const closed = (): boolean => intruders.every((socket) => socket.destroyed);
      if (cutOff) await until('all are cut off', closed);
      for (let i = 0; i < 5; i++) {
        for (const app of apps) await group.send(app);
        const scraped = await group.scrape();
        assert.deepEqual(counted(scraped), group.tally.expected);
        assert.deepEqual([scraped.members, scraped.retired], [2, 0]);
      }
      for (const socket of intruders) socket.destroy();
      await group.scrapeUntil(({ fresh }) => fresh === 2);
      assert.deepEqual(
        apps.map(({ stderr }) => stderr),
        said,
      );
    });
  }
});
