/** What becomes of series that end in a group whose processes live on. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { until } from '../until.ts';
import { filesOf, type Machine, machineOf, type Process, startProcess } from './groups.ts';
import { bound } from './members/sockets.ts';

/** Series end soon, and few of those that have ended are kept. */
const ENDING = { seriesTtlMillis: 100, mostEnded: 5 };

const startTwo = async (
  t: Parameters<typeof machineOf>[0],
  machine: Machine,
): Promise<[Process, Process]> => {
  const [first, second] = [startProcess(t, machine, ENDING), startProcess(t, machine, ENDING)];
  await first.join(1);
  await second.join(1);
  await first.comesTo(2, 2, 0);
  return [first, second];
};

/** Ids of members by the files that they have. */
const idsOf = (machine: Machine): string[] => [
  ...new Set(filesOf(machine).flatMap((name) => /([\w-]+)\.sock$/.exec(name)?.[1] ?? [])),
];

describe('a member that lives on', bound, () => {
  for (const [who, which] of [
    ['owns the port', 0],
    ['does not own the port', 1],
  ] as const) {
    test(`and ${who} lets go of many series that have ended, and no total changes`, async (t) => {
      const machine = machineOf(t);
      const both = await startTwo(t, machine);
      const [first] = both;
      const before = idsOf(machine);
      const made = both[which].meter.createCounter('made');
      const levels = both.map(({ meter }) => meter.createGauge('level'));
      let requests = 2;
      for (let round = 1; round <= 3; round++) {
        for (let i = 0; i < 20; i++) made.add(1, { i: round * 100 + i });
        assert.equal(Object.keys((await first.served()).made ?? {}).length >= 20, true);
        await until('they have ended, and the member goes on under another id', async () => {
          for (const each of both) each.request();
          for (const level of levels) level.record(5);
          requests += 2;
          const { requests: served, made: left, ...group } = await first.served();
          assert.deepEqual(served, { '{}': requests });
          assert.deepEqual(group.level, { '{}': 10 });
          assert.deepEqual(group['routemeter.group.members.retired'], { '{}': 0 });
          return left === undefined && idsOf(machine).some((id) => id.endsWith(`_${round}`));
        });
      }
      await first.comesTo(requests, 2, 0);
      assert.equal(idsOf(machine).length, before.length);
      for (const { said } of both) assert.deepEqual(said, []);
    });
  }
});

test('a series that lives in one member counts what it had in another', bound, async (t) => {
  const machine = machineOf(t);
  const [first, second] = await startTwo(t, machine);
  second.meter.createCounter('made').add(10, { k: 1 });
  const made = first.meter.createCounter('made');
  let count = 10;
  const endsAt = performance.now() + 10 * ENDING.seriesTtlMillis;
  await until('it would have ended in the other long ago', async () => {
    made.add(1, { k: 1 });
    count += 1;
    assert.deepEqual((await first.served()).made, { '{"k":1}': count });
    return performance.now() > endsAt;
  });
  second.end();
  await until(async () => {
    made.add(1, { k: 1 });
    count += 1;
    assert.deepEqual((await first.served()).made, { '{"k":1}': count });
    return (await first.counts())[2] === 1;
  });
  await until(
    'it ends when nothing is recorded in any',
    async () => (await first.served()).made === undefined,
  );
});
