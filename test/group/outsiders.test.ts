import assert from 'node:assert/strict';
import fs from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { type Owner, ownerPath, socketOf, writeOwner } from '../../src/group/port/owner.ts';
import { until } from '../until.ts';
import {
  createSlowBind,
  failure,
  filesOf,
  type Machine,
  machineOf,
  startProcess,
  withFaults,
} from './groups.ts';
import { bound, startMember } from './members/sockets.ts';
import { ownerOf } from './owners.ts';

/** An owner of the machine's port that is none of the processes that the tests start. */
async function startOwner(t: TestContext, machine: Machine, service: string): Promise<Owner> {
  const owner = ownerOf({ service, group: 'ffffffffff', format: 1 });
  const path = socketOf(machine.directory, owner);
  fs.mkdirSync(join(path, '..'), { recursive: true });
  await startMember(t, { path, secret: owner.epoch });
  writeOwner(fs, ownerPath(machine.directory, owner.endpoint), owner);
  machine.owner = 'owner';
  return owner;
}

describe('a process that can neither bind the port nor join', bound, () => {
  test('learns which other service owns the port, and leaves its files alone', async (t) => {
    const machine = machineOf(t);
    const owner = await startOwner(t, machine, 'bank');
    const files = filesOf(machine);
    const process = startProcess(t, machine);
    const outcome = await process.group.join();
    assert.deepEqual(outcome.role === 'outsider' && outcome.owner, owner);
    process.request(3);
    assert.deepEqual(await process.counts(), [3, 1, 0]);
    process.end();
    assert.deepEqual(filesOf(machine), files);
    assert.deepEqual(process.said, []);
  });

  test('of another version of the same service takes over once the port is free', async (t) => {
    const machine = machineOf(t);
    const owner = await startOwner(t, machine, 'shop');
    const process = startProcess(t, machine);
    const outcome = await process.group.join();
    assert.deepEqual(outcome.role === 'outsider' && outcome.owner, owner);
    process.request(3);
    machine.owner = undefined;
    await until(process.owns);
    await process.comesTo(3, 1, 0);
  });

  test('gives up when the owner of the port stays unknown', async (t) => {
    const machine = machineOf(t);
    machine.owner = 'a stranger';
    const outcome = await startProcess(t, machine).group.join();
    assert.equal(outcome.role === 'outsider' && outcome.error.code, 'EADDRINUSE');
    assert.equal(outcome.role === 'outsider' && outcome.owner, undefined);
    assert.deepEqual(filesOf(machine), []);
  });

  test('joins an owner that has just bound the port but announces it only later', async (t) => {
    const machine = machineOf(t);
    machine.owner = 'a process that starts';
    const times = { settle: 10_000 };
    const second = startProcess(t, machine, { times });
    const joined = second.join(10);
    await until(() => machine.tries > 1);
    machine.owner = undefined;
    const first = startProcess(t, machine, { times });
    const role = await first.join(1);
    assert.deepEqual(new Set([role, await joined]), new Set(['owner', 'member']));
    const owner = [first, second].find(({ owns }) => owns());
    assert.deepEqual(await owner?.counts(), [11, 2, 0]);
  });

  test('learns of any other error at once, and does not try again', async (t) => {
    const machine = machineOf(t);
    let tries = 0;
    const bind = async () => {
      tries += 1;
      return failure('EACCES');
    };
    const outcome = await startProcess(t, machine, { bind }).group.join();
    assert.equal(outcome.role === 'outsider' && outcome.error.code, 'EACCES');
    assert.deepEqual([tries, filesOf(machine)], [1, []]);
  });
});

describe('a process that leaves', bound, () => {
  test('while it binds the port leaves nothing', async (t) => {
    const machine = machineOf(t);
    const { bind, succeed } = createSlowBind();
    const process = startProcess(t, machine, { bind });
    const joined = process.join();
    process.group.leave();
    succeed();
    await joined;
    assert.deepEqual(filesOf(machine), []);
  });

  test('while it looks for the owner leaves only the owner', async (t) => {
    const machine = machineOf(t);
    const first = startProcess(t, machine);
    await first.join(1);
    const files = filesOf(machine);
    const second = startProcess(t, machine);
    const joined = second.join(10);
    second.group.leave();
    await joined;
    await until(() => filesOf(machine).filter((name) => name.endsWith('.sock')).length === 1);
    for (const file of files) assert.ok(filesOf(machine).includes(file), file);
    await until(async () => (await first.counts())[1] === 1);
  });

  test('while it comes back does not come back', async (t) => {
    const machine = machineOf(t);
    const process = startProcess(t, machine);
    await process.join(1);
    process.group.handOver();
    const counted = process.counts();
    process.group.leave();
    assert.equal((await counted)[0], 1);
    assert.deepEqual(filesOf(machine), []);
  });
});

describe('a folder that cannot be written', bound, () => {
  test('leaves an owner with its own metrics only, which is logged once', async (t) => {
    const machine = machineOf(t);
    const process = startProcess(t, machine, { findDirectory: () => ({ problem: '/run is read-only' }) });
    assert.equal(await process.join(3), 'owner');
    for (let scrape = 0; scrape < 3; scrape++) assert.deepEqual(await process.counts(), [3, 1, 0]);
    assert.equal(process.said.length, 1);
    assert.match(
      process.said[0] ?? '',
      /^routemeter: only the metrics of this process are served: .*read-only\n$/,
    );
  });

  test('is retried until it can be', async (t) => {
    const machine = machineOf(t);
    let full = true;
    const system = withFaults({
      writeFileSync(...written) {
        if (full) throw failure('ENOSPC');
        fs.writeFileSync(...written);
      },
    });
    const first = startProcess(t, machine, { fs: system });
    assert.equal(await first.join(1), 'owner');
    assert.deepEqual(await first.counts(), [1, 1, 0]);
    full = false;
    const second = startProcess(t, machine);
    await until(async () => (await second.join(0)) === 'member');
    second.request(10);
    await first.comesTo(11, 2, 0);
    assert.equal(first.said.length, 1);
  });

  test('keeps what a member could write, and the failure is logged once', async (t) => {
    const machine = machineOf(t);
    const first = startProcess(t, machine);
    await first.join(1);
    let full = false;
    const writeSync = (...written: Parameters<typeof fs.writeSync>): number => {
      if (full) throw failure('ENOSPC');
      return fs.writeSync(...written);
    };
    const second = startProcess(t, machine, { fs: withFaults({ writeSync } as Partial<typeof fs>) });
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
