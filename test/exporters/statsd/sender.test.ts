import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Attributes, ValueType } from '@opentelemetry/api';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import type { StatsdDialect } from '../../../src/config/types.ts';
import { createSender, HeldError, type SenderCounts } from '../../../src/exporters/statsd/sender.ts';
import type { Outcome, Transport } from '../../../src/exporters/statsd/transports/transport.ts';
import { createFineHistograms, fineBoundaries } from '../../../src/views/fine-boundaries.ts';
import fc from '../../property.ts';
import { MemoryReader } from '../../views/memory-reader.ts';
import { collected, counter } from '../prometheus/metrics.ts';
import { differences, NAMES } from './lines.ts';
import { type Line, parseLine } from './parser.ts';

/** What becomes of a payload; `hang`: nothing, until the socket is closed, and then the one or the other. */
type Fate = Outcome | 'hang and held' | 'hang and dropped';

/** A server and the way to it: each payload has the next fate, and is accepted when there are no more. */
function createWay(fates: Fate[], lineEnd: Transport['lineEnd'] = '') {
  const seen = {
    accepted: [] as string[],
    dropped: [] as string[],
    /** In the order in which they were tried. */
    outcomes: [] as Outcome[],
    urgent: [] as boolean[],
    longest: 0,
    hanging: undefined as (() => void) | undefined,
    onHang: () => {},
  };
  const settle = (text: string, outcome: Outcome): Outcome => {
    seen.outcomes.push(outcome);
    if (outcome !== 'held') seen[outcome].push(text);
    return outcome;
  };
  const transport: Transport = {
    lineEnd,
    async send(payload, urgent) {
      seen.urgent.push(urgent === true);
      const text = payload.toString();
      seen.longest = Math.max(seen.longest, payload.length);
      const fate = fates.shift() ?? 'accepted';
      if (fate !== 'hang and held' && fate !== 'hang and dropped') return settle(text, fate);
      const closed = new Promise<void>((resolve) => {
        seen.hanging = resolve;
      });
      seen.onHang();
      await closed;
      seen.hanging = undefined;
      return settle(text, fate === 'hang and held' ? 'held' : 'dropped');
    },
    close: () => seen.hanging?.(),
  };
  return { transport, seen };
}

function counting(): SenderCounts {
  return { packets: 0, bytes: 0, packetsDropped: 0, retries: 0 };
}

function sending(
  fates: Fate[],
  packetSize = 1432,
  lineEnd: Transport['lineEnd'] = '',
  dialect: StatsdDialect = 'dogstatsd',
  prefix = '',
) {
  const { transport, seen } = createWay(fates, lineEnd);
  const counts = counting();
  const oversized: string[] = [];
  const turn = differences(dialect, { packetSize, prefix });
  const onOversized = (line: string): number => oversized.push(line);
  const sender = createSender({ packetSize, transport, counts, differences: turn, onOversized });
  return { sender, seen, counts, oversized };
}

const orders = (...values: readonly number[]) =>
  collected([[{ name: 'app' }, values.map((value, i) => counter(`orders.${i}`, [[{}, value]]))]]);

test('what is left to send is urgent from when it is said to be', async () => {
  const { sender, seen } = sending([], 32);
  await sender.send(orders(1));
  sender.urgent = true;
  await sender.send(orders(2));
  sender.urgent = false;
  await sender.send(orders(3));
  assert.deepEqual(seen.urgent, [false, true, false]);
});

test('a collection leaves in packets, and is counted', async () => {
  const { sender, seen, counts } = sending([], 32);
  await sender.send(orders(1, 2, 3));
  assert.deepEqual(seen.accepted, ['orders_0_total:1|c', 'orders_1_total:2|c', 'orders_2_total:3|c']);
  assert.deepEqual(counts, { packets: 3, bytes: 54, packetsDropped: 0, retries: 0 });
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

test('what is held is sent with what has come since, what was accepted before it is not', async () => {
  const { sender, seen, counts } = sending(['accepted', 'held'], 20);
  await assert.rejects(sender.send(orders(1, 2, 3)), HeldError);
  await sender.send(orders(1, 5, 3));
  assert.deepEqual(seen.accepted, ['orders_0_total:1|c', 'orders_1_total:5|c', 'orders_2_total:3|c']);
  assert.deepEqual(counts, { packets: 3, bytes: 54, packetsDropped: 0, retries: 1 });
});

test('what is dropped is counted, and not said again', async () => {
  const { sender, seen, counts } = sending(['dropped'], 20);
  await sender.send(orders(1, 2));
  await sender.send(orders(1, 2));
  assert.deepEqual(seen.accepted, ['orders_1_total:2|c']);
  assert.deepEqual(counts, { packets: 1, bytes: 18, packetsDropped: 1, retries: 0 });
});

test('a line that fits into no packet is told, counted and given up; the others are sent', async () => {
  const { sender, seen, counts, oversized } = sending([], 19);
  await sender.send(orders(1, 123, 3));
  await sender.send(orders(1, 123, 3));
  assert.deepEqual(oversized, ['orders_1_total:123|c']);
  assert.deepEqual(seen.accepted, ['orders_0_total:1|c', 'orders_2_total:3|c']);
  assert.deepEqual(counts, { packets: 2, bytes: 36, packetsDropped: 1, retries: 0 });
});

test('the next collection waits for the one that is being sent', async () => {
  const { sender, seen } = sending(['hang and dropped', 'accepted'], 20);
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

test('nothing to say is sent without a packet', async () => {
  const { sender, counts } = sending([]);
  await sender.send(orders());
  assert.deepEqual(counts, counting());
});

/** A series by instrument and attribute, whatever its name on the line; what its samples are sent as. */
interface Stream {
  readonly instrument: string;
  readonly key: string;
}

const KEYS = ['x', 'y', 'z'] as const;
/** As a line writes them. */
const INSTRUMENTS: Readonly<Record<string, RegExp>> = {
  orders: /^shop.orders/,
  rows: /^shop.rows/,
  ticks: /^shop.ticks/,
  stock: /^shop.stock/,
  query: /^shop.query/,
  size: /^shop.size/,
};

function streamOf(dialect: StatsdDialect, { name, tags }: Line): Stream | undefined {
  const instrument = Object.keys(INSTRUMENTS).find((each) => INSTRUMENTS[each]?.test(name));
  const key = dialect === 'etsy' ? name.split('.').at(-1) : tags.get('key');
  assert.ok(instrument !== undefined && key !== undefined, name);
  return { instrument, key };
}

const event = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      instrument: fc.constantFrom(...Object.keys(INSTRUMENTS)),
      key: fc.constantFrom(...KEYS),
      /** In quarters, so that sums are exact. */
      value: fc.oneof(fc.nat({ max: 40 }), fc.nat({ max: 4e6 })).map((quarters) => quarters / 4),
      times: fc.oneof({ weight: 5, arbitrary: fc.constant(1) }, fc.integer({ min: 2, max: 300 })),
    }),
  },
  { weight: 4, arbitrary: fc.constant('send' as const) },
);
const fate = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Fate>('accepted') },
  {
    weight: 4,
    arbitrary: fc.constantFrom<Fate>('held', 'dropped', 'hang and held', 'hang and dropped'),
  },
);
const run = fc.record({
  events: fc.array(event, { maxLength: 40 }),
  fates: fc.array(fate, { maxLength: 40 }),
  packetSize: fc.constantFrom(64, 80, 100, 300, 1432),
  lineEnd: fc.constantFrom('' as const, '\n' as const),
});

for (const dialect of NAMES) {
  test(`${dialect}: all that is recorded is accepted, held or dropped, and is once all is well accepted or dropped`, async () => {
    await fc.assert(
      fc.asyncProperty(run, async ({ events, fates, packetSize, lineEnd }) => {
        const { sdk, reader, record, recorded, gauges } = createApp();
        const remaining = [...fates];
        const way = sending(remaining, packetSize, lineEnd, dialect, 'shop.');
        const { sender, seen, counts, oversized } = way;
        seen.onHang = () => setImmediate(() => sender.abort());

        /** Lines of packets, by what they are said of. */
        const tally = (packets: readonly string[]): Map<string, number> => {
          const found = new Map<string, number>();
          for (const packet of packets) {
            for (const text of packet.replace(/\n$/, '').split('\n')) {
              const line = parseLine(dialect, text);
              const { instrument, key } = streamOf(dialect, line) ?? assert.fail(text);
              for (const { value, weight, type, signed } of line.samples) {
                if (type === 'c' || type === 'g') {
                  const id = `${instrument} ${key}`;
                  const added = type === 'c' || signed;
                  found.set(id, (added ? (found.get(id) ?? 0) : 0) + value);
                } else {
                  const scale = instrument === 'query' && type === 'ms' ? 1000 : 1;
                  const bucket = bucketOf(instrument, value, scale);
                  const id = `${instrument} ${key} ${bucket}`;
                  found.set(id, (found.get(id) ?? 0) + weight);
                }
              }
            }
          }
          return found;
        };

        const check = (final: boolean): void => {
          const [accepted, dropped] = [tally(seen.accepted), tally([...seen.dropped, ...oversized])];
          const all = new Set([...accepted.keys(), ...dropped.keys(), ...recorded.keys()]);
          for (const id of all) {
            if (/^stock/.test(id)) continue;
            const got = (accepted.get(id) ?? 0) + (dropped.get(id) ?? 0);
            const wanted = recorded.get(id) ?? 0;
            // The fraction of a counter waits where counters are whole.
            const due = dialect === 'telegraf' ? Math.floor(wanted) : wanted;
            if (final) assert.equal(got, due, id);
            else assert.ok(got <= wanted, `${id}: ${got} of ${wanted}`);
          }
          if (!final) return;
          for (const [id, value] of gauges) {
            if (![...oversized].some((line) => line.includes('stock')))
              assert.equal(accepted.get(id), value, id);
          }
        };

        const send = async (): Promise<void> => {
          const { resourceMetrics } = await reader.collect();
          const before = seen.outcomes.length;
          await sender.send(resourceMetrics).catch((error: unknown) => assert.ok(error instanceof HeldError));
          const held = seen.outcomes.slice(before).indexOf('held');
          assert.ok(
            held < 0 || before + held === seen.outcomes.length - 1,
            'nothing is sent after what is held',
          );
          check(false);
        };

        for (const each of events) {
          if (each === 'send') await send();
          else record(each.instrument, { key: each.key }, each.value, each.times);
        }
        remaining.length = 0;
        await send();
        check(true);

        const size = (packets: readonly string[]): number =>
          packets.reduce((sum, packet) => sum + Buffer.byteLength(packet), 0);
        const retries = seen.outcomes.slice(0, -1).filter((outcome) => outcome === 'held').length;
        assert.deepEqual(counts, {
          packets: seen.accepted.length,
          bytes: size(seen.accepted),
          packetsDropped: seen.dropped.length + oversized.length,
          retries,
        });
        assert.ok(seen.longest <= packetSize, `${seen.longest} bytes`);
        const ended = [...seen.accepted, ...seen.dropped].map((packet) => packet.endsWith('\n'));
        assert.ok(ended.every((newline) => newline === (lineEnd === '\n')));
        await sdk.shutdown();
      }),
      { numRuns: 100 },
    );
  });
}

const FINE: Readonly<Record<string, readonly number[]>> = {
  query: fineBoundaries([0.25, 3], 's'),
  size: fineBoundaries([0, 5, 7], ''),
};

/** The fine bucket of a value, -1 beyond the last. */
function bucketOf(instrument: string, value: number, scale = 1): number {
  return FINE[instrument]?.findIndex((bound) => value <= bound * scale) ?? Number.NaN;
}

/** An app with instruments of every kind, and what a server should end up with. */
function createApp() {
  const reader = new MemoryReader();
  const sdk = new MeterProvider({ readers: [reader] });
  const meter = createFineHistograms().refine(sdk).getMeter('app');
  const recorded = new Map<string, number>();
  const gauges = new Map<string, number>();
  const add = (id: string, value: number): void => {
    recorded.set(id, (recorded.get(id) ?? 0) + value);
  };
  const orders = meter.createCounter('orders');
  const rows = meter.createCounter('rows', { valueType: ValueType.INT });
  const stock = meter.createUpDownCounter('stock');
  const histograms = {
    query: meter.createHistogram('query', { unit: 's', advice: { explicitBucketBoundaries: [0.25, 3] } }),
    size: meter.createHistogram('size', { advice: { explicitBucketBoundaries: [0, 5, 7] } }),
  };
  /** A counter whose values come from elsewhere, and start anew when that does. */
  const ticks = new Map<string, number>();
  const observed = new Map<string, number>();
  meter.createObservableCounter('ticks').addCallback((observation) => {
    for (const [key, value] of ticks) {
      const before = observed.get(key) ?? 0;
      add(`ticks ${key}`, value < before ? value : value - before);
      observed.set(key, value);
      observation.observe(value, { key });
    }
  });

  const record = (
    instrument: string,
    attributes: Attributes & { key: string },
    value: number,
    times: number,
  ) => {
    const { key } = attributes;
    const id = `${instrument} ${key}`;
    for (let i = 0; i < times; i++) {
      if (instrument === 'orders') {
        orders.add(value, attributes);
        add(id, value);
      } else if (instrument === 'rows') {
        rows.add(Math.floor(value), attributes);
        add(id, Math.floor(value));
      } else if (instrument === 'stock') {
        const change = i % 2 === 0 ? -value : value / 2;
        stock.add(change, attributes);
        gauges.set(id, (gauges.get(id) ?? 0) + change);
      } else if (instrument === 'ticks') {
        ticks.set(key, value);
      } else {
        const histogram = instrument === 'query' ? histograms.query : histograms.size;
        const duration = value / (1 + i);
        histogram.record(duration, attributes);
        add(`${id} ${bucketOf(instrument, duration)}`, 1);
      }
    }
  };
  return { sdk, reader, record, recorded, gauges };
}
