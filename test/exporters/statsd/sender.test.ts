import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MetricData } from '@opentelemetry/sdk-metrics';
import type { StatsdDialect } from '../../../src/config/types.ts';
import { DIALECTS } from '../../../src/exporters/statsd/dialects/index.ts';
import { createSender, HeldError, type SenderCounts } from '../../../src/exporters/statsd/sender.ts';
import type { Outcome, Transport } from '../../../src/exporters/statsd/transports/transport.ts';
import { fineBoundaries } from '../../../src/views/fine-boundaries.ts';
import fc from '../../property.ts';
import { collected, counter, histogram, upDownCounter } from '../prometheus/metrics.ts';
import { differences, NAMES } from './lines.ts';
import { parseLine } from './parser.ts';

/** The outcome of a payload; if it hangs, only once the transport is closed. */
type Fate = Outcome | 'held and hangs' | 'dropped and hangs';

/** What became of each payload on a transport, and what of it in the order in which they were tried. */
function createSeen() {
  return {
    ...{ accepted: [] as string[], dropped: [] as string[] },
    ...{ outcomes: [] as Outcome[], urgent: [] as boolean[] },
    longest: 0,
    hanging: undefined as (() => void) | undefined,
    onHang: () => {},
  };
}

/** A transport on which each payload has the next fate, and is accepted once there are no more. */
function createWay(
  fates: Fate[],
  lineEnd: Transport['lineEnd'],
  seen: ReturnType<typeof createSeen>,
): Transport {
  return {
    lineEnd,
    async send(payload, urgent) {
      seen.urgent.push(urgent === true);
      seen.longest = Math.max(seen.longest, payload.length);
      const [fate = 'accepted', hangs] = (fates.shift() ?? 'accepted').split(' and hangs') as [
        Outcome,
        string?,
      ];
      if (hangs !== undefined) {
        const closed = new Promise<void>((resolve) => {
          seen.hanging = resolve;
        });
        seen.onHang();
        await closed;
        seen.hanging = undefined;
      }
      seen.outcomes.push(fate);
      if (fate !== 'held') seen[fate].push(payload.toString());
      return fate;
    },
    close: () => seen.hanging?.(),
  };
}

const NOTHING: SenderCounts = { packets: 0, bytes: 0, packetsDropped: 0, retries: 0 };

function sending(
  fates: Fate[],
  packetSize = 1432,
  lineEnd: Transport['lineEnd'] = '',
  dialect: StatsdDialect = 'dogstatsd',
  prefix = '',
) {
  const seen = createSeen();
  const counts = { ...NOTHING };
  const oversized: string[] = [];
  const sender = createSender({
    packetSize,
    transport: createWay(fates, lineEnd, seen),
    counts,
    differences: differences(dialect, { packetSize, prefix }),
    onOversized: (line) => oversized.push(line),
  });
  return { sender, seen, counts, oversized };
}

const of = (...metrics: MetricData[]) => collected([[{ name: 'app' }, metrics]]);
const orders = (...values: readonly number[]) =>
  of(...values.map((value, i) => counter(`orders.${i}`, [[{}, value]])));

test('packets are urgent while the sender is', async () => {
  const { sender, seen } = sending([], 32);
  await sender.send(orders(1));
  sender.urgent = true;
  await sender.send(orders(2));
  sender.urgent = false;
  await sender.send(orders(3));
  assert.deepEqual(seen.urgent, [false, true, false]);
});

test('on a stream every packet ends with a newline, within the limit', async () => {
  for (const [size, packets] of [
    [38, ['orders_0_total:1|c\norders_1_total:2|c\n']],
    [37, ['orders_0_total:1|c\n', 'orders_1_total:2|c\n']],
  ] as const) {
    const { sender, seen, counts } = sending([], size, '\n');
    await sender.send(orders(1, 2));
    assert.deepEqual(seen.accepted, packets);
    assert.equal(counts.bytes, 38);
  }
});

test('held data is sent with what has come since; accepted data is not sent again', async () => {
  const { sender, seen, counts } = sending(['accepted', 'held'], 20);
  await assert.rejects(sender.send(orders(1, 2, 3)), HeldError);
  await sender.send(orders(1, 5, 3));
  assert.deepEqual(seen.accepted, ['orders_0_total:1|c', 'orders_1_total:5|c', 'orders_2_total:3|c']);
  assert.deepEqual(counts, { packets: 3, bytes: 54, packetsDropped: 0, retries: 1 });
});

test('a line that fits into no packet is reported, counted and dropped; the others are sent', async () => {
  const { sender, seen, counts, oversized } = sending([], 19);
  await sender.send(orders(1, 123, 3));
  await sender.send(orders(1, 123, 3));
  assert.deepEqual(oversized, ['orders_1_total:123|c']);
  assert.deepEqual(seen.accepted, ['orders_0_total:1|c', 'orders_2_total:3|c']);
  assert.deepEqual(counts, { packets: 2, bytes: 36, packetsDropped: 1, retries: 0 });
});

test('the next collection waits for the one that is being sent', async () => {
  const { sender, seen } = sending(['dropped and hangs', 'accepted'], 20);
  const first = sender.send(orders(1, 2));
  const second = sender.send(orders(4, 2));
  await new Promise(setImmediate);
  assert.deepEqual(seen.outcomes, []);
  sender.abort();
  await assert.rejects(first, HeldError);
  await second;
  assert.deepEqual(seen.dropped, ['orders_0_total:1|c']);
  assert.deepEqual(seen.accepted, ['orders_0_total:3|c', 'orders_1_total:2|c']);
});

test('without anything to send there is no packet', async () => {
  const { sender, counts } = sending([]);
  await sender.send(orders());
  assert.deepEqual(counts, NOTHING);
});

const KEYS = ['x', 'y', 'z'];
const BOUNDARIES = { query: fineBoundaries([0.25, 3], 's'), size: fineBoundaries([0, 5, 7], '') };
type Instrument = 'orders' | 'stock' | keyof typeof BOUNDARIES;

/** The fine bucket of a value, the last one beyond all boundaries. */
function bucketOf(name: keyof typeof BOUNDARIES, value: number): number {
  const found = BOUNDARIES[name].findIndex((bound) => value <= bound);
  return found < 0 ? BOUNDARIES[name].length : found;
}

/** Series of every kind, by instrument, key and bucket; what they have come to, and what was recorded all in all. */
function createApp() {
  const now = new Map<string, number>();
  const recorded = new Map<string, number>();
  const add = (id: string, value: number): void => {
    now.set(id, (now.get(id) ?? 0) + value);
    recorded.set(id, (recorded.get(id) ?? 0) + value);
  };
  const at = (...id: unknown[]): number => now.get(id.join(' ')) ?? 0;
  const points = (name: Instrument) =>
    KEYS.filter((key) => recorded.has(`${name} ${key}`)).map((key) => [{ key }, at(name, key)] as const);
  const distribution = (name: keyof typeof BOUNDARIES, unit: string): MetricData => {
    const boundaries = BOUNDARIES[name];
    const countsOf = (key: string) => [...boundaries, 0].map((_, bucket) => at(name, key, bucket));
    const series = KEYS.map((key) => [{ key }, countsOf(key)] as const);
    return histogram(name, boundaries, series, { unit, sum: undefined });
  };
  return {
    recorded,
    record(name: Instrument, key: string, value: number, times: number): void {
      for (let i = 0; i < times; i++) {
        if (name === 'orders') add(`${name} ${key}`, value);
        else if (name === 'stock') add(`${name} ${key}`, i % 2 === 0 ? -value : value / 2);
        else add(`${name} ${key} ${bucketOf(name, value / (1 + i))}`, 1);
      }
    },
    /** Resets a counter, as an observed one may be. */
    restart(key: string): void {
      now.set(`orders ${key}`, 0);
    },
    collect: () =>
      of(
        counter('orders', points('orders')),
        upDownCounter('stock', points('stock')),
        distribution('query', 's'),
        distribution('size', ''),
      ),
  };
}

/** What lines say of each series: the last value of a gauge, else the sum. */
function tally(dialect: StatsdDialect, packets: readonly string[]): Map<string, number> {
  const found = new Map<string, number>();
  const add = (id: string, value: number): Map<string, number> => found.set(id, (found.get(id) ?? 0) + value);
  for (const text of packets.flatMap((packet) => packet.replace(/\n$/, '').split('\n'))) {
    const { name, tags, samples } = parseLine(dialect, text);
    const [instrument] = /(?<=^shop\.)(orders|stock|query|size)/.exec(name) ?? assert.fail(text);
    const id = `${instrument} ${tags.get('key') ?? name.split('.').at(-1)}`;
    for (const { value, weight, type, signed } of samples) {
      if (instrument === 'query' || instrument === 'size') {
        const scale = instrument === 'query' && type === 'ms' ? 1000 : 1;
        add(`${id} ${bucketOf(instrument, value / scale)}`, weight);
      } else if (type === 'g' && !signed) found.set(id, value);
      else add(id, value);
    }
  }
  return found;
}

const event = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      name: fc.constantFrom<Instrument>('orders', 'stock', 'query', 'size'),
      key: fc.constantFrom(...KEYS),
      /** In quarters, so that sums are exact. */
      value: fc.oneof(fc.nat({ max: 40 }), fc.nat({ max: 4e6 })).map((quarters) => quarters / 4),
      times: fc.oneof({ weight: 5, arbitrary: fc.constant(1) }, fc.integer({ min: 2, max: 300 })),
    }),
  },
  { weight: 1, arbitrary: fc.record({ restart: fc.constantFrom(...KEYS) }) },
  { weight: 4, arbitrary: fc.constant('send' as const) },
);
const fate = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Fate>('accepted') },
  { weight: 4, arbitrary: fc.constantFrom<Fate>('held', 'dropped', 'held and hangs', 'dropped and hangs') },
);
const run = fc.record({
  events: fc.array(event, { maxLength: 40 }),
  fates: fc.array(fate, { maxLength: 40 }),
  packetSize: fc.constantFrom(64, 80, 100, 300, 1432),
  lineEnd: fc.constantFrom('' as const, '\n' as const),
});

for (const dialect of NAMES) {
  test(`${dialect}: every measurement is accepted, held or dropped once, and in the end nothing is held`, async () => {
    await fc.assert(
      fc.asyncProperty(run, async ({ events, fates, packetSize, lineEnd }) => {
        const app = createApp();
        const remaining = [...fates];
        const { sender, seen, counts, oversized } = sending(remaining, packetSize, lineEnd, dialect, 'shop.');
        seen.onHang = () => setImmediate(() => sender.abort());

        const check = (final: boolean): void => {
          const accepted = tally(dialect, seen.accepted);
          const dropped = tally(dialect, [...seen.dropped, ...oversized]);
          for (const id of new Set([...accepted.keys(), ...dropped.keys(), ...app.recorded.keys()])) {
            const wanted = app.recorded.get(id) ?? 0;
            if (id.startsWith('stock')) {
              const fits = !oversized.some((line) => line.includes('stock'));
              if (final && fits) assert.equal(accepted.get(id), wanted, id);
              continue;
            }
            const got = (accepted.get(id) ?? 0) + (dropped.get(id) ?? 0);
            // The fraction of a counter waits where counters are whole.
            const due = DIALECTS[dialect].wholeCounts ? Math.floor(wanted) : wanted;
            if (final) assert.equal(got, due, id);
            else assert.ok(got <= wanted, `${id}: ${got} of ${wanted}`);
          }
        };
        const send = async (): Promise<void> => {
          const before = seen.outcomes.length;
          await sender.send(app.collect()).catch((error: unknown) => assert.ok(error instanceof HeldError));
          const held = seen.outcomes.indexOf('held', before);
          assert.ok(held < 0 || held === seen.outcomes.length - 1, 'nothing is sent after what is held');
          check(false);
        };

        for (const each of events) {
          if (each === 'send') await send();
          else if ('name' in each) app.record(each.name, each.key, each.value, each.times);
          else {
            // It can be seen between two collections only.
            await send();
            app.restart(each.restart);
            await send();
          }
        }
        remaining.length = 0;
        await send();
        check(true);

        const sent = [...seen.accepted, ...seen.dropped];
        assert.deepEqual(counts, {
          packets: seen.accepted.length,
          bytes: Buffer.byteLength(seen.accepted.join('')),
          packetsDropped: seen.dropped.length + oversized.length,
          retries: seen.outcomes.slice(0, -1).filter((outcome) => outcome === 'held').length,
        });
        assert.ok(seen.longest <= packetSize, `${seen.longest} bytes`);
        assert.ok(sent.every((packet) => packet.endsWith('\n') === (lineEnd === '\n')));
      }),
      { numRuns: 100 },
    );
  });
}
