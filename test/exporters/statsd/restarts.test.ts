/** Random streams of recordings to a real socket whose server stops and starts: each one arrives once. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { createSender } from '../../../src/exporters/statsd/sender.ts';
import { createStreamTransport } from '../../../src/exporters/statsd/transports/stream.ts';
import { createUdpTransport } from '../../../src/exporters/statsd/transports/udp.ts';
import fc from '../../property.ts';
import { startStatsdReceiver } from '../../receivers/statsd.ts';
import { MemoryReader } from '../../views/memory-reader.ts';
import { differences } from './lines.ts';
import { parseLine } from './parser.ts';
import { recorded, statsdConfig } from './transports/transports.ts';

const PACKET_SIZE = 300;

const events = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.record({ seconds: fc.double({ min: 5e-5, max: 120, noNaN: true }) }) },
    { weight: 2, arbitrary: fc.record({ orders: fc.integer({ min: 1, max: 1000 }) }) },
    { weight: 3, arbitrary: fc.constant('send' as const) },
    { weight: 2, arbitrary: fc.constantFrom('stop' as const, 'start' as const) },
  ),
  { maxLength: 60 },
);

for (const transport of ['udp', 'tcp'] as const) {
  test(`${transport}: what is recorded arrives once, whenever the server is away`, async () => {
    // Nothing of a transport keeps the process alive.
    const alive = setInterval(() => {}, 60_000);
    await fc.assert(
      fc.asyncProperty(events, async (all) => {
        const reader = new MemoryReader();
        const meter = new MeterProvider({ readers: [reader] }).getMeter('app');
        const duration = meter.createHistogram('query', { unit: 's' });
        const orders = meter.createCounter('orders');
        const receiver = await startStatsdReceiver({ transport });
        const counts = { packets: 0, bytes: 0, packetsDropped: 0, retries: 0 };
        const create = transport === 'udp' ? createUdpTransport : createStreamTransport;
        const way = create(statsdConfig(receiver.address, 'telegraf'), recorded());
        const sender = createSender({
          config: { address: receiver.address, packetSize: PACKET_SIZE },
          differences: differences('telegraf', { packetSize: PACKET_SIZE }),
          transport: way,
          counts,
          onOversized: (line) => assert.fail(line),
        });
        // No backoff: each attempt is made.
        sender.urgent = true;
        let up = true;
        const expected = { requests: 0, orders: 0 };
        const send = async (): Promise<void> => {
          const { resourceMetrics } = await reader.collect();
          await sender.send(resourceMetrics).catch(() => undefined);
        };
        const arrived = (): { requests: number; orders: number } => {
          const total = { requests: 0, orders: 0 };
          for (const line of receiver.lines) {
            for (const { type, value, weight } of parseLine('telegraf', line).samples) {
              if (type === 'c') total.orders += value;
              else total.requests += weight;
            }
          }
          return total;
        };
        /** Everything that was accepted, since a server that ends loses what it has not read. */
        const read = (): Promise<void> =>
          receiver.until(() => Buffer.byteLength(receiver.payloads.join('')) >= counts.bytes - newlines());
        const newlines = (): number => (transport === 'tcp' ? receiver.lines.length : 0);

        for (const event of all) {
          if (event === 'send') await send();
          else if (event === 'stop' && up) {
            await read();
            await receiver.stop();
            up = false;
          } else if (event === 'start' && !up) {
            await receiver.start();
            up = true;
          } else if (typeof event === 'object' && 'seconds' in event) {
            duration.record(event.seconds);
            expected.requests++;
          } else if (typeof event === 'object') {
            orders.add(event.orders);
            expected.orders += event.orders;
          }
        }
        if (!up) await receiver.start();
        // The first attempt may find out only that the connection is gone.
        for (let attempt = 0; attempt < 3; attempt++) await send();
        await read();
        assert.deepEqual({ ...arrived(), dropped: counts.packetsDropped }, { ...expected, dropped: 0 });
        assert.ok(receiver.payloads.every((payload) => Buffer.byteLength(payload) <= PACKET_SIZE));
        way.close();
        await receiver.stop();
      }),
      { numRuns: 50 },
    );
    clearInterval(alive);
  });
}
