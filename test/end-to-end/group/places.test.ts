import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { codeOf } from '../../../src/guest/shape.ts';
import type { AppProcess } from '../../app-process.ts';
import { placeOf } from './folder.ts';
import { request } from './load.ts';
import { mounting, withMounts, withMountsOf } from './machine.ts';
import { bound, TestedGroup } from './tested-group.ts';

const mounted = { ...bound, ...mounting };

/** The user seems to be root where the tests mount. */
const NAME = 'routemeter-0';

function folder(t: TestContext, mode: number): string {
  const path = mkdtempSync('/tmp/group-');
  t.after(() => rmSync(path, { recursive: true }));
  chmodSync(path, mode);
  return path;
}

async function addUp(group: TestedGroup, apps: readonly AppProcess[]): Promise<void> {
  for (const app of apps) await group.send(app);
  await group.exact({ fresh: apps.length });
}

test(
  'a trap in the first place is not touched, and the next place is used, however little may be written',
  mounted,
  async (t) => {
    const [first, second] = [folder(t, 0o1777), folder(t, 0o1777)];
    symlinkSync('/tmp', join(first, NAME));
    const group = await TestedGroup.create();
    const mounts = `mount --bind ${first} /dev/shm && mount --bind ${second} /mnt && mount -o remount,bind,ro /`;
    const start = () => group.start({ env: { XDG_RUNTIME_DIR: '/mnt' }, wrapper: withMounts(mounts) });
    await addUp(group, [await start(), await start()]);
    assert.ok(placeOf(group.service, join(second, NAME)));
    assert.deepEqual(readdirSync(first), [NAME]);
  },
);

describe('a disk that fills up', mounted, () => {
  async function startOnSmallDisk() {
    const group = await TestedGroup.create();
    const owner = await group.start({
      wrapper: withMounts('mount -t tmpfs -o size=256k,mode=1777 none /dev/shm'),
    });
    const other = await group.start({ wrapper: withMountsOf(owner.child.pid) });
    await addUp(group, [owner, other]);
    const disk = `/proc/${owner.child.pid}/root/dev/shm`;
    const filler = join(disk, 'filler');
    const fill = (): void => {
      try {
        for (let i = 0; i < 1000; i++) writeFileSync(filler, Buffer.alloc(4096), { flag: 'a' });
      } catch (error) {
        assert.equal(codeOf(error), 'ENOSPC');
        return;
      }
      assert.fail('it has no end');
    };
    const place = placeOf(group.service, join(disk, NAME));
    return { group, owner, other, fill, empty: () => rmSync(filler), place };
  }

  /** Requests that add a hundred series to those of a process. */
  async function sendMany(app: AppProcess): Promise<void> {
    const url = await app.url();
    for (let status = 300; status < 400; status++) {
      await request(url, { method: 'GET', path: `/status/${status}`, route: '/status/:code', status });
    }
  }

  const complaints = ({ stderr }: AppProcess): string[] =>
    stderr.filter((line) => line.includes('metrics of this process cannot be written'));

  test('keeps known series, and takes the rest once there is room', async () => {
    const { group, owner, other, fill, empty } = await startOnSmallDisk();
    fill();
    for (const app of [owner, other]) await group.send(app);
    const { count } = group.tally.expected.sizes;
    await group.exact(({ sizes }) => sizes.count === count);
    await sendMany(other);
    const statuses = (requests: Record<string, number>): number =>
      Object.keys(requests).filter((name) => name.includes('/status/')).length;
    for (let i = 0; i < 3; i++) {
      await group.send(owner);
      const { requests, members, fresh } = await group.scrape();
      assert.ok(statuses(requests) < 100, 'the disk has to be full');
      assert.deepEqual([members, fresh], [2, 1], 'what cannot be written is not fresh');
      for (const [name, count] of Object.entries(group.tally.expected.requests))
        assert.equal(requests[name], count);
    }
    assert.match(complaints(other)[0] ?? '', /cannot be written to .*no space left on device/i);
    empty();
    await group.scrapeUntil((seen) => statuses(seen.requests) === 100);
    assert.equal(complaints(other).length, 1);
  });

  test('is logged in one line by a process that ends then, without leaving empty files', async () => {
    const { group, owner, other, fill, place } = await startOnSmallDisk();
    fill();
    for (const app of [other, owner]) await sendMany(app);
    await group.scrape();
    other.child.send('exit');
    await other.ended;
    await group.scrapeUntil({ retired: 1 });
    const files = readdirSync(join(place, '..', '..'), { recursive: true, encoding: 'utf8' });
    assert.deepEqual(
      files.filter((name) => name.endsWith('.next')),
      [],
    );
    await owner.end('SIGTERM');
    for (const app of [other, owner]) {
      assert.doesNotMatch(app.stderr.join('\n'), /internal error/);
      assert.equal(complaints(app).length, 1);
    }
  });
});
