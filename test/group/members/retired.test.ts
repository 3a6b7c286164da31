import assert from 'node:assert/strict';
import fs from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { FileSystem } from '../../../src/group/state/files.ts';
import { until } from '../../until.ts';
import {
  countsOf,
  createBaseDisk,
  namesIn,
  type Place,
  placeOf,
  startMember,
  startServing,
} from '../members.ts';
import { bound } from './sockets.ts';

const basePath = (place: Place): string => join(place.path, 'base');

describe('the totals of the dead', bound, () => {
  test('count once when the process ends between writing them and removing their files', async (t) => {
    const place = placeOf(t);
    const member = await startMember(t, place);
    member.requests.add(7);
    await member.write();
    member.kill();
    const kept = namesIn(place);
    const aside = fs.mkdtempSync('/tmp/group-aside-');
    t.after(() => fs.rmSync(aside, { recursive: true }));
    for (const name of kept) fs.linkSync(join(place.path, name), join(aside, name));
    const { serving: first } = startServing(t, place);
    await until(() => first.look().then(() => namesIn(place).length === 1));
    first.close();
    for (const name of kept) fs.linkSync(join(aside, name), join(place.path, name));
    const { serving: second } = startServing(t, place);
    for (let scrape = 0; scrape < 3; scrape++) assert.deepEqual(await countsOf(second), [7, 1, 1, 1]);
    assert.deepEqual(namesIn(place), ['base']);
  });

  test('go on from one successor to the next', async (t) => {
    const place = placeOf(t);
    for (let number = 1; number <= 5; number++) {
      const member = await startMember(t, place);
      member.requests.add(number);
      await member.write();
      member.kill();
      const { serving } = startServing(t, place);
      await until(async () => (await countsOf(serving))[3] === number);
      assert.deepEqual(await countsOf(serving), [(number * (number + 1)) / 2, 1, 1, number]);
      serving.close();
    }
  });

  test('stay in memory and in the files while they cannot be written, whoever serves', async (t) => {
    const place = placeOf(t);
    const { disk, system } = createBaseDisk();
    disk.full = true;
    const dead = [await startMember(t, place), await startMember(t, place)];
    for (const member of dead) {
      member.requests.add(4);
      await member.write();
      member.kill();
    }
    const names = namesIn(place);
    for (let successor = 0; successor < 2; successor++) {
      const { serving } = startServing(t, place, { fs: system });
      await until(async () => (await countsOf(serving))[3] === 2);
      for (let scrape = 0; scrape < 3; scrape++) assert.deepEqual(await countsOf(serving), [8, 1, 1, 2]);
      assert.deepEqual(namesIn(place), names);
      serving.close();
    }
    assert.equal(place.said.length, 2, 'once each');
    assert.match(
      place.said[0] ?? '',
      /totals of processes that ended cannot be written .*: ENOSPC.* in memory/,
    );
    const { serving } = startServing(t, place, { fs: system });
    await until(async () => (await countsOf(serving))[3] === 2);
    disk.full = false;
    await serving.look();
    assert.deepEqual(namesIn(place), ['base']);
    assert.deepEqual(await countsOf(serving), [8, 1, 1, 2]);
    serving.close();
    assert.deepEqual(await countsOf(startServing(t, place).serving), [8, 1, 1, 2]);
  });

  test('are for their owner only', async (t) => {
    const place = placeOf(t);
    const member = await startMember(t, place);
    await member.write();
    member.kill();
    const { serving } = startServing(t, place);
    await until(async () => (await countsOf(serving))[3] === 1);
    assert.equal(fs.lstatSync(basePath(place)).mode & 0o7777, 0o600);
  });

  test('are none where the file is not whole', async (t) => {
    const place = placeOf(t);
    fs.writeFileSync(basePath(place), '{"format":1,"ids":[],"retired":5');
    assert.deepEqual(await countsOf(startServing(t, place).serving), [0, 1, 1, 0]);
  });

  test('are added up to the limit of series', async (t) => {
    const place = placeOf(t);
    const { total, serving } = startServing(t, place, { cardinalityLimit: 3 });
    for (const route of ['/a', '/b', '/c', '/d']) {
      const member = await startMember(t, place);
      member.requests.add(1, { route });
      await member.write();
      member.kill();
    }
    await until(async () => (await countsOf(serving))[3] === 4);
    const { requests } = (await total()).metrics;
    assert.equal(Object.keys(requests ?? {}).length, 3);
    assert.equal(requests?.['{"otel.metric.overflow":true}'], 2);
  });

  test('are not written any more by a process that stops serving while it adds them up', async (t) => {
    const place = placeOf(t);
    const member = await startMember(t, place);
    await member.write();
    member.kill();
    const names = namesIn(place);
    const reads: string[] = [];
    const readSync = (...read: Parameters<typeof fs.readSync>): number => {
      const length = fs.readSync(...read);
      reads.push('read');
      serving.close();
      return length;
    };
    const { serving } = startServing(t, place, { fs: { ...fs, readSync } as FileSystem });
    await until(() => serving.look().then(() => reads.length > 0));
    await serving.look();
    assert.deepEqual(namesIn(place), names);
  });
});
