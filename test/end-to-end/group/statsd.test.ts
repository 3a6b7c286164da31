/** StatsD from several processes: what a server adds up, and what one of them sends for all. */
import assert from 'node:assert/strict';
import { get } from 'node:http';
import { test } from 'node:test';
import { AppProcess } from '../../app-process.ts';
import { parseLine } from '../../exporters/statsd/parser.ts';
import { type StatsdReceiver, startStatsdReceiver } from '../../receivers/statsd.ts';
import { uniqueService } from './load.ts';
import { bound } from './tested-group.ts';

/** The workers of test/apps/gauges.mjs send to it. */
function start(receiver: StatsdReceiver, workers: number, env: Record<string, string> = {}): AppProcess {
  return new AppProcess('gauges.mjs', {
    args: [String(workers)],
    env: {
      OTEL_SERVICE_NAME: uniqueService(),
      OTEL_METRICS_EXPORTER: 'statsd',
      OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'http',
      ROUTEMETER_GAUGES: 'queue.longest=max,queue.each=process',
      ROUTEMETER_STATSD_URL: receiver.url,
      ROUTEMETER_STATSD_INTERVAL: '50',
      ...env,
    },
  });
}

/** Everything that has been said of gauges since that many lines had come, `name tags value`, each once. */
function gauges({ lines }: StatsdReceiver, names: RegExp, from = 0): string[] {
  const said = lines.slice(from).flatMap((line) => {
    const [, name = '', value, tags] = /^(\w+):(-?[\d.]+)\|g(?:\|#(.*))?$/.exec(line) ?? [];
    return names.test(name) ? `${name} ${tags ?? '-'} ${value}` : [];
  });
  return [...new Set(said)].sort();
}

/** How many requests and jobs a server has counted. */
function counted({ lines }: StatsdReceiver): { requests: number; jobs: number } {
  const total = { requests: 0, jobs: 0 };
  for (const line of lines) {
    if (!/^(http_server_request_duration_seconds|jobs_total):/.test(line)) continue;
    for (const { type, value, weight } of parseLine('dogstatsd', line).samples) {
      if (type === 'c') total.jobs += value;
      else total.requests += weight;
    }
  }
  return total;
}

/** Resolves when nothing but this has been said for a hundred lines. */
async function settles(receiver: StatsdReceiver, names: RegExp, expected: readonly string[]): Promise<void> {
  for (;;) {
    const from = receiver.lines.length;
    await receiver.received(from + 100);
    const said = gauges(receiver, names, from);
    if (said.join() === [...expected].sort().join()) return;
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

test(
  'the workers of a cluster have their requests counted, and their gauges sent as declared',
  bound,
  async (t) => {
    const receiver = await startStatsdReceiver();
    t.after(() => receiver.stop());
    const app = start(receiver, 3);
    const lines = await app.lines('stdout', /^http\S+ (\d) (\d+)$/, 3);
    await app.lines('stderr', /measuring .* StatsD/, 3);
    const url = await app.url();
    const inProgress = [1, 2, 3, 4].map(() => get(new URL('/hold', url)).on('error', () => {}));
    t.after(() => {
      for (const request of inProgress) request.destroy();
    });
    for (let i = 0; i < 10; i++)
      await Promise.all([1, 2, 3, 4, 5, 6].map(async () => (await fetch(url)).text()));
    await receiver.until(() => counted(receiver).requests >= 60 && counted(receiver).jobs >= 60);
    const active = 'http_server_active_requests http_request_method:GET,url_scheme:http';
    await settles(receiver, /^http_server_active/, [`${active} 4`]);
    assert.deepEqual(counted(receiver), { requests: 60, jobs: 60 });

    const pids = new Map(lines.map(([, number, pid]) => [Number(number), pid]));
    const expected = (alive: readonly number[]): string[] => [
      `queue_total - ${sum(alive)}`,
      `queue_longest - ${Math.max(...alive)}`,
      ...alive.map((number) => `queue_each process_pid:${pids.get(number)} ${number}`),
      `orders_pending - ${sum(alive)}`,
    ];
    await settles(receiver, /^(queue|orders)_/, expected([1, 2, 3]));
    app.child.send(2);
    await settles(receiver, /^(queue|orders)_/, expected([1, 3]));
    // The first one, which sends for all.
    app.child.send(1);
    await settles(receiver, /^(queue|orders)_/, expected([3]));
  },
);

test('processes with their own label are kept separate by it', bound, async (t) => {
  const receiver = await startStatsdReceiver();
  t.after(() => receiver.stop());
  const OTEL_SERVICE_NAME = uniqueService();
  for (const label of ['a', 'b']) {
    start(receiver, 1, { OTEL_SERVICE_NAME, ROUTEMETER_LABELS: `instance=${label}` });
  }
  await settles(receiver, /^queue_total/, ['queue_total instance:a 1', 'queue_total instance:b 1']);
});
