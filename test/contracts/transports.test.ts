/** What every StatsD transport does. */
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { describe, type TestContext, test } from 'node:test';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import type { StatsdAddress } from '../../src/config/types.ts';
import { nextPoll } from '../../src/exporters/statsd/event-loop.ts';
import { createStatsdExporter } from '../../src/exporters/statsd/index.ts';
import { TRANSPORTS } from '../../src/exporters/statsd/transports/index.ts';
import { NEVER, recordedContext } from '../exporters/push-context.ts';
import {
  BOUND,
  isClosed,
  named,
  numbered,
  receiverOf,
  runToEnd,
  sendAll,
  sendLine,
  socketsOf,
  wayTo,
} from '../exporters/statsd/transports/transports.ts';
import fc from '../property.ts';

type Name = StatsdAddress['transport'];

const v4 = (address: string) => ({ address, family: 4 });
const UNREACHABLE = /ECONNREFUSED|ENOENT/;

const CONTRACT = {
  async 'opens nothing before the first payload, then one socket, and ends lines where nothing else does'(
    t,
    transport,
  ) {
    const receiver = await receiverOf(t, { transport });
    const sockets = socketsOf(t);
    const way = wayTo(t, receiver);
    assert.equal(way.transport.lineEnd, transport === 'udp' ? '' : '\n');
    await nextPoll();
    assert.equal(sockets.length, 0);
    await sendAll(way.transport, numbered(2));
    assert.equal(sockets.length, 1);
  },

  async 'delivers 1,000 payloads in a row, in order'(t, transport) {
    const receiver = await receiverOf(t, { transport });
    const way = wayTo(t, receiver, { delay: nextPoll });
    await sendAll(way.transport, numbered(1000));
    await receiver.received(1000);
    assert.deepEqual(receiver.lines, numbered(1000));
    assert.deepEqual([way.options.failures, way.options.lost], [[], 0]);
  },

  async 'reaches an IPv6 address'(t, transport) {
    const receiver = await receiverOf(t, { transport, host: '::1' });
    await sendAll(wayTo(t, receiver).transport, numbered(1));
    await receiver.received(1);
    const localhost = async () => [v4('127.0.0.1'), { address: '::1', family: 6 }];
    await sendAll(wayTo(t, named(receiver), { lookup: localhost }).transport, numbered(1));
    await receiver.received(2);
  },

  async 'holds what is sent while there is no server, so that it can be sent again'(t, transport) {
    const receiver = await receiverOf(t, { transport });
    await receiver.stop();
    const { transport: way, options, clock } = wayTo(t, receiver);
    for (const line of numbered(3)) {
      assert.equal(await sendLine(way, line), 'held');
      clock.forward(30_000);
    }
    assert.equal(options.failures.length, 3);
    for (const failure of options.failures) assert.match(failure, UNREACHABLE);
    await receiver.start();
    await sendAll(way, numbered(3));
    await receiver.received(3);
    assert.deepEqual([receiver.lines, receiver.torn, options.lost], [numbered(3), [], 0]);
  },

  async 'tries an urgent payload whatever came before'(t, transport) {
    const receiver = await receiverOf(t, { transport });
    await receiver.stop();
    const { transport: way } = wayTo(t, receiver);
    for (const line of numbered(3)) assert.equal(await sendLine(way, line), 'held');
    await receiver.start();
    assert.equal(await way.send(Buffer.from('a:1|c\n'), true), 'accepted');
    await receiver.received(1);
  },

  async 'delivers each payload once, wherever in a burst the server goes'(t, transport) {
    const bursts = fc.array(fc.integer({ min: 1, max: 45 }), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(bursts, async (lengths) => {
        const receiver = await receiverOf(t, { transport });
        const { transport: way, options, clock } = wayTo(t, receiver);
        let sent = 0;
        for (const length of lengths) {
          await sendAll(way, numbered(length, sent), async () => {
            await receiver.start();
            clock.forward(30_000);
          });
          sent += length;
          // What has been accepted and not been read is lost with the server.
          await receiver.received(sent);
          await receiver.stop();
        }
        assert.deepEqual([receiver.lines, receiver.torn, options.lost], [numbered(sent), [], 0]);
        assert.equal(options.failures.length, lengths.length - 1);
        way.close();
      }),
      { numRuns: 5 },
    );
  },

  async 'holds what is sent to a name that is not known'(t, transport) {
    const lookup = () => Promise.reject(new Error('getaddrinfo ENOTFOUND statsd.test'));
    const way = wayTo(t, named(await receiverOf(t, { transport })), { lookup });
    assert.equal(await sendLine(way.transport, 'a:1|c'), 'held');
    assert.deepEqual(way.options.failures, ['getaddrinfo ENOTFOUND statsd.test']);
  },

  async 'tries the addresses of a name in turn, which is no failure'(t, transport) {
    const receiver = await receiverOf(t, { transport });
    const lookup = async () => ['127.0.0.3', '127.0.0.2', '127.0.0.1'].map(v4);
    const way = wayTo(t, named(receiver), { lookup });
    await sendAll(way.transport, numbered(2));
    await receiver.received(2);
    assert.deepEqual([receiver.lines, way.options.failures, way.options.lost], [numbered(2), [], 0]);
  },

  async 'looks the name up again after its server went'(t, transport) {
    const before = await receiverOf(t, { transport, host: '127.0.0.1' });
    const { port } = before.address as { port: number };
    const after = await receiverOf(t, { transport, host: '127.0.0.2', port });
    let address = '127.0.0.1';
    const way = wayTo(t, named(before), { lookup: async () => [v4(address)] });
    await sendAll(way.transport, ['a:1|c']);
    await before.received(1);
    await before.stop();
    address = '127.0.0.2';
    await sendAll(way.transport, ['b:1|c'], async () => way.clock.forward(30_000));
    await after.received(1);
    assert.deepEqual([before.lines, after.lines], [['a:1|c'], ['b:1|c']]);
  },

  async 'when it is closed while the name is looked up holds the payload, which never leaves'(t, transport) {
    const receiver = await receiverOf(t, { transport });
    const answers: (() => void)[] = [];
    const way = wayTo(t, named(receiver), {
      lookup: () => new Promise((resolve) => answers.push(() => resolve([v4('127.0.0.1')]))),
    });
    const asked = async (times: number): Promise<void> => {
      while (answers.length < times) await nextPoll();
    };
    const sent = sendLine(way.transport, 'a:1|c');
    await asked(1);
    way.transport.close();
    assert.equal(await sent, 'held');
    const next = sendAll(way.transport, ['b:1|c']);
    await asked(2);
    for (const answer of answers) answer();
    await next;
    await sendAll(way.transport, ['c:1|c']);
    await receiver.received(2);
    assert.deepEqual([receiver.lines, way.options.failures], [['b:1|c', 'c:1|c'], []]);
  },

  async 'when it is closed while a payload is on its way drops it, and opens again for the next'(
    t,
    transport,
  ) {
    const receiver = await receiverOf(t, { transport });
    const { transport: way, options } = wayTo(t, receiver);
    const sockets = socketsOf<Socket>(t);
    const udp = transport === 'udp';
    receiver.reading = udp;
    // A datagram waits for its refusal; a stream, for the system to take what is not read.
    const sent = way.send(udp ? Buffer.from('lost:1|c') : Buffer.alloc(32 << 20, 'x'));
    if (udp) await receiver.received(1);
    else while (!sockets[0]?.writableLength) await nextPoll();
    way.close();
    way.close();
    assert.ok(isClosed(sockets[0]));
    assert.equal(await sent, 'dropped');
    receiver.reading = true;
    await sendAll(way, ['next:1|c']);
    await receiver.until(({ lines }) => lines.includes('next:1|c'));
    assert.deepEqual(options.failures, []);
  },

  async 'logs one line when the server is away and one when it is back, and counts what it sends'(
    t,
    transport,
  ) {
    const receiver = await receiverOf(t, { transport });
    await receiver.stop();
    const context = recordedContext();
    const { address } = receiver;
    const shape = { dialect: 'etsy', prefix: '', nameOrder: [], packetSize: 1432 } as const;
    const exporter = createStatsdExporter(
      { kind: 'statsd', address, intervalMillis: NEVER, ...shape },
      context,
    );
    const meter = new MeterProvider({ readers: [exporter.reader] }).getMeter('app');
    exporter.instrument?.(meter);
    const orders = meter.createCounter('orders');
    assert.equal(await exporter.open(), `StatsD (etsy) to ${receiver.url} every ${NEVER / 1000} s`);
    for (let i = 0; i < 3; i++) {
      orders.add(1);
      await exporter.processEnd?.flush(60_000);
    }
    await receiver.start();
    for (let i = 0; i < 3; i++) await exporter.processEnd?.flush(60_000);
    await receiver.until(({ lines }) => lines.some((line) => /^routemeter.statsd.packets:/.test(line)));
    const [down = '', back, ...more] = context.lines;
    assert.match(down, UNREACHABLE);
    assert.ok(down.includes(`cannot export metrics to ${receiver.url}: `), down);
    assert.deepEqual([back, more], [`routemeter: metrics are exported to ${receiver.url} again`, []]);
    const total = (name: string): number =>
      receiver.lines
        .filter((line) => line.startsWith(`${name}:`))
        .reduce((sum, line) => sum + Number(line.replace(/.*:|\|c/g, '')), 0);
    assert.deepEqual([total('orders'), total('routemeter.statsd.retries')], [3, 3]);
    await exporter.close();
    await exporter.close();
  },

  async 'lets a program end that has nothing else to do, once what it holds itself for has left'(
    t,
    transport,
  ) {
    const receiver = await receiverOf(t, { transport });
    const run = async (): Promise<readonly string[]> => {
      // A socket to the second address of a name is another one.
      const { address } = transport === 'unix' ? receiver : named(receiver);
      return runToEnd(t, address, '127.0.0.2,127.0.0.1');
    };
    assert.deepEqual(await run(), ['idle', ...Array(101).fill('accepted')]);
    await receiver.received(101);
    assert.deepEqual(receiver.lines, ['first:1|c', ...numbered(100)]);
    await receiver.stop();
    assert.deepEqual(await run(), ['idle', ...Array(101).fill('held')]);
  },
} satisfies Record<string, (t: TestContext, transport: Name) => Promise<void>>;

const NO_NAME = 'its address is a path';

/** What a transport does not do, and why. */
const EXCEPTIONS: { readonly [name in Name]: { readonly [What in keyof typeof CONTRACT]?: string } } = {
  udp: {},
  tcp: {},
  unix: {
    'reaches an IPv6 address': NO_NAME,
    'holds what is sent to a name that is not known': NO_NAME,
    'tries the addresses of a name in turn, which is no failure': NO_NAME,
    'looks the name up again after its server went': NO_NAME,
    'when it is closed while the name is looked up holds the payload, which never leaves': NO_NAME,
  },
};

for (const name of Object.keys(TRANSPORTS) as Name[]) {
  describe(name, BOUND, () => {
    for (const [what, check] of Object.entries(CONTRACT)) {
      if (!(what in EXCEPTIONS[name])) test(what, (t) => check(t, name));
    }
  });
}
