/** Gauges of several processes that are sent to one place: members in this process, in a real folder. */
import assert from 'node:assert/strict';
import fs, { copyFileSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import type { MetricData, ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type { GaugeAggregation } from '../../src/config/types.ts';
import { createSharedGauges } from '../../src/group/shared-gauges.ts';
import type { Host, SharedGauges } from '../../src/group/types.ts';
import { createLog } from '../../src/guest/log.ts';
import { collected, counter, gauge, histogram, upDownCounter } from '../exporters/prometheus/metrics.ts';
import { createClock } from '../exporters/statsd/transports/transports.ts';
import { until } from '../until.ts';
import { bound, guardOf, startRaw } from './members/sockets.ts';
import { readable } from './recorded.ts';

const INTERVAL = 10_000;

interface Member extends SharedGauges {
  /** Shares these values, and says what is to be sent of gauges and up-down counters. */
  sends(values: { queue: number; pending?: number }): Promise<unknown>;
  /** Puts its clock forward. */
  forward(millis: number): void;
  readonly said: readonly string[];
}

interface Given {
  readonly pid?: number;
  readonly threadId?: number;
  readonly rule?: GaugeAggregation;
  readonly destination?: string;
}

const metricsOf = (...metrics: MetricData[]): ResourceMetrics => collected([[{ name: 'app' }, metrics]]);

/** A folder for groups, and members of one in it, who come one after the other. */
function createHost(t: TestContext) {
  const base = mkdtempSync('/tmp/gauges-');
  t.after(() => rmSync(base, { recursive: true }));
  const directory = join(base, 'own');
  let pids = 100;
  const members: SharedGauges[] = [];
  t.after(() => {
    for (const member of members) member.leave();
  });
  const host = {
    directory,
    findDirectory(): ReturnType<Host['findDirectory']> {
      fs.mkdirSync(directory, { recursive: true, mode: 0o700 });
      return { path: directory };
    },
    /** Names in the only group's folder. */
    get files(): string[] {
      const [group = '', ...more] = readdirSync(directory);
      assert.deepEqual(more, []);
      return readdirSync(join(directory, group)).sort();
    },
    get place(): string {
      return join(directory, readdirSync(directory)[0] ?? '');
    },
    async join({
      pid = pids++,
      threadId = 0,
      rule = 'sum',
      destination = 'here',
    }: Given = {}): Promise<Member> {
      const said: string[] = [];
      const clock = createClock();
      const gauges = createSharedGauges({
        host: {
          fs,
          process: { pid, kill: process.kill },
          threadId,
          network: '',
          findDirectory: () => host.findDirectory(),
          lookup: async () => undefined,
        },
        destination: [destination],
        intervalMillis: INTERVAL,
        aggregationOf: () => rule,
        guard: guardOf(said),
        log: createLog('debug', (line) => said.push(line)),
        now: clock.now,
      });
      members.push(gauges);
      await gauges.join();
      // Who comes in the same millisecond comes at the same time.
      const joined = Date.now();
      await until(() => Date.now() > joined);
      return {
        ...gauges,
        said,
        forward: clock.forward,
        async sends({ queue, pending }) {
          const shared = await gauges.share(
            metricsOf(
              gauge('queue', [[{}, queue]]),
              ...(pending === undefined ? [] : [upDownCounter('pending', [[{}, pending]])]),
            ),
          );
          return readable(shared);
        },
      };
    },
    async joinMany(count: number, given: Given = {}): Promise<Member[]> {
      const all: Member[] = [];
      for (let i = 0; i < count; i++) all.push(await host.join(given));
      return all;
    },
  };
  return host;
}

const queue = (value: number) => ({ queue: { '{}': value } });

describe('what three processes say is sent as declared', bound, () => {
  const rules: [rule: GaugeAggregation, sent: Record<string, number>][] = [
    ['sum', { '{}': 9 }],
    ['max', { '{}': 5 }],
    ['min', { '{}': 1 }],
    ['newest', { '{}': 3 }],
    [
      'process',
      { '{"process.pid":100}': 3, '{"process.pid":101}': 5, '{"process.pid":101,"thread.id":2}': 1 },
    ],
  ];
  for (const [rule, sent] of rules) {
    test(`${rule}; up-down counters are always summed`, async (t) => {
      const host = createHost(t);
      const [first, second] = await host.joinMany(2, { rule });
      const third = await host.join({ rule, pid: 101, threadId: 2 });
      await third.sends({ queue: 1, pending: -2 });
      await second?.sends({ queue: 5, pending: 4 });
      const tick = Date.now();
      await until(() => Date.now() > tick);
      assert.deepEqual(await first?.sends({ queue: 3, pending: 7 }), {
        queue: sent,
        pending: { '{}': 9 },
      });
    });
  }
});

describe('who sends', bound, () => {
  test('is the one who has been there longest; the others send no gauge', async (t) => {
    const host = createHost(t);
    const [first, second, third] = await host.joinMany(3);
    for (let i = 1; i <= 2; i++) {
      assert.deepEqual(await second?.sends({ queue: 5 * i }), {});
      assert.deepEqual(await third?.sends({ queue: 1 * i }), {});
      assert.deepEqual(await first?.sends({ queue: 3 * i }), queue(9 * i));
    }
  });

  test('is whoever comes next when that one leaves, whose values count no more', async (t) => {
    const host = createHost(t);
    const [first, second, third] = await host.joinMany(3);
    await second?.sends({ queue: 5 });
    await third?.sends({ queue: 1 });
    assert.deepEqual(await first?.sends({ queue: 3 }), queue(9));
    first?.handOver();
    assert.deepEqual(await third?.sends({ queue: 1 }), {});
    assert.deepEqual(await second?.sends({ queue: 5 }), queue(6));
    third?.leave();
    assert.deepEqual(await second?.sends({ queue: 5 }), queue(5));
  });

  test('is the next one when the first was killed, whose values count no more', async (t) => {
    const host = createHost(t);
    const [first, second] = await host.joinMany(2);
    await second?.sends({ queue: 5 });
    // What a process leaves that was killed: its files, and a socket that nobody answers.
    for (const name of host.files.filter((each) => /^101.*(keys|values)$/.test(each))) {
      copyFileSync(join(host.place, name), join(host.place, name.replace(/.*\./, '7-0-0.')));
    }
    writeFileSync(join(host.place, '7-0-0.sock'), '');
    assert.equal(host.files.filter((name) => name.startsWith('7-')).length, 3);
    assert.deepEqual(await first?.sends({ queue: 3 }), queue(8));
    assert.deepEqual(
      host.files.filter((name) => name.startsWith('7-')),
      [],
      'its files are removed',
    );
  });

  test('is another one while the first is stuck, for as long as that lasts', async (t) => {
    const host = createHost(t);
    const [first, second, third] = await host.joinMany(3);
    const others = async (): Promise<unknown> => [
      await third?.sends({ queue: 1 }),
      await second?.sends({ queue: 5 }),
    ];
    await others();
    assert.deepEqual(await first?.sends({ queue: 3 }), queue(9));
    for (const each of [second, third]) each?.forward(2 * INTERVAL);
    assert.deepEqual(await others(), [{}, {}]);
    for (const each of [second, third]) each?.forward(1);
    assert.deepEqual(await others(), [queue(9), {}], 'the first one who misses it, and nobody else');
    assert.deepEqual(await others(), [queue(9), {}]);
    assert.deepEqual(await first?.sends({ queue: 4 }), queue(10));
    assert.deepEqual(await others(), [{}, {}]);
  });

  test('is each for itself where there is no folder, which is logged once', async (t) => {
    const host = createHost(t);
    host.findDirectory = () => ({ problem: '/tmp/own is a symbolic link' });
    const [first, second] = await host.joinMany(2, { rule: 'process' });
    assert.deepEqual(await first?.sends({ queue: 3 }), { queue: { '{"process.pid":100}': 3 } });
    assert.deepEqual(await second?.sends({ queue: 5 }), { queue: { '{"process.pid":101}': 5 } });
    assert.deepEqual(first?.said, [
      'routemeter: the processes of this service cannot be added up, each is by itself: /tmp/own is a symbolic link\n',
    ]);
  });

  test('is each for itself where the folder cannot be used, which is said once', async (t) => {
    const host = createHost(t);
    writeFileSync(host.directory, '');
    host.findDirectory = () => ({ path: host.directory });
    const [first, second] = await host.joinMany(2);
    assert.deepEqual(await first?.sends({ queue: 3 }), queue(3));
    assert.deepEqual(await second?.sends({ queue: 5 }), queue(5));
    assert.equal(first?.said.length, 1);
    assert.match(first?.said[0] ?? '', /gauges of this process may overwrite those of others: .*ENOTDIR/);
  });

  test('is one for each place where gauges are sent to', async (t) => {
    const host = createHost(t);
    const here = await host.join();
    const there = await host.join({ destination: 'there' });
    assert.deepEqual(await here.sends({ queue: 3 }), queue(3));
    assert.deepEqual(await there.sends({ queue: 5 }), queue(5));
  });
});

describe('a member', bound, () => {
  test('sends its own counters and histograms, whoever sends gauges', async (t) => {
    const host = createHost(t);
    const own = [counter('ticks', [[{}, 1]]), histogram('size', [1, 2], [[{}, [1, 0, 2]]])];
    const lasting = readable(metricsOf(...own));
    for (const member of await host.joinMany(2)) {
      const shared = await member.share(metricsOf(gauge('queue', []), ...own));
      assert.deepEqual(readable(shared), lasting);
    }
  });

  test('that is alone writes no files', async (t) => {
    const host = createHost(t);
    const only = await host.join();
    assert.deepEqual(await only.sends({ queue: 3, pending: -1 }), {
      ...queue(3),
      pending: { '{}': -1 },
    });
    assert.equal(host.files.length, 1);
    assert.match(host.files[0] ?? '', /^100-0-.*\.sock$/);
  });

  test('that hands over and lives on comes back', async (t) => {
    const host = createHost(t);
    const [first, second] = await host.joinMany(2);
    first?.handOver();
    assert.deepEqual(await first?.sends({ queue: 3 }), {}, 'behind those who stayed');
    assert.deepEqual(await second?.sends({ queue: 5 }), queue(8));
  });

  test('that has left for good does not', async (t) => {
    const host = createHost(t);
    const [first, second] = await host.joinMany(2);
    first?.leave();
    await first?.sends({ queue: 3 });
    assert.deepEqual(await second?.sends({ queue: 5 }), queue(5));
  });

  test('whose series is gone is not added to the sum', async (t) => {
    const host = createHost(t);
    const [first, second] = await host.joinMany(2);
    await second?.sends({ queue: 5, pending: 1 });
    await second?.sends({ queue: 6 });
    assert.deepEqual(await first?.sends({ queue: 1 }), queue(7));
  });

  test('whose folder is removed makes it anew', async (t) => {
    const host = createHost(t);
    const [first, second] = await host.joinMany(2);
    rmSync(host.directory, { recursive: true });
    await second?.sends({ queue: 5 });
    // Of two that come within one millisecond, chance decides which came first.
    const came = Date.now();
    await until(() => Date.now() > came);
    await first?.sends({ queue: 3 });
    assert.deepEqual(await second?.sends({ queue: 5 }), queue(8));
  });

  test('does not take a stranger for the one who sends', async (t) => {
    const host = createHost(t);
    const only = await host.join();
    const path = join(host.place, host.files[0] ?? '');
    const stranger = startRaw(t, path);
    stranger.socket.write(`routemeter 1 ${host.place.split('/').at(-1)}\nflush 1\n`);
    await until(() => stranger.closed);
    assert.equal(stranger.text, '');
    assert.deepEqual(await only.sends({ queue: 5 }), queue(5));
  });
});

describe('files', bound, () => {
  test('do not grow with the number of processes that ever were', async (t) => {
    const host = createHost(t);
    const first = await host.join();
    for (let i = 0; i < 5; i++) {
      const other = await host.join();
      await other.sends({ queue: 1 });
      assert.deepEqual(await first.sends({ queue: 3 }), queue(4));
      other.leave();
      assert.deepEqual(await first.sends({ queue: 3 }), queue(3));
    }
    assert.equal(host.files.length, 3, 'a socket and two files');
  });

  test('go with the last one', async (t) => {
    const host = createHost(t);
    const members = await host.joinMany(3);
    for (const member of members) await member.sends({ queue: 1 });
    for (const member of members) {
      assert.equal(existsSync(host.directory), true);
      member.leave();
    }
    assert.equal(existsSync(host.directory), false);
  });
});
