import assert from 'node:assert/strict';
import fs from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import type { FileSystem } from '../../src/group/state/files.ts';
import { until } from '../until.ts';
import { failure, filesOf, type Host, hostOf, type Process, startProcess } from './groups.ts';
import { bound } from './members/sockets.ts';

/** Processes with 1, 10 and 100 requests; the first one serves. */
async function startThree(t: TestContext, host: Host): Promise<[Process, Process, Process]> {
  const all: [Process, Process, Process] = [
    startProcess(t, host),
    startProcess(t, host),
    startProcess(t, host),
  ];
  for (const [i, { join }] of all.entries()) await join(10 ** i);
  return all;
}

const nobodySaid = (processes: readonly Process[]): void =>
  assert.deepEqual(
    processes.map(({ said }) => said),
    processes.map(() => []),
  );

describe('a group', bound, () => {
  test('is served by whoever binds the port, the others are members', async (t) => {
    const host = hostOf(t);
    const [first, second, third] = [startProcess(t, host), startProcess(t, host), startProcess(t, host)];
    assert.equal(await first.join(1), 'serving');
    assert.equal(await first.group.isAlone(), true);
    assert.equal(await second.join(10), 'member');
    assert.equal(await third.join(100), 'member');
    assert.deepEqual(await first.counts(), [111, 3, 0]);
    assert.equal(await first.group.isAlone(), false);
    assert.deepEqual(await second.counts(), [10, 1, 0], 'a member has its own alone');
    assert.deepEqual(new Set([first, second, third].map(({ group }) => group.epoch)).size, 1);
    nobodySaid([first, second, third]);
  });

  test('binds the port once, though it becomes free between two attempts to join', async (t) => {
    const host = hostOf(t);
    const process = startProcess(t, host);
    host.owner = 'a process not yet identified';
    const early = process.join(1);
    await until(() => host.tries === 1);
    host.owner = undefined;
    assert.deepEqual(await Promise.all([process.join(1), early]), ['serving', 'serving']);
    assert.equal(host.tries, 2);
    assert.deepEqual(await process.counts(), [2, 1, 0]);
  });

  test('goes on with every total when the serving process leaves', async (t) => {
    const host = hostOf(t);
    const all = await startThree(t, host);
    let expected = 111;
    for (let ended = 1; ended <= 2; ended++) {
      all.find((each) => each.serves())?.end();
      await until(() => host.owner !== undefined);
      const serving = all.find((each) => each.serves());
      serving?.request(1000);
      expected += 1000;
      await until(async () => (await serving?.counts())?.[2] === ended);
      assert.deepEqual(await serving?.counts(), [expected, 3 - ended, ended]);
    }
    nobodySaid(all);
  });

  test('goes on with every total though the next serving process cannot say that it serves', async (t) => {
    const host = hostOf(t);
    const full: FileSystem = {
      ...fs,
      writeFileSync(path, data, options) {
        if (String(path).includes('.json')) throw failure('ENOSPC');
        fs.writeFileSync(path, data, options);
      },
    };
    const [first, second] = [startProcess(t, host), startProcess(t, host, { fs: full })];
    await first.join(1);
    await second.join(10);
    first.end();
    await until(() => second.serves());
    await until(async () => (await second.counts())[2] === 1);
    assert.deepEqual(await second.counts(), [11, 1, 1]);
    assert.match(second.said.join(''), /processes that start now cannot join: .* cannot be written: /);
  });

  test('leaves nothing behind, whether its processes end one by one or all at once', async (t) => {
    for (const atOnce of [true, false]) {
      const host = hostOf(t);
      const all = await startThree(t, host);
      for (const [i, each] of all.entries()) {
        each.end();
        const rest = all.slice(i + 1);
        if (!atOnce && rest.length > 0) await until(() => rest.some(({ serves }) => serves()));
      }
      await until(() => filesOf(host).length === 0);
      const next = startProcess(t, host);
      assert.equal(await next.join(5), 'serving');
      assert.deepEqual(await next.counts(), [5, 1, 0], 'from zero');
    }
  });

  test('goes on when somebody removes the folder, with the totals of those who had ended', async (t) => {
    const host = hostOf(t);
    const [first, second, third] = await startThree(t, host);
    third.end();
    await until(async () => (await first.counts())[2] === 1);
    fs.rmSync(host.directory, { recursive: true });
    await until(async () => fs.existsSync(host.directory) && (await first.counts())[1] === 2);
    assert.ok(
      filesOf(host).some((name) => name.endsWith('.json')),
      'nobody removed who serves',
    );
    assert.deepEqual(await first.counts(), [111, 2, 1]);
    first.end();
    await until(second.serves);
    await until(async () => (await second.counts())[2] === 2);
    assert.deepEqual(await second.counts(), [111, 1, 2]);
  });

  test('keeps what the dead have left in files while it cannot be written, though somebody removes who serves', async (t) => {
    const host = hostOf(t);
    const writeFileSync: typeof fs.writeFileSync = (file, ...rest) => {
      if (String(file).endsWith('base.next')) throw failure('ENOSPC');
      fs.writeFileSync(file, ...rest);
    };
    const first = startProcess(t, host, { fs: { ...fs, writeFileSync } as FileSystem });
    const second = startProcess(t, host);
    await first.join(1);
    await second.join(10);
    second.end();
    await until(async () => (await first.counts())[2] === 1);
    const values = () => filesOf(host).filter((name) => /\b2-0-\w+\.values$/.test(name)).length;
    const [owner] = filesOf(host).filter((name) => name.endsWith('.json'));
    fs.rmSync(join(host.directory, String(owner)));
    await until(() => filesOf(host).some((name) => name.endsWith('.json')));
    await until(async () => (await first.counts())[2] === 1);
    assert.deepEqual([await first.counts(), values()], [[11, 1, 1], 1]);
  });

  test('counts a member once whose files somebody removes', async (t) => {
    const host = hostOf(t);
    const [first, second] = await startThree(t, host);
    assert.deepEqual(await first.counts(), [111, 3, 0]);
    const [name] = filesOf(host).filter((file) => /\b2-0-\w+\.values$/.test(file));
    for (const ending of ['sock', 'keys', 'values']) {
      fs.rmSync(join(host.directory, String(name).replace(/values$/, ending)));
    }
    await until(async () => (await first.counts())[1] === 2);
    await until(async () => (await first.counts())[1] === 3);
    second.request();
    assert.deepEqual(await first.counts(), [112, 3, 0]);
  });
});

describe('a process that hands over and lives on', bound, () => {
  test('is a member again, and neither lost nor doubled, at any moment', async (t) => {
    const host = hostOf(t);
    const [first, second, third] = await startThree(t, host);
    for (const each of [second, third, second]) {
      each.group.handOver();
      each.request();
      await until(async () => (await first.counts())[1] === 2);
      await until(async () => (await first.counts())[1] === 3);
    }
    await until(async () => (await first.counts())[2] === 3);
    assert.deepEqual(await first.counts(), [114, 3, 3]);
    nobodySaid([first, second, third]);
  });

  test('serves on when it serves, at once', async (t) => {
    const host = hostOf(t);
    const [first, second, third] = await startThree(t, host);
    second.meter.createGauge('queue').record(5);
    first.meter.createGauge('queue').record(5);
    const gauges = async () => {
      const { state } = await first.group.total();
      return state.metrics.flatMap(({ definition, series }) =>
        definition.name === 'queue' ? series.map(({ offset }) => state.values[offset + 1]) : [],
      );
    };
    assert.deepEqual(await gauges(), [10]);
    first.group.handOver();
    assert.deepEqual([await gauges(), await first.counts()], [[10], [111, 3, 1]]);
    first.request();
    await until(async () => filesOf(host).filter((name) => name.endsWith('.sock')).length === 3);
    assert.deepEqual(await first.counts(), [112, 3, 1]);
    first.end();
    await until(() => host.owner !== undefined);
    const next = [second, third].find(({ serves }) => serves());
    await until(async () => (await next?.counts())?.[2] === 2);
    assert.deepEqual(await next?.counts(), [112, 2, 2]);
    nobodySaid([first, second, third]);
  });

  test('has its totals, and those of who ended before, when it was the last one', async (t) => {
    const host = hostOf(t);
    const [first, second] = [startProcess(t, host), startProcess(t, host)];
    await first.join(1);
    await second.join(10);
    second.end();
    await until(async () => (await first.counts())[2] === 1);
    first.group.handOver();
    assert.deepEqual(filesOf(host), []);
    assert.equal(await first.group.isAlone(), false);
    assert.deepEqual(await first.counts(), [11, 1, 1]);
    const third = startProcess(t, host);
    await until(async () => (await third.join()) === 'member');
    assert.deepEqual(await first.counts(), [11, 2, 1]);
    first.end();
    await until(third.serves);
    await until(async () => (await third.counts())[2] === 2);
    assert.deepEqual(await third.counts(), [11, 1, 2]);
  });

  test('starts nothing again once it has left', async (t) => {
    const host = hostOf(t);
    const only = startProcess(t, host);
    await only.join(3);
    only.group.handOver();
    only.group.leave();
    assert.deepEqual(await only.counts(), [3, 1, 0]);
    assert.deepEqual(filesOf(host), []);
  });
});

describe('a process whose app takes the port', bound, () => {
  test('serves no more, and is a member of who serves later', async (t) => {
    const host = hostOf(t);
    const [first, second, third] = await startThree(t, host);
    host.owner = 'the app';
    first.group.release();
    assert.deepEqual(await first.counts(), [1, 1, 0]);
    host.owner = undefined;
    await until(() => host.owner !== undefined);
    assert.equal(first.serves(), false);
    const next = [second, third].find(({ serves }) => serves());
    await until(async () => (await next?.counts())?.[1] === 3);
    assert.deepEqual(await next?.counts(), [111, 3, 0]);
  });

  test('does not serve when the port is taken while it begins to', async (t) => {
    const host = hostOf(t);
    const other = startProcess(t, host);
    let bind = (): void => {};
    const binding = new Promise<undefined>((resolve) => {
      bind = () => resolve(undefined);
    });
    const first = startProcess(t, host, { bind: () => binding });
    const joined = first.join(1);
    first.group.release();
    bind();
    await other.join(10);
    assert.equal(await joined, 'member');
    assert.deepEqual(await first.counts(), [1, 1, 0]);
    await until(async () => (await other.counts())[1] === 2);
    assert.deepEqual(await other.counts(), [11, 2, 0]);
  });
});
