import assert from 'node:assert/strict';
import fs from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { until } from '../until.ts';
import {
  createSlowBind,
  failure,
  filesOf,
  type Machine,
  machineOf,
  type Process,
  startProcess,
  withFaults,
} from './groups.ts';
import { bound } from './members/sockets.ts';

/** Processes with 1, 10 and 100 requests; the first one owns the port. */
async function startThree(t: TestContext, machine: Machine): Promise<[Process, Process, Process]> {
  const all: [Process, Process, Process] = [
    startProcess(t, machine),
    startProcess(t, machine),
    startProcess(t, machine),
  ];
  for (const [i, { join }] of all.entries()) await join(10 ** i);
  return all;
}

const nothingSaid = (processes: readonly Process[]): void =>
  assert.deepEqual(
    processes.flatMap(({ said }) => said),
    [],
  );

describe('a group', bound, () => {
  test('is served by the process that binds the port; the others are members', async (t) => {
    const machine = machineOf(t);
    const all = [startProcess(t, machine), startProcess(t, machine), startProcess(t, machine)] as const;
    const [first, second, third] = all;
    assert.equal(await first.join(1), 'owner');
    assert.deepEqual(await first.counts(), [1, 1, 0]);
    assert.equal(await second.join(10), 'member');
    assert.equal(await third.join(100), 'member');
    assert.deepEqual(await first.counts(), [111, 3, 0]);
    assert.deepEqual(await second.counts(), [10, 1, 0], 'a member has its own alone');
    const resources = await Promise.all(all.map(async ({ group }) => (await group.collect()).resource));
    const ids = resources.map(({ attributes }) => attributes['service.instance.id']);
    assert.match(String(ids[0]), /^[\da-f]{8}-/);
    assert.equal(new Set(ids).size, 1, 'one name for all');
    nothingSaid(all);
  });

  test('binds the port once, though it becomes free between two attempts to join', async (t) => {
    const machine = machineOf(t);
    let tries = 0;
    const process = startProcess(t, machine, {
      times: { retry: 200 },
      async bind() {
        tries += 1;
        return tries === 1 ? failure('EADDRINUSE') : undefined;
      },
    });
    const early = process.join(1);
    await until(() => tries === 1);
    assert.deepEqual(await Promise.all([process.join(1), early]), ['owner', 'owner']);
    assert.equal(tries, 2);
    assert.deepEqual(await process.counts(), [2, 1, 0]);
  });

  test('continues with every total when the owner leaves', async (t) => {
    const machine = machineOf(t);
    const all = await startThree(t, machine);
    let expected = 111;
    for (let ended = 1; ended <= 2; ended++) {
      all.find(({ owns }) => owns())?.end();
      const next = await until(() => all.find(({ owns }) => owns()));
      await next.comesTo(expected, 3 - ended, ended);
      next.request();
      expected += 1;
      assert.deepEqual(await next.counts(), [expected, 3 - ended, ended]);
    }
    nothingSaid(all);
  });

  test('continues with every total though the next owner cannot write that it owns the port', async (t) => {
    const machine = machineOf(t);
    const full = withFaults({
      writeFileSync(path, ...rest) {
        if (String(path).includes('.json')) throw failure('ENOSPC');
        fs.writeFileSync(path, ...rest);
      },
    });
    const [first, second] = [startProcess(t, machine), startProcess(t, machine, { fs: full })];
    await first.join(1);
    await second.join(10);
    first.end();
    await until(second.owns);
    await second.comesTo(11, 1, 1);
    assert.match(second.said.join(''), /processes that start now cannot join: .* cannot be written: /);
  });

  test('leaves nothing behind, whether its processes end one by one or all at once', async (t) => {
    for (const atOnce of [true, false]) {
      const machine = machineOf(t);
      const all = await startThree(t, machine);
      for (const [i, each] of all.entries()) {
        each.end();
        const rest = all.slice(i + 1);
        if (!atOnce && rest.length > 0) await until(() => rest.some(({ owns }) => owns()));
      }
      await until(() => filesOf(machine).length === 0);
      const next = startProcess(t, machine);
      assert.equal(await next.join(5), 'owner');
      assert.deepEqual(await next.counts(), [5, 1, 0], 'from zero');
    }
  });

  test('continues when the folder is removed, with the totals of retired members', async (t) => {
    const machine = machineOf(t);
    const [first, second, third] = await startThree(t, machine);
    third.end();
    await first.comesTo(111, 3 - 1, 1);
    fs.rmSync(machine.directory, { recursive: true });
    await until(async () => fs.existsSync(machine.directory) && (await first.counts())[1] === 2);
    assert.ok(
      filesOf(machine).some((name) => name.endsWith('.json')),
      'the claim is there again',
    );
    assert.deepEqual(await first.counts(), [111, 2, 1]);
    first.end();
    await until(second.owns);
    await second.comesTo(111, 1, 2);
  });

  test('keeps the files of retired members while the totals cannot be written, though the claim is removed', async (t) => {
    const machine = machineOf(t);
    const full = withFaults({
      writeFileSync(path, ...rest) {
        if (String(path).endsWith('base.next')) throw failure('ENOSPC');
        fs.writeFileSync(path, ...rest);
      },
    });
    const first = startProcess(t, machine, { fs: full });
    const second = startProcess(t, machine);
    await first.join(1);
    await second.join(10);
    second.end();
    await first.comesTo(11, 1, 1);
    const claims = () => filesOf(machine).filter((name) => name.endsWith('.json'));
    fs.rmSync(join(machine.directory, String(claims()[0])));
    await until(() => claims().length === 1);
    await first.comesTo(11, 1, 1);
    assert.equal(filesOf(machine).filter((name) => /\b2-0-\w+\.values$/.test(name)).length, 1);
  });

  test('counts a member once if its files are removed', async (t) => {
    const machine = machineOf(t);
    const [first, second] = await startThree(t, machine);
    assert.deepEqual(await first.counts(), [111, 3, 0]);
    for (const name of filesOf(machine)) {
      if (/\b2-0-\w+\.(sock|keys|values)$/.test(name)) fs.rmSync(join(machine.directory, name));
    }
    await until(async () => (await first.counts())[1] === 2);
    await first.comesTo(111, 3, 0);
    second.request();
    assert.deepEqual(await first.counts(), [112, 3, 0]);
  });
});

describe('a process that hands over and stays alive', bound, () => {
  test('is a member again, neither lost nor counted twice', async (t) => {
    const machine = machineOf(t);
    const all = await startThree(t, machine);
    const [first, second, third] = all;
    for (const [i, each] of [second, third, second].entries()) {
      each.group.handOver();
      each.request();
      await first.comesTo(112 + i, 3, 1 + i);
    }
    nothingSaid(all);
  });

  test('continues to serve at once if it is the owner', async (t) => {
    const machine = machineOf(t);
    const all = await startThree(t, machine);
    const [first, second, third] = all;
    for (const { meter } of [first, second]) meter.createGauge('queue').record(5);
    assert.deepEqual((await first.served()).queue, { '{}': 10 });
    first.group.handOver();
    assert.deepEqual((await first.served()).queue, { '{}': 10 });
    assert.deepEqual(await first.counts(), [111, 3, 1]);
    first.request();
    assert.deepEqual(await first.counts(), [112, 3, 1]);
    first.end();
    const next = await until(() => [second, third].find(({ owns }) => owns()));
    await next.comesTo(112, 2, 2);
    nothingSaid(all);
  });

  test('keeps its totals, and those of retired members, if it was the last one', async (t) => {
    const machine = machineOf(t);
    const [first, second] = [startProcess(t, machine, { times: { tick: 10_000 } }), startProcess(t, machine)];
    await first.join(1);
    await second.join(10);
    second.end();
    await first.comesTo(11, 1, 1);
    first.group.handOver();
    assert.deepEqual(filesOf(machine), []);
    assert.deepEqual(await first.counts(), [11, 1, 1]);
    const third = startProcess(t, machine);
    await until(async () => (await third.join()) === 'member');
    assert.deepEqual(await first.counts(), [11, 2, 1]);
    first.end();
    await until(third.owns);
    await third.comesTo(11, 1, 2);
  });

  test('starts nothing again once it has left', async (t) => {
    const machine = machineOf(t);
    const only = startProcess(t, machine);
    await only.join(3);
    only.group.handOver();
    only.group.leave();
    assert.deepEqual(await only.counts(), [3, 1, 0]);
    assert.deepEqual(filesOf(machine), []);
  });
});

describe('a process whose app takes the port', bound, () => {
  test('no longer owns it, and is a member of the next owner', async (t) => {
    const machine = machineOf(t);
    const [first, second, third] = await startThree(t, machine);
    machine.owner = 'the app';
    first.group.release();
    assert.deepEqual(await first.counts(), [1, 1, 0]);
    machine.owner = undefined;
    await until(() => machine.owner !== undefined);
    assert.equal(first.owns(), false);
    const next = await until(() => [second, third].find(({ owns }) => owns()));
    await next.comesTo(111, 3, 0);
  });

  test('does not own it if the app takes it while it is being bound', async (t) => {
    const machine = machineOf(t);
    const other = startProcess(t, machine);
    const { bind, succeed } = createSlowBind();
    const first = startProcess(t, machine, { bind });
    const joined = first.join(1);
    first.group.release();
    succeed();
    await other.join(10);
    assert.equal(await joined, 'member');
    assert.deepEqual(await first.counts(), [1, 1, 0]);
    await other.comesTo(11, 2, 0);
  });
});
