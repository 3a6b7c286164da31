/** Gauges of several processes that are sent to one place: members in this process, in a real folder. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { basename, join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import type { MetricData, ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type { GaugeAggregation } from '../../src/config/types.ts';
import { createSharedGauges } from '../../src/group/shared-gauges.ts';
import type { Host, SharedGauges } from '../../src/group/types.ts';
import { createLog } from '../../src/guest/log.ts';
import { collected, counter, gauge, histogram, upDownCounter } from '../exporters/prometheus/metrics.ts';
import { until } from '../until.ts';
import { bound, folderOf, guardOf, startRaw } from './members/sockets.ts';
import { readable } from './recorded.ts';

const INTERVAL = 10_000;

interface Given {
  readonly pid?: number;
  readonly threadId?: number;
  readonly rule?: GaugeAggregation;
  readonly destination?: string;
}

interface Member extends SharedGauges {
  readonly said: readonly string[];
  /** Puts its clock forward. */
  forward(millis: number): void;
  /** Shares these values, and says what is to be sent of gauges and up-down counters. */
  sends(queue: number, pending?: number): Promise<unknown>;
}

const metricsOf = (...metrics: MetricData[]): ResourceMetrics => collected([[{ name: 'app' }, metrics]]);

/** Members that come in the same millisecond come at the same time. */
async function nextMillisecond(): Promise<void> {
  const now = Date.now();
  await until(() => Date.now() > now);
}

/** A folder for groups, and members of one in it, who come one after the other. */
function createMachine(t: TestContext) {
  const directory = join(folderOf(t), 'own');
  let pids = 100;
  const machine = {
    directory,
    findDirectory(): ReturnType<Host['findDirectory']> {
      fs.mkdirSync(directory, { recursive: true, mode: 0o700 });
      return { path: directory };
    },
    /** The only group's folder. */
    get place(): string {
      const groups = fs.readdirSync(directory);
      assert.equal(groups.length, 1);
      return join(directory, groups[0] ?? '');
    },
    files: (): string[] => fs.readdirSync(machine.place).sort(),
    async join({
      pid = pids++,
      threadId = 0,
      rule = 'sum',
      destination = 'here',
    }: Given = {}): Promise<Member> {
      const said: string[] = [];
      let now = 0;
      const gauges = createSharedGauges({
        host: {
          fs,
          process: { pid, kill: process.kill },
          threadId,
          network: '',
          findDirectory: () => machine.findDirectory(),
          lookup: async () => undefined,
        },
        destination: [destination],
        intervalMillis: INTERVAL,
        aggregationOf: () => rule,
        seriesEnd: true,
        mostEnded: 5,
        guard: guardOf(said),
        log: createLog('debug', (line) => said.push(line)),
        now: () => now,
      });
      t.after(gauges.leave);
      await gauges.join();
      await nextMillisecond();
      return {
        ...gauges,
        said,
        forward(millis) {
          now += millis;
        },
        async sends(queue, pending) {
          const pendings = pending === undefined ? [] : [upDownCounter('pending', [[{}, pending]])];
          return readable(await gauges.share(metricsOf(gauge('queue', [[{}, queue]]), ...pendings)));
        },
      };
    },
    async joinThree(given: Given = {}): Promise<[Member, Member, Member]> {
      return [await machine.join(given), await machine.join(given), await machine.join(given)];
    },
  };
  return machine;
}

const queue = (value: number) => ({ queue: { '{}': value } });

const RULES: readonly (readonly [rule: GaugeAggregation, sent: Record<string, number>])[] = [
  // The time of a value comes from here, what the rules make of values from the merging of states.
  ['newest', { '{}': 5 }],
  ['process', { '{"process.pid":100}': 3, '{"process.pid":101}': 5, '{"process.pid":101,"thread.id":2}': 1 }],
];
for (const [rule, sent] of RULES) {
  test(
    `gauges of three processes are sent as declared, ${rule}; up-down counters are summed`,
    bound,
    async (t) => {
      const machine = createMachine(t);
      const [first, second] = [await machine.join({ rule }), await machine.join({ rule })];
      const third = await machine.join({ rule, pid: 101, threadId: 2 });
      await first.sends(3, 7);
      await third.sends(1, -2);
      await nextMillisecond();
      await second.sends(5, 4);
      assert.deepEqual(await first.sends(3, 7), { queue: sent, pending: { '{}': 9 } });
    },
  );
}

describe('the sender', bound, () => {
  test('is the oldest member, then the next one when it leaves, and its values no longer count', async (t) => {
    const [first, second, third] = await createMachine(t).joinThree();
    for (let i = 1; i <= 2; i++) {
      assert.deepEqual(await second.sends(5 * i), {});
      assert.deepEqual(await third.sends(i), {});
      assert.deepEqual(await first.sends(3 * i), queue(9 * i));
    }
    first.handOver();
    assert.deepEqual(await third.sends(1), {});
    assert.deepEqual(await second.sends(5), queue(6));
    third.leave();
    assert.deepEqual(await second.sends(5), queue(5));
  });

  test('is the next one when it was killed, and its values no longer count', async (t) => {
    const machine = createMachine(t);
    const [first, second] = [await machine.join(), await machine.join()];
    await second.sends(5);
    // What a process leaves that was killed: its files, and a socket that does not answer.
    const killed = () => machine.files().filter((name) => name.startsWith('7-'));
    for (const name of machine.files().filter((each) => /^101.*(keys|values)$/.test(each))) {
      fs.copyFileSync(join(machine.place, name), join(machine.place, name.replace(/.*\./, '7-0-0.')));
    }
    fs.writeFileSync(join(machine.place, '7-0-0.sock'), '');
    assert.equal(killed().length, 3);
    assert.deepEqual(await first.sends(3), queue(8));
    assert.deepEqual(killed(), [], 'its files are removed');
  });

  test('is another process while the first is stuck', async (t) => {
    const [first, second, third] = await createMachine(t).joinThree();
    const others = async () => [await third.sends(1), await second.sends(5)];
    await others();
    assert.deepEqual(await first.sends(3), queue(9));
    for (const each of [second, third]) each.forward(2 * INTERVAL);
    assert.deepEqual(await others(), [{}, {}]);
    for (const each of [second, third]) each.forward(1);
    assert.deepEqual(await others(), [queue(9), {}], 'the first one who misses it, and no other');
    assert.deepEqual(await others(), [queue(9), {}]);
    assert.deepEqual(await first.sends(4), queue(10));
    assert.deepEqual(await others(), [{}, {}]);
  });

  test('is each process on its own if there is no folder, which is logged once', async (t) => {
    const machine = createMachine(t);
    machine.findDirectory = () => ({ problem: '/tmp/own is a symbolic link' });
    const [first, second] = await machine.joinThree({ rule: 'process' });
    assert.deepEqual(await first.sends(3), { queue: { '{"process.pid":100}': 3 } });
    assert.deepEqual(await second.sends(5), { queue: { '{"process.pid":101}': 5 } });
    assert.deepEqual(first.said, [
      'routemeter: the processes of this service cannot be added up, each is by itself: /tmp/own is a symbolic link\n',
    ]);
  });

  test('is each for itself where the folder cannot be used, which is logged once', async (t) => {
    const machine = createMachine(t);
    fs.writeFileSync(machine.directory, '');
    machine.findDirectory = () => ({ path: machine.directory });
    const [first, second] = await machine.joinThree();
    assert.deepEqual(await first.sends(3), queue(3));
    assert.deepEqual(await second.sends(5), queue(5));
    assert.equal(first.said.length, 1);
    assert.match(first.said[0] ?? '', /gauges of this process may overwrite those of others: .*ENOTDIR/);
  });

  test('is one for each destination of gauges', async (t) => {
    const machine = createMachine(t);
    const [here, there] = [await machine.join(), await machine.join({ destination: 'there' })];
    assert.deepEqual([await here.sends(3), await there.sends(5)], [queue(3), queue(5)]);
  });
});

describe('a member', bound, () => {
  test('sends its own counters and histograms, whichever process sends gauges', async (t) => {
    const own = [counter('ticks', [[{}, 1]]), histogram('size', [1, 2], [[{}, [1, 0, 2]]])];
    for (const member of await createMachine(t).joinThree()) {
      const shared = await member.share(metricsOf(gauge('queue', []), ...own));
      assert.deepEqual(readable(shared), readable(metricsOf(...own)));
    }
  });

  test('that is alone writes no files', async (t) => {
    const machine = createMachine(t);
    const only = await machine.join();
    assert.deepEqual(await only.sends(3, -1), { ...queue(3), pending: { '{}': -1 } });
    assert.match(machine.files().join(), /^100-0-[^,]*\.sock$/);
  });

  test('that hands over and lives on comes back; one that has left for good does not', async (t) => {
    const [first, second, third] = await createMachine(t).joinThree();
    third.leave();
    await third.sends(3);
    first.handOver();
    assert.deepEqual(await first.sends(3), {}, 'behind those that stayed');
    assert.deepEqual(await second.sends(5), queue(8));
  });

  test('whose folder is removed makes it again', async (t) => {
    const machine = createMachine(t);
    const [first, second] = [await machine.join(), await machine.join()];
    fs.rmSync(machine.directory, { recursive: true });
    await second.sends(5);
    await nextMillisecond();
    await first.sends(3);
    assert.deepEqual(await second.sends(5), queue(8));
  });

  test('does not take a stranger for the sender', async (t) => {
    const machine = createMachine(t);
    const only = await machine.join();
    const stranger = startRaw(t, join(machine.place, machine.files()[0] ?? ''));
    stranger.socket.write(`routemeter 1 ${basename(machine.place)}\nflush 1\n`);
    await until(() => stranger.closed);
    assert.equal(stranger.text, '');
    assert.deepEqual(await only.sends(5), queue(5));
  });
});

describe('files', bound, () => {
  test('do not grow with the number of former processes', async (t) => {
    const machine = createMachine(t);
    const first = await machine.join();
    for (let i = 0; i < 5; i++) {
      const other = await machine.join();
      await other.sends(1);
      assert.deepEqual(await first.sends(3), queue(4));
      other.leave();
      assert.deepEqual(await first.sends(3), queue(3));
    }
    assert.equal(machine.files().length, 3, 'a socket and two files');
  });

  test('do not grow with the number of former series', async (t) => {
    const machine = createMachine(t);
    const [first, second] = [await machine.join(), await machine.join()];
    assert.deepEqual(await first.sends(3), queue(3));
    const sizes = new Set<number>();
    for (let round = 0; round < 6; round++) {
      const made = Array.from({ length: 20 }, (_, i) => [{ i: `${round}${i + 10}` }, 1] as const);
      await second.share(metricsOf(gauge('queue', [[{}, 4]]), gauge('made', made)));
      assert.equal(Object.keys((await first.sends(3)) as object).length, 2);
      // Nothing of it is there any more.
      await second.share(metricsOf(gauge('queue', [[{}, 4]])));
      await until(async () => assert.deepEqual(await first.sends(3), queue(7)) === undefined);
      const files = machine.files().filter((name) => name.endsWith('.keys'));
      sizes.add(files.reduce((sum, name) => sum + fs.statSync(join(machine.place, name)).size, 0));
    }
    assert.equal(sizes.size, 1);
  });

  test('are removed with the last process', async (t) => {
    const { directory, joinThree } = createMachine(t);
    const members = await joinThree();
    for (const member of members) await member.sends(1);
    for (const member of members) {
      assert.equal(fs.existsSync(directory), true);
      member.leave();
    }
    assert.equal(fs.existsSync(directory), false);
  });
});
