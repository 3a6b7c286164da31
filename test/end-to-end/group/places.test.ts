import assert from 'node:assert/strict';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import type { AppProcess } from '../../app-process.ts';
import { until } from '../../until.ts';
import { placeOf } from './folder.ts';
import { request } from './load.ts';
import { isRoot, mounting, needs, withMounts, withMountsOf } from './machine.ts';
import { counted, TestedGroup } from './tested-group.ts';

const bound = { timeout: 60_000, ...mounting };

/** Who seems to be root where the tests mount. */
const NAME = 'routemeter-0';
const OTHER_USER = 65_534;

function folder(t: TestContext, mode: number): string {
  const path = mkdtempSync('/tmp/group-');
  t.after(() => rmSync(path, { recursive: true }));
  chmodSync(path, mode);
  return path;
}

async function addUp(group: TestedGroup, apps: readonly AppProcess[]): Promise<void> {
  for (const app of apps) await group.send(app);
  assert.deepEqual(
    counted(await group.scrapeUntil(({ fresh }) => fresh === apps.length)),
    group.tally.expected,
  );
}

describe('what is in the way in the first place is left alone, and the next place is taken', () => {
  type Trap = [name: string, make: (path: string) => void, able?: { skip?: string }];
  const traps: Trap[] = [
    ['a symbolic link', (path) => symlinkSync('/tmp', path)],
    ['a folder that is open to others', (path) => mkdirSync(path, { mode: 0o755 })],
    ['a file', (path) => writeFileSync(path, '')],
    [
      'a folder of another user',
      (path) => {
        mkdirSync(path, { mode: 0o700 });
        chownSync(path, OTHER_USER, OTHER_USER);
      },
      needs(isRoot, 'only root can make a folder of another user'),
    ],
  ];
  for (const [name, make, able] of traps) {
    test(name, { ...bound, ...able }, async (t) => {
      const [first, second] = [folder(t, 0o1777), folder(t, 0o700)];
      make(join(first, NAME));
      const group = await TestedGroup.create();
      const start = () =>
        group.start({
          env: { XDG_RUNTIME_DIR: second },
          wrapper: withMounts(`mount --bind ${first} /dev/shm`),
        });
      await addUp(group, [await start(), await start()]);
      assert.ok(placeOf(group.service, join(second, NAME)));
      assert.deepEqual(readdirSync(first), [NAME]);
    });
  }
});

test('a root file system that is read-only is no obstacle', bound, async (t) => {
  const shared = folder(t, 0o1777);
  const group = await TestedGroup.create();
  const wrapper = withMounts(`mount --bind ${shared} /dev/shm && mount -o remount,bind,ro /`);
  await addUp(group, [await group.start({ wrapper }), await group.start({ wrapper })]);
});

describe('where no place will do, a process says so in one line and serves what is its own', () => {
  const FILL = 'head -c 8192 /dev/zero > $0/filler';
  const places: [name: string, mount: (place: string) => string, why: string][] = [
    ['read-only', (place) => `mount -t tmpfs -o ro none ${place}`, 'read-only file system'],
    [
      'full',
      (place) =>
        `mount -t tmpfs -o size=8k,mode=1777 none ${place} && (${FILL.replace('$0', place)} || true)`,
      'no space left on device',
    ],
    [
      'open to exchanges',
      (place) => `mount -t tmpfs -o mode=777 none ${place}`,
      'lets others rename what is in it',
    ],
  ];
  for (const [name, mount, why] of places) {
    test(name, bound, async (t) => {
      const group = await TestedGroup.create();
      const temporary = folder(t, 0o1777);
      const env = { TMPDIR: temporary };
      const app = await group.start({
        env,
        wrapper: withMounts(`${mount('/dev/shm')} && ${mount(temporary)}`),
      });
      await group.send(app);
      assert.deepEqual(counted(await group.scrape()), group.tally.expected);
      const [line = '', ...rest] = app.stderr;
      assert.match(
        line,
        /^routemeter: the processes of this service cannot be added up, each is by itself: /,
      );
      assert.ok(line.includes('/dev/shm') && line.includes(temporary), line);
      assert.equal(line.split(why).length, 3, line);
      assert.equal(rest.length, 1);

      const other = group.launch('group-app.mjs', { env, wrapper: withMountsOf(app.child.pid) });
      await other.line('stderr', /: the port is already in use\. The metrics of this process are not served/);
      assert.deepEqual(counted(await group.scrape()), group.tally.expected);
    });
  }
});

describe('a disk that gets full', () => {
  async function startOnSmallDisk() {
    const group = await TestedGroup.create();
    const serving = await group.start({
      wrapper: withMounts('mount -t tmpfs -o size=256k,mode=1777 none /dev/shm'),
    });
    const other = await group.start({ wrapper: withMountsOf(serving.child.pid) });
    await addUp(group, [serving, other]);
    const disk = `/proc/${serving.child.pid}/root/dev/shm`;
    const filler = join(disk, 'filler');
    const fill = (): void => {
      try {
        for (let i = 0; i < 1000; i++) writeFileSync(filler, Buffer.alloc(4096), { flag: 'a' });
      } catch (error) {
        assert.equal((error as NodeJS.ErrnoException).code, 'ENOSPC');
        return;
      }
      assert.fail('it has no end');
    };
    return {
      group,
      serving,
      other,
      fill,
      empty: () => rmSync(filler),
      place: placeOf(group.service, join(disk, NAME)),
    };
  }

  test(
    'takes what is known already, says so once, and takes the rest when there is room',
    bound,
    async () => {
      const { group, serving, other, fill, empty } = await startOnSmallDisk();
      fill();
      for (const app of [serving, other]) await group.send(app);
      const known = await group.scrapeUntil(({ sizes }) => sizes.count === group.tally.expected.sizes.count);
      assert.deepEqual(counted(known), group.tally.expected);
      const complaints = (): string[] => other.stderr.filter((line) => line.includes('cannot be written'));
      const url = await other.url();
      for (let status = 300; status < 400; status++) {
        await request(url, { method: 'GET', path: `/status/${status}`, route: '/status/:code', status });
      }
      const statuses = (requests: Record<string, number>): number =>
        Object.keys(requests).filter((name) => name.includes('/status/')).length;
      for (let i = 0; i < 3; i++) {
        await group.send(serving);
        const { requests, members, fresh } = await group.scrape();
        assert.ok(statuses(requests) < 100, 'the disk has to be full');
        assert.deepEqual([members, fresh], [2, 1], 'what cannot be written is not fresh');
        for (const [name, count] of Object.entries(group.tally.expected.requests))
          assert.equal(requests[name], count);
      }
      assert.equal(complaints().length, 1);
      assert.match(complaints()[0] ?? '', /cannot be written to .*no space left on device/i);
      empty();
      await group.scrapeUntil(({ requests }) => statuses(requests) === 100);
      assert.equal(complaints().length, 1);
    },
  );

  test('is said in one line by a process that ends then, and leaves no empty files', bound, async () => {
    const { group, serving, other, fill, place } = await startOnSmallDisk();
    fill();
    for (const app of [other, serving]) {
      const url = await app.url();
      for (let status = 300; status < 400; status++) {
        await request(url, { method: 'GET', path: `/status/${status}`, route: '/status/:code', status });
      }
    }
    await group.scrape();
    other.child.send('exit');
    await other.ended;
    await group.scrapeUntil(({ retired }) => retired === 1);
    serving.child.kill('SIGTERM');
    const tree = join(place, '..', '..');
    assert.deepEqual(
      readdirSync(tree, { recursive: true }).filter((name) => String(name).endsWith('.next')),
      [],
    );
    await serving.ended;
    for (const app of [other, serving]) {
      assert.deepEqual(
        app.stderr.filter((line) => /internal error/.test(line)),
        [],
      );
      assert.equal(
        app.stderr.filter((line) => /metrics of this process cannot be written/.test(line)).length,
        1,
      );
    }
  });

  test('keeps what the dead have counted, and tidies up when there is room', bound, async () => {
    const { group, serving, other, fill, empty, place } = await startOnSmallDisk();
    fill();
    await group.send(other);
    await group.scrape();
    await other.end('SIGKILL');
    group.forget(other);
    const scraped = await group.scrapeUntil(({ retired }) => retired === 1);
    assert.deepEqual(counted(scraped), group.tally.expected);
    await serving.line('stderr', /cannot be written to .*no space left on device/i);
    empty();
    await until('the files of the dead are gone', () => {
      const ids = new Set(readdirSync(place).map((name) => name.split('.')[0]));
      return ids.size === 2 && ids.has('base');
    });
    assert.deepEqual(counted(await group.scrape()), group.tally.expected);
  });
});
