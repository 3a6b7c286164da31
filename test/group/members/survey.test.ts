import assert from 'node:assert/strict';
import fs from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { FileSystem } from '../../../src/group/state/files.ts';
import { decodeRetired } from '../../../src/group/state/retired-totals.ts';
import fc from '../../property.ts';
import { until } from '../../until.ts';
import { full } from '../member-files.ts';
import { type Member, namesIn, placeOf, startKilled, startMember, startSurvey } from '../members.ts';
import { bound, folderOf } from './sockets.ts';

describe('a total', bound, () => {
  test('is of the retired, of the owner and of all members, as they are at that moment', async (t) => {
    const place = placeOf(t);
    await startKilled(t, place, 1000);
    const members = [await startMember(t, place), await startMember(t, place)];
    const { own, counts } = startSurvey(t, place);
    own.meter.createCounter('requests').add(1);
    for (const [i, { requests }] of members.entries()) requests.add(10 * (i + 1));
    await until(async () => (await counts())[3] === 1);
    assert.deepEqual(await counts(), [1031, 3, 3, 1]);
    members[0]?.requests.add(100);
    assert.deepEqual(await counts(), [1131, 3, 3, 1]);
    assert.deepEqual(place.said, []);
  });

  test('never goes down and counts everything once, whichever members come, leave, are killed or own the port', async (t) => {
    const action = fc.constantFrom('start', 'record', 'kill', 'leave', 'succeed', 'total', 'look');
    const step = fc.tuple(action, fc.nat(2), fc.nat(100));
    const property = fc.asyncProperty(fc.array(step, { maxLength: 20, size: 'max' }), async (steps) => {
      const place = placeOf(t);
      const living: Member[] = [];
      let survey = startSurvey(t, place);
      let expected = 0;
      let ended = 0;
      for (const [what, which, amount] of steps) {
        const member = living[which];
        if (what === 'start') living.push(await startMember(t, place));
        else if (what === 'succeed') {
          survey.close();
          survey = startSurvey(t, place);
        } else if (what === 'look') await survey.look();
        else if (what === 'total') {
          assert.equal((await survey.counts())[0], expected);
        } else if (member !== undefined) {
          member.requests.add(amount);
          expected += amount;
          if (what === 'record') continue;
          await member.write();
          member[what]();
          living.splice(which, 1);
          ended += 1;
        }
      }
      const lives = 1 + living.length;
      await survey.comesTo(expected, lives, lives, ended);
      assert.equal(namesIn(place).filter((name) => name !== 'base').length, 3 * living.length);
      survey.close();
      for (const { leave } of living) leave();
    });
    await fc.assert(property, { numRuns: 40 });
  });

  test('includes the last known state of a member that does not answer, which is not fresh until it does', async (t) => {
    const place = placeOf(t);
    const stuck: (() => void)[] = [];
    const member: Member = await startMember(t, place, () => new Promise((resolve) => stuck.push(resolve)));
    member.requests.add(3);
    await member.write();
    const { counts } = startSurvey(t, place);
    for (let scrape = 0; scrape < 3; scrape++) assert.deepEqual(await counts(), [3, 2, 1, 0]);
    assert.equal(stuck.length, 1, 'asked once');
    member.requests.add(1);
    await member.write();
    for (const answer of stuck) answer();
    const answering = setInterval(() => stuck.at(-1)?.(), 1);
    await until(async () => (await counts())[2] === 2);
    clearInterval(answering);
    assert.equal((await counts())[0], 4);
  });

  test('has the gauges of the living only, each under its process where they are told apart', async (t) => {
    const place = placeOf(t);
    const [first, second] = [await startMember(t, place), await startMember(t, place)];
    for (const { meter, requests } of [first, second]) {
      meter.createGauge('queue').record(5);
      meter.createUpDownCounter('active').add(2);
      requests.add(1);
    }
    const { metrics, counts } = startSurvey(t, place, { aggregationOf: () => 'process' });
    const requests = { '{}': 2 };
    const queue = { '{"process.pid":1}': 5, '{"process.pid":2}': 5 };
    assert.deepEqual(await metrics(), { queue, active: { '{}': 4 }, requests });
    first.kill();
    await until(async () => (await counts())[3] === 1);
    assert.deepEqual(await metrics(), { queue: { '{"process.pid":2}': 5 }, active: { '{}': 2 }, requests });
  });

  test('has a member that came and went unseen among the retired', async (t) => {
    const place = placeOf(t);
    const survey = startSurvey(t, place);
    const member = await startMember(t, place);
    member.requests.add(2);
    member.meter.createGauge('queue').record(5);
    await member.write();
    member.leave();
    assert.deepEqual(await survey.counts(), [2, 1, 1, 1]);
    assert.deepEqual(await survey.metrics(), { requests: { '{}': 2 } });
    assert.equal(survey.others, 0);
  });
});

describe('the totals of the retired', bound, () => {
  test('count once when the owner ends between writing them and removing the files', async (t) => {
    const place = placeOf(t);
    await startKilled(t, place, 7);
    const kept = namesIn(place);
    const aside = folderOf(t);
    for (const name of kept) fs.linkSync(join(place.path, name), join(aside, name));
    const first = startSurvey(t, place);
    await until(() => first.look().then(() => namesIn(place).length === 1));
    first.close();
    for (const name of kept) fs.linkSync(join(aside, name), join(place.path, name));
    const { counts } = startSurvey(t, place);
    for (let scrape = 0; scrape < 3; scrape++) assert.deepEqual(await counts(), [7, 1, 1, 1]);
    assert.deepEqual(namesIn(place), ['base']);
  });

  test('stay in memory and in the files while they cannot be written, whichever member owns the port', async (t) => {
    const place = placeOf(t);
    const disk = { full: true };
    const writeFileSync: typeof fs.writeFileSync = (...written) =>
      disk.full ? full() : fs.writeFileSync(...written);
    const system = { ...fs, writeFileSync } as FileSystem;
    for (let member = 0; member < 2; member++) await startKilled(t, place, 4);
    const names = namesIn(place);
    for (let owner = 0; owner < 2; owner++) {
      const { comesTo, close } = startSurvey(t, place, { fs: system });
      await comesTo(8, 1, 1, 2);
      assert.deepEqual(namesIn(place), names);
      close();
    }
    assert.equal(place.said.length, 2, 'once each');
    const line = /totals of processes that ended cannot be written .*: ENOSPC.* in memory/;
    assert.match(place.said[0] ?? '', line);
    const { look, comesTo, counts, close } = startSurvey(t, place, { fs: system });
    await comesTo(8, 1, 1, 2);
    disk.full = false;
    await look();
    assert.deepEqual(namesIn(place), ['base']);
    assert.deepEqual(await counts(), [8, 1, 1, 2]);
    close();
    assert.deepEqual(await startSurvey(t, place).counts(), [8, 1, 1, 2]);
  });

  test('are empty if the file is incomplete', async (t) => {
    const place = placeOf(t);
    fs.writeFileSync(join(place.path, 'base'), '{"format":1,"ids":[],"retired":5');
    assert.deepEqual(await startSurvey(t, place).counts(), [0, 1, 1, 0]);
  });

  test('are added up to the limit of series', async (t) => {
    const place = placeOf(t);
    const { metrics, counts } = startSurvey(t, place, { cardinalityLimit: 3 });
    for (const route of ['/a', '/b', '/c', '/d']) await startKilled(t, place, 1, { route });
    await until(async () => (await counts())[3] === 4);
    const { requests } = await metrics();
    assert.equal(Object.keys(requests ?? {}).length, 3);
    assert.equal(requests?.['{"otel.metric.overflow":true}'], 2);
  });

  test('are no longer written by a process that loses the port while it adds them up', async (t) => {
    const place = placeOf(t);
    await startKilled(t, place);
    const names = namesIn(place);
    let reads = 0;
    const readSync = (...read: Parameters<typeof fs.readSync>): number => {
      const length = fs.readSync(...read);
      reads += 1;
      close();
      return length;
    };
    const { look, close } = startSurvey(t, place, { fs: { ...fs, readSync } as FileSystem });
    await until(() => look().then(() => reads > 0));
    await look();
    assert.deepEqual(namesIn(place), names);
  });
});

describe('the folder', bound, () => {
  test('does not grow with the number of members that were in it', async (t) => {
    const place = placeOf(t);
    const survey = startSurvey(t, place);
    const ALL = 60;
    let most = 0;
    for (let number = 1; number <= ALL; number++) {
      const member = await startMember(t, place);
      member.requests.add(1);
      await member.write();
      member[number % 2 === 0 ? 'kill' : 'leave']();
      await until(async () => {
        await survey.look();
        return survey.others < 2;
      });
      most = Math.max(most, namesIn(place).length);
    }
    await survey.comesTo(ALL, 1, 1, ALL);
    assert.ok(most <= 7, `${most} files`);
    assert.deepEqual(namesIn(place), ['base']);
    const base = fs.readFileSync(join(place.path, 'base'));
    assert.equal(fs.lstatSync(join(place.path, 'base')).mode & 0o7777, 0o600);
    assert.ok(base.length < 1000 && (decodeRetired(base)?.ids.length ?? ALL) < 5);
  });

  test('may contain foreign files, which stay', async (t) => {
    const place = placeOf(t);
    const names = ['.hidden.keys', 'a b.keys', 'notes', 'x.keys.bak', 'x.sock~', '\u00e9.values'];
    for (const name of names) fs.writeFileSync(join(place.path, name), 'anything');
    fs.mkdirSync(join(place.path, 'folder'));
    const { counts } = startSurvey(t, place);
    for (let scrape = 0; scrape < 2; scrape++) assert.deepEqual(await counts(), [0, 1, 1, 0]);
    assert.deepEqual(namesIn(place), [...names, 'folder'].sort());
    assert.deepEqual(place.said, []);
  });

  test('may have what cannot be removed in it: others are found and retired all the same', async (t) => {
    const place = placeOf(t);
    fs.mkdirSync(join(place.path, 'x.keys'));
    const { counts, comesTo } = startSurvey(t, place);
    await comesTo(0, 1, 1, 1);
    const member = await startMember(t, place);
    member.requests.add(1);
    assert.deepEqual(await counts(), [1, 2, 2, 1]);
    member.kill();
    await comesTo(1, 1, 1, 2);
    assert.deepEqual(namesIn(place), ['base', 'x.keys']);
  });

  test('may be removed: what is known of the members still counts, and it is logged once', async (t) => {
    const place = placeOf(t);
    const [first, second] = [await startMember(t, place), await startMember(t, place)];
    const { counts } = startSurvey(t, place);
    first.requests.add(1);
    second.requests.add(2);
    assert.deepEqual(await counts(), [3, 3, 3, 0]);
    fs.rmSync(place.path, { recursive: true });
    for (let scrape = 0; scrape < 3; scrape++) assert.deepEqual(await counts(), [3, 3, 3, 0]);
    assert.equal(place.said.length, 1);
    assert.match(place.said[0] ?? '', /^routemeter: the group of processes in .* cannot be read: ENOENT/);
  });
});
