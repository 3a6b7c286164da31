import assert from 'node:assert/strict';
import fs from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { listenAsMember } from '../../src/group/members/member-socket.ts';
import { type Owner, socketOf, writeOwner } from '../../src/group/port/owner.ts';
import type { FileSystem } from '../../src/group/state/files.ts';
import { until } from '../until.ts';
import { failure, filesOf, type Host, hostOf, startProcess } from './groups.ts';
import { bound, guardOf } from './members/sockets.ts';

/** Who serves the port of the host, and is not of the processes that the tests start. */
async function startOwner(t: TestContext, host: Host, service: string): Promise<Owner> {
  const owner: Owner = {
    service,
    group: 'ffffffffff',
    epoch: '0123456789ab',
    id: '77-0-0123abcd',
    pid: 77,
    format: 1,
    endpoint: { network: '', host: 'localhost', port: 9464 },
    address: 'loopback',
  };
  // Where the owner's file is depends on the endpoint only.
  const scout = startProcess(t, host);
  await scout.join();
  const [file = ''] = filesOf(host).filter((name) => name.endsWith('.json'));
  scout.end();
  const path = socketOf(host.directory, owner);
  fs.mkdirSync(join(path, '..'), { recursive: true });
  const socket = await listenAsMember({
    path,
    secret: owner.epoch,
    guard: guardOf([]),
    onFlush: async () => {},
    onServerGone: () => {},
  });
  t.after(() => socket.close());
  writeOwner(fs, join(host.directory, file), owner);
  host.owner = 'owner';
  return owner;
}

describe('a process that cannot serve and is no member', bound, () => {
  test('is told which other service has the port, and leaves its files alone', async (t) => {
    const host = hostOf(t);
    const owner = await startOwner(t, host, 'bank');
    const files = filesOf(host);
    const process = startProcess(t, host);
    const outcome = await process.group.join();
    assert.deepEqual(outcome.role === 'outsider' && outcome.owner, owner);
    process.request(3);
    assert.deepEqual(await process.counts(), [3, 1, 0]);
    process.end();
    assert.deepEqual(filesOf(host), files);
    assert.deepEqual(process.said, []);
  });

  test('of another version of the same service serves once the port is free', async (t) => {
    const host = hostOf(t);
    const owner = await startOwner(t, host, 'shop');
    const process = startProcess(t, host);
    const outcome = await process.group.join();
    assert.deepEqual(outcome.role === 'outsider' && outcome.owner, owner);
    process.request(3);
    host.owner = undefined;
    await until(process.serves);
    await until(async () => (await process.counts())[0] === 3);
  });

  test('is told so when nobody says who has the port', async (t) => {
    const host = hostOf(t);
    host.owner = 'a stranger';
    const outcome = await startProcess(t, host).group.join();
    assert.equal(outcome.role === 'outsider' && outcome.error.code, 'EADDRINUSE');
    assert.equal(outcome.role === 'outsider' && outcome.owner, undefined);
    assert.deepEqual(filesOf(host), []);
  });

  test('joins one that has just bound the port and says who it is only then', async (t) => {
    const host = hostOf(t);
    host.owner = 'a process that starts';
    const second = startProcess(t, host);
    const joined = second.join(10);
    await until(() => host.tries > 1);
    host.owner = undefined;
    const first = startProcess(t, host);
    const role = await first.join(1);
    assert.deepEqual(new Set([role, await joined]), new Set(['serving', 'member']));
    const serving = [first, second].find(({ serves }) => serves());
    assert.deepEqual(await serving?.counts(), [11, 2, 0]);
  });

  for (const code of ['EACCES', 'EADDRNOTAVAIL', 'ENOTFOUND']) {
    test(`is told of ${code} at once, and tries no more`, async (t) => {
      const host = hostOf(t);
      let tries = 0;
      const bind = async () => {
        tries += 1;
        return failure(code);
      };
      const process = startProcess(t, host, { bind });
      const outcome = await process.group.join();
      assert.equal(outcome.role === 'outsider' && outcome.error.code, code);
      assert.deepEqual([tries, filesOf(host)], [1, []]);
    });
  }
});

describe('a process that leaves', bound, () => {
  test('while it waits for the port leaves nothing', async (t) => {
    const host = hostOf(t);
    let bind = (): void => {};
    const binding = new Promise<undefined>((resolve) => {
      bind = () => resolve(undefined);
    });
    const process = startProcess(t, host, { bind: () => binding });
    const joined = process.join();
    process.group.leave();
    bind();
    await joined;
    assert.deepEqual(filesOf(host), []);
  });

  test('while it looks who serves leaves only that one', async (t) => {
    const host = hostOf(t);
    const first = startProcess(t, host);
    await first.join(1);
    const files = filesOf(host);
    const second = startProcess(t, host);
    const joined = second.join(10);
    second.group.leave();
    await joined;
    await until(async () => filesOf(host).filter((name) => name.endsWith('.sock')).length === 1);
    for (const file of files) assert.ok(filesOf(host).includes(file), file);
    await until(async () => (await first.counts())[1] === 1);
  });

  test('while it comes back does not come back', async (t) => {
    const host = hostOf(t);
    const process = startProcess(t, host);
    await process.join(1);
    process.group.handOver();
    const counted = process.counts();
    process.group.leave();
    assert.equal((await counted)[0], 1);
    assert.deepEqual(filesOf(host), []);
  });
});

describe('a folder that cannot be written', bound, () => {
  test('leaves a process that serves itself alone, and says so once', async (t) => {
    const host = hostOf(t);
    const checkDirectory = (): never => {
      throw new Error('/run is read-only');
    };
    const process = startProcess(t, host, { checkDirectory });
    assert.equal(await process.join(3), 'serving');
    for (let scrape = 0; scrape < 3; scrape++) assert.deepEqual(await process.counts(), [3, 1, 0]);
    assert.equal(await process.group.isAlone(), true);
    assert.equal(process.said.length, 1);
    assert.match(
      process.said[0] ?? '',
      /^routemeter: only the metrics of this process are served: .*read-only\n$/,
    );
  });

  test('is tried again until it can be', async (t) => {
    const host = hostOf(t);
    let full = true;
    const writeFileSync: typeof fs.writeFileSync = (...written) => {
      if (full) throw failure('ENOSPC');
      fs.writeFileSync(...written);
    };
    const first = startProcess(t, host, { fs: { ...fs, writeFileSync } as FileSystem });
    assert.equal(await first.join(1), 'serving');
    assert.deepEqual(await first.counts(), [1, 1, 0]);
    full = false;
    const second = startProcess(t, host);
    await until(async () => (await second.join(0)) === 'member');
    second.request(10);
    await until(async () => (await first.counts())[0] === 11);
    assert.deepEqual(await first.counts(), [11, 2, 0]);
    assert.equal(first.said.length, 1);
  });

  test('keeps what a member could write, and it says so once', async (t) => {
    const host = hostOf(t);
    const first = startProcess(t, host);
    await first.join(1);
    let full = false;
    const writeSync = (...written: Parameters<FileSystem['writeSync']>): number => {
      if (full) throw failure('ENOSPC');
      return fs.writeSync(...written);
    };
    const second = startProcess(t, host, { fs: { ...fs, writeSync } as FileSystem });
    assert.equal(await second.join(10), 'member');
    full = true;
    second.request(100);
    for (let scrape = 0; scrape < 2; scrape++) assert.deepEqual(await first.counts(), [11, 2, 0]);
    assert.equal(second.said.length, 1);
    assert.match(second.said[0] ?? '', /metrics of this process cannot be written to .*: ENOSPC/);
    full = false;
    assert.deepEqual(await first.counts(), [111, 2, 0]);
  });
});
