import assert from 'node:assert/strict';
import fs from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { decodeRetired } from '../../../src/group/state/retired-totals.ts';
import fc from '../../property.ts';
import { until } from '../../until.ts';
import { countsOf, type Member, namesIn, placeOf, startMember, startServing } from '../members.ts';
import { bound } from './sockets.ts';

describe('a total', bound, () => {
  test('is of the base, of the serving process and of all members, as they are at that moment', async (t) => {
    const place = placeOf(t);
    const members = [await startMember(t, place), await startMember(t, place), await startMember(t, place)];
    const { own, total, serving } = startServing(t, place);
    own.meter.createCounter('requests').add(1);
    for (const [i, { requests }] of members.entries()) requests.add(10 * (i + 1));
    const counts = { members: 4, fresh: 4, retired: 0 };
    assert.deepEqual(await total(), { ...counts, metrics: { requests: { '{}': 61 } } });
    assert.equal(serving.others, 3);
    members[0]?.requests.add(100);
    const late = await startMember(t, place);
    late.requests.add(1000);
    assert.deepEqual(await total(), {
      members: 5,
      fresh: 5,
      retired: 0,
      metrics: { requests: { '{}': 1161 } },
    });
    assert.deepEqual(place.said, []);
  });

  test('never goes down and counts all once, whoever comes, leaves, is killed or serves', async (t) => {
    const action = fc.constantFrom('start', 'record', 'kill', 'leave', 'succeed', 'total', 'survey');
    const step = fc.tuple(action, fc.nat(2), fc.nat(100));
    const property = fc.asyncProperty(fc.array(step, { maxLength: 20, size: 'max' }), async (steps) => {
      const place = placeOf(t);
      const living: Member[] = [];
      let { serving } = startServing(t, place);
      let expected = 0;
      let ended = 0;
      for (const [what, which, amount] of steps) {
        const member = living[which];
        if (what === 'start') living.push(await startMember(t, place));
        else if (what === 'succeed') {
          serving.close();
          ({ serving } = startServing(t, place));
        } else if (what === 'survey') await serving.look();
        else if (what === 'total') {
          assert.equal((await countsOf(serving))[0], expected);
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
      let counts: readonly number[] = [];
      await until(async () => {
        counts = await countsOf(serving);
        assert.equal(counts[0], expected);
        return counts[3] === ended;
      });
      assert.deepEqual(counts, [expected, lives, lives, ended]);
      assert.equal(namesIn(place).filter((name) => name !== 'base').length, 3 * living.length);
      serving.close();
      for (const { leave } of living) leave();
    });
    await fc.assert(property, { numRuns: 40 });
  });

  test('has the last known state of a member that does not answer, which is not fresh until it does', async (t) => {
    const place = placeOf(t);
    const stuck: (() => void)[] = [];
    const member: Member = await startMember(t, place, () => new Promise((resolve) => stuck.push(resolve)));
    member.requests.add(3);
    await member.write();
    const { serving } = startServing(t, place);
    for (let scrape = 0; scrape < 3; scrape++) assert.deepEqual(await countsOf(serving), [3, 2, 1, 0]);
    assert.equal(stuck.length, 1, 'asked once');
    member.requests.add(1);
    await member.write();
    for (const answer of stuck) answer();
    const answering = setInterval(() => stuck.at(-1)?.(), 1);
    await until(async () => (await countsOf(serving))[2] === 2);
    clearInterval(answering);
    assert.equal((await countsOf(serving))[0], 4);
  });

  test('has the gauges of the living only, and each under its process where they are told apart', async (t) => {
    const place = placeOf(t);
    const [first, second] = [await startMember(t, place), await startMember(t, place)];
    for (const { meter } of [first, second]) {
      meter.createGauge('queue').record(5);
      meter.createUpDownCounter('active').add(2);
      meter.createCounter('requests').add(1);
    }
    const { serving, total } = startServing(t, place, { aggregationOf: () => 'process' });
    assert.deepEqual((await total()).metrics, {
      queue: { '{"process.pid":1}': 5, '{"process.pid":2}': 5 },
      active: { '{}': 4 },
      requests: { '{}': 2 },
    });
    first.kill();
    await until(async () => (await countsOf(serving))[3] === 1);
    assert.deepEqual((await total()).metrics, {
      queue: { '{"process.pid":2}': 5 },
      active: { '{}': 2 },
      requests: { '{}': 2 },
    });
  });

  test('has those who came and went unseen among the dead', async (t) => {
    const place = placeOf(t);
    const { serving, total } = startServing(t, place);
    const member = await startMember(t, place);
    member.requests.add(2);
    member.meter.createGauge('queue').record(5);
    await member.write();
    member.leave();
    assert.deepEqual(await total(), { members: 1, fresh: 1, retired: 1, metrics: { requests: { '{}': 2 } } });
    assert.equal(serving.others, 0);
  });
});

describe('the folder', bound, () => {
  test('does not grow with the number of those who were in it', async (t) => {
    const place = placeOf(t);
    const { serving } = startServing(t, place);
    const ALL = 200;
    let most = 0;
    for (let number = 1; number <= ALL; number++) {
      const member = await startMember(t, place);
      member.requests.add(1);
      await member.write();
      if (number % 2 === 0) member.kill();
      else member.leave();
      await until(async () => {
        await serving.look();
        return serving.others < 2;
      });
      most = Math.max(most, namesIn(place).length);
    }
    await until(async () => (await countsOf(serving))[3] === ALL);
    assert.deepEqual(await countsOf(serving), [ALL, 1, 1, ALL]);
    assert.ok(most <= 7, `${most} files`);
    assert.deepEqual(namesIn(place), ['base']);
    const base = fs.readFileSync(join(place.path, 'base'));
    assert.ok(base.length < 1000 && (decodeRetired(base)?.ids.length ?? ALL) < 5);
  });

  test('may have what is not ours in it, which stays', async (t) => {
    const place = placeOf(t);
    const names = ['.hidden.keys', 'a b.keys', 'notes', 'x.keys.bak', 'x.sock~', '\u00e9.values'];
    for (const name of names) fs.writeFileSync(join(place.path, name), 'anything');
    fs.mkdirSync(join(place.path, 'folder'));
    const { serving } = startServing(t, place);
    for (let scrape = 0; scrape < 2; scrape++) assert.deepEqual(await countsOf(serving), [0, 1, 1, 0]);
    assert.deepEqual(namesIn(place), [...names, 'folder'].sort());
    assert.deepEqual(place.said, []);
  });

  test('may have what cannot be removed in it: others are found and taken over all the same', async (t) => {
    const place = placeOf(t);
    fs.mkdirSync(join(place.path, 'x.keys'));
    const { serving } = startServing(t, place);
    await until(async () => (await countsOf(serving))[3] === 1);
    const member = await startMember(t, place);
    member.requests.add(1);
    assert.deepEqual(await countsOf(serving), [1, 2, 2, 1]);
    member.kill();
    await until(async () => (await countsOf(serving))[3] === 2);
    assert.deepEqual(await countsOf(serving), [1, 1, 1, 2]);
    assert.deepEqual(namesIn(place), ['base', 'x.keys']);
  });

  test('may be removed: what is known of the members still counts, and it is said once', async (t) => {
    const place = placeOf(t);
    const [first, second] = [await startMember(t, place), await startMember(t, place)];
    const { serving } = startServing(t, place);
    first.requests.add(1);
    second.requests.add(2);
    assert.deepEqual(await countsOf(serving), [3, 3, 3, 0]);
    fs.rmSync(place.path, { recursive: true });
    for (let scrape = 0; scrape < 3; scrape++) assert.deepEqual(await countsOf(serving), [3, 3, 3, 0]);
    assert.equal(place.said.length, 1);
    assert.match(place.said[0] ?? '', /^routemeter: the group of processes in .* cannot be read: ENOENT/);
  });
});
