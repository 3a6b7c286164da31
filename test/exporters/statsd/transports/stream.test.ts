import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { chmodSync } from 'node:fs';
import { type AddressInfo, createServer, type LookupFunction, type Socket } from 'node:net';
import { describe, type TestContext, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import type { StatsdAddress, StatsdDialect } from '../../../../src/config/types.ts';
import {
  createStreamTransport,
  type StreamSystem,
} from '../../../../src/exporters/statsd/transports/stream.ts';
import {
  type StatsdReceiver,
  type StatsdReceiverOptions,
  startStatsdReceiver,
} from '../../../receivers/statsd.ts';
import { createClock, numbered, recorded, sendAll, sendLine, statsdConfig } from './transports.ts';

const bound = { timeout: 60_000 };
const STREAMS = ['tcp', 'unix'] as const;
/** The user that no permission stops. */
const root = process.getuid?.() === 0 ? { skip: 'the tests run as root' } : {};
const CLOSED = 'the server closed the connection';

async function receiverOf(t: TestContext, options: StatsdReceiverOptions): Promise<StatsdReceiver> {
  const receiver = await startStatsdReceiver(options);
  t.after(() => receiver.stop());
  return receiver;
}

function transportTo(
  t: TestContext,
  { address }: { readonly address: StatsdAddress },
  system: StreamSystem = {},
  dialect: StatsdDialect = 'etsy',
) {
  const options = recorded();
  const transport = createStreamTransport(statsdConfig(address, dialect), options, system);
  // Nothing of a transport keeps the process alive, and a test's process has nothing else while it waits.
  const alive = setInterval(() => {}, 60_000);
  t.after(() => {
    transport.close();
    clearInterval(alive);
  });
  return { transport, options };
}

/** A server with an event loop of its own, which closes each connection as soon as it has read from it. */
async function startReadOnce(t: TestContext, transport: 'tcp' | 'unix') {
  const place = await startStatsdReceiver({ transport });
  await place.stop();
  const { address } = place;
  const closed = new Int32Array(new SharedArrayBuffer(4));
  const server = new Worker(
    `const { workerData: { options, closed }, parentPort } = require('node:worker_threads');
     const { createServer } = require('node:net');
     const onClose = () => {
       Atomics.store(closed, 0, 1);
       Atomics.notify(closed, 0);
     };
     createServer((socket) => socket.on('data', () => socket.destroy()).on('close', onClose))
       .listen(options, () => parentPort.postMessage('listening'));`,
    {
      eval: true,
      workerData: { options: address.transport === 'unix' ? { path: address.path } : { ...address }, closed },
    },
  );
  t.after(() => server.terminate());
  await once(server, 'message');
  return { address, waitUntilClosed: () => Atomics.wait(closed, 0, 0, 30_000) };
}

describe('what is sent', bound, () => {
  const FRAMINGS: readonly [StatsdAddress['transport'], StatsdDialect, 'newline' | 'length'][] = [
    ['tcp', 'etsy', 'newline'],
    ['tcp', 'dogstatsd', 'newline'],
    ['unix', 'telegraf', 'newline'],
    ['unix', 'dogstatsd', 'length'],
    ['unix', 'datadog', 'length'],
  ];
  for (const [stream, dialect, framing] of FRAMINGS) {
    test(`in the ${dialect} dialect over ${stream} is told apart by ${framing}`, async (t) => {
      const receiver = await receiverOf(t, { transport: stream, framing });
      const { transport, options } = transportTo(t, receiver, {}, dialect);
      assert.equal(await transport.send(Buffer.from('a:1|c\nb:1|c\n')), 'accepted');
      assert.equal(await transport.send(Buffer.from(`${'ü'.repeat(700)}:1|c\n`)), 'accepted');
      await receiver.received(3);
      const packets = ['a:1|c\nb:1|c\n', `${'ü'.repeat(700)}:1|c\n`];
      assert.deepEqual(
        receiver.payloads,
        framing === 'length' ? packets : ['a:1|c', 'b:1|c', `${'ü'.repeat(700)}:1|c`],
      );
      transport.close();
      await receiver.stop();
      assert.deepEqual([receiver.torn, options.failures, receiver.connections], [[], [], 1]);
    });
  }

  for (const stream of STREAMS) {
    test(`over ${stream} arrives, 5,000 payloads in a row on one connection`, async (t) => {
      const receiver = await receiverOf(t, { transport: stream });
      const { transport } = transportTo(t, receiver);
      await sendAll(transport, numbered(5000));
      await receiver.received(5000);
      assert.deepEqual([receiver.lines, receiver.connections], [numbered(5000), 1]);
    });
  }

  test('over TCP reaches an IPv6 address', async (t) => {
    const receiver = await receiverOf(t, { transport: 'tcp', host: '::1' });
    const { transport } = transportTo(t, receiver);
    await sendAll(transport, numbered(1));
    await receiver.received(1);
  });

  test('does not depend on what the server says', async (t) => {
    const receiver = await receiverOf(t, { transport: 'tcp' });
    const { transport } = transportTo(t, receiver);
    await sendAll(transport, numbered(1));
    const said = receiver.say('x'.repeat(8 << 20));
    await sendAll(transport, numbered(100, 1));
    await receiver.received(101);
    await said;
    assert.equal(receiver.connections, 1);
  });
});

describe('a server that is not there', bound, () => {
  for (const stream of STREAMS) {
    test(`gets over ${stream} what was held meanwhile once, when it is back and it is sent again`, async (t) => {
      const receiver = await receiverOf(t, { transport: stream });
      await receiver.stop();
      const clock = createClock();
      const { transport, options } = transportTo(t, receiver, { now: clock.now });
      for (const line of numbered(3)) {
        assert.equal(await sendLine(transport, line), 'held');
        clock.forward(30_000);
      }
      assert.equal(options.failures.length, 3);
      for (const failure of options.failures) assert.match(failure, /^connect (ECONNREFUSED|ENOENT)/);
      await receiver.start();
      await sendAll(transport, numbered(3));
      await receiver.received(3);
      assert.deepEqual([receiver.lines, receiver.torn, options.lost], [numbered(3), [], 0]);
    });

    test(`is noticed over ${stream} wherever in a burst it goes, and gets each payload once`, async (t) => {
      const receiver = await receiverOf(t, { transport: stream });
      const clock = createClock();
      const { transport, options } = transportTo(t, receiver, { now: clock.now });
      const lines = numbered(2000);
      for (const [index, line] of lines.entries()) {
        if (index % 97 === 0) await receiver.stop();
        await sendAll(transport, [line], async () => {
          await receiver.start();
          clock.forward(30_000);
        });
      }
      await receiver.received(2000);
      assert.deepEqual(receiver.lines, lines);
      assert.deepEqual([receiver.connections, receiver.torn, options.lost], [21, [], 0]);
    });
  }

  test('has a socket that this process may not open', root, async (t) => {
    const receiver = await receiverOf(t, { transport: 'unix' });
    assert.ok(receiver.address.transport === 'unix');
    chmodSync(receiver.address.path, 0);
    const { transport, options } = transportTo(t, receiver);
    assert.equal(await sendLine(transport, 'a:1|c'), 'held');
    assert.match(options.failures.join(), /EACCES/);
  });

  test('has a name that is not known', async (t) => {
    const { transport, options } = transportTo(
      t,
      { address: { transport: 'tcp', host: 'statsd.test', port: 8125 } },
      {
        lookup: (_host, _options, callback) =>
          process.nextTick(callback, new Error('getaddrinfo ENOTFOUND statsd.test'), ''),
      },
    );
    assert.equal(await sendLine(transport, 'a:1|c'), 'held');
    assert.deepEqual(options.failures, ['getaddrinfo ENOTFOUND statsd.test']);
  });

  test('is tried again at once, then after pauses that double', async (t) => {
    const receiver = await receiverOf(t, { transport: 'tcp' });
    await receiver.stop();
    const clock = createClock();
    const { transport, options } = transportTo(t, receiver, { now: clock.now, random: () => 0 });
    const attemptsAfter: [pause: number, attempts: number][] = [
      [0, 1],
      [0, 2],
      [0, 2],
      [99, 2],
      [1, 3],
      [199, 3],
      [1, 4],
    ];
    for (const [index, [pause, attempts]] of attemptsAfter.entries()) {
      clock.forward(pause);
      assert.equal(await sendLine(transport, 'a:1|c'), 'held');
      assert.equal(options.failures.length, attempts, `step ${index}`);
    }
    await receiver.start();
    assert.equal(await sendLine(transport, 'a:1|c'), 'held');
    clock.forward(400);
    await sendAll(transport, ['a:1|c']);
    await receiver.stop();
    // It was there: the pauses begin again.
    const restarted: [pause: number, attempts: number][] = [
      [1000, 6],
      [0, 6],
      [99, 6],
      [1, 7],
    ];
    for (const [pause, attempts] of restarted) {
      clock.forward(pause);
      assert.equal(await sendLine(transport, 'b:1|c'), 'held');
      assert.equal(options.failures.length, attempts);
    }
  });
});

test('an urgent payload waits for no pause', bound, async (t) => {
  const receiver = await receiverOf(t, { transport: 'tcp' });
  await receiver.stop();
  const { transport } = transportTo(t, receiver, { now: createClock().now, random: () => 0 });
  for (const _ of ['refused', 'refused again']) assert.equal(await sendLine(transport, 'a:1|c'), 'held');
  await receiver.start();
  assert.equal(await sendLine(transport, 'a:1|c'), 'held');
  assert.equal(await transport.send(Buffer.from('a:1|c\n'), true), 'accepted');
  await receiver.received(1);
});

test(
  'a proxy that accepts and closes, for want of a server behind it, is given nothing',
  bound,
  async (t) => {
    for (const way of ['end', 'destroySoon', 'resetAndDestroy'] as const) {
      const read: Buffer[] = [];
      const proxy = createServer((socket) => {
        socket.on('error', () => {}).on('data', (data) => read.push(data));
        socket[way]();
      }).listen(0, '127.0.0.1');
      await once(proxy, 'listening');
      const { port } = proxy.address() as AddressInfo;
      const { transport, options } = transportTo(t, {
        address: { transport: 'tcp', host: '127.0.0.1', port },
      });
      assert.equal(await sendLine(transport, 'a:1|c'), 'held');
      assert.deepEqual([options.failures.length, options.lost, read], [1, 0, []], way);
      proxy.close();
    }
  },
);

describe('a server that closes the connection', bound, () => {
  const WAYS: readonly ['tcp' | 'unix', 'end' | 'destroy' | 'reset'][] = [
    ['tcp', 'end'],
    ['tcp', 'destroy'],
    ['tcp', 'reset'],
    ['unix', 'end'],
    ['unix', 'destroy'],
  ];
  for (const [stream, way] of WAYS) {
    test(`is connected to again before the next payload (${stream}, ${way})`, async (t) => {
      const receiver = await receiverOf(t, { transport: stream });
      const clock = createClock();
      const { transport } = transportTo(t, receiver, { now: clock.now });
      await sendAll(transport, numbered(1));
      await receiver.received(1);
      receiver.disconnect(way);
      clock.forward(1000);
      await sendAll(transport, numbered(9, 1));
      await receiver.received(10);
      assert.deepEqual([receiver.lines, receiver.connections], [numbered(10), 2]);
    });
  }

  for (const stream of STREAMS) {
    test(`before the payload is there has not read it (${stream})`, async (t) => {
      const receiver = await receiverOf(t, { transport: stream });
      // A clock that stands still: nothing is asked before the second payload is written.
      const { transport, options } = transportTo(t, receiver, { now: () => 0 });
      await sendAll(transport, numbered(1));
      await receiver.received(1);
      receiver.disconnect('destroy');
      const { mock } = t.mock.method(globalThis, 'setTimeout');
      assert.equal(await sendLine(transport, 'a:1|c'), 'held');
      assert.equal(options.failures.length, 1);
      // From another host the reset takes a round trip.
      const waits = mock.calls.filter(({ arguments: [, millis] }) => millis === 25).length;
      assert.equal(waits, stream === 'tcp' ? 1 : 0);
      await sendAll(transport, ['a:1|c']);
      await receiver.received(2);
      assert.deepEqual([receiver.lines, options.lost], [[...numbered(1), 'a:1|c'], 0]);
    });

    test(`after it has read the payload has it (${stream})`, async (t) => {
      const { address, waitUntilClosed } = await startReadOnce(t, stream);
      const { transport, options } = transportTo(t, { address });
      // The server's end is there before anything is asked.
      const onSocket = (message: unknown) => {
        const { socket } = message as { socket: Socket };
        socket.once('connect', () => {
          const write = socket.write.bind(socket) as (...args: unknown[]) => boolean;
          socket.write = (...args: unknown[]) => {
            const written = write(...args);
            waitUntilClosed();
            return written;
          };
        });
      };
      subscribe('net.client.socket', onSocket);
      t.after(() => unsubscribe('net.client.socket', onSocket));
      assert.equal(await sendLine(transport, 'a:1|c'), 'accepted');
      assert.deepEqual([options.failures, options.lost], [[CLOSED], 0]);
    });

    test(`with something unread has lost it (${stream})`, async (t) => {
      const receiver = await receiverOf(t, { transport: stream });
      receiver.reading = false;
      const { transport, options } = transportTo(t, receiver);
      // More than a connection that is not read buffers by itself.
      await sendAll(transport, ['x'.repeat(200_000)]);
      await receiver.until(({ connections }) => connections === 1);
      receiver.disconnect('destroy');
      while (options.failures.length === 0) await new Promise(setImmediate);
      assert.equal(options.lost, 1);
      assert.match(options.failures.join(), /ECONNRESET/);
    });

    test(`with a part of a payload unread may have read the other part (${stream})`, async (t) => {
      const receiver = await receiverOf(t, { transport: stream });
      const { transport, options } = transportTo(t, receiver);
      await sendAll(transport, numbered(1));
      await receiver.received(1);
      receiver.reading = false;
      const sent = transport.send(Buffer.alloc(32 << 20, 'x'));
      await new Promise((resolve) => setTimeout(resolve, 50));
      receiver.disconnect('destroy');
      assert.equal(await sent, 'dropped');
      assert.equal(options.lost, 0);
    });
  }
});

describe('a server that does not read', bound, () => {
  for (const stream of STREAMS) {
    test(`is given up, and what had been accepted is still there for it (${stream})`, async (t) => {
      const receiver = await receiverOf(t, { transport: stream });
      receiver.reading = false;
      const { transport, options } = transportTo(t, receiver, { stallMillis: 300 });
      const payload = 'x'.repeat(60_000);
      let accepted = 0;
      let outcome = await sendLine(transport, payload);
      for (; outcome === 'accepted'; outcome = await sendLine(transport, payload)) accepted++;
      assert.equal(outcome, 'dropped');
      assert.deepEqual(options.failures, ['the server has read nothing within 0.3 s']);
      receiver.reading = true;
      await receiver.until(({ torn }) => torn.length > 0);
      await sendAll(transport, ['next:1|c']);
      await receiver.received(accepted + 1);
      assert.deepEqual([receiver.lines.length, receiver.lines.at(-1)], [accepted + 1, 'next:1|c']);
      assert.equal(receiver.connections, 2);
    });
  }
});

describe('a name', bound, () => {
  test('is looked up for each connection', async (t) => {
    const before = await receiverOf(t, { transport: 'tcp', host: '127.0.0.1' });
    const { port } = before.address as { port: number };
    const after = await receiverOf(t, { transport: 'tcp', host: '127.0.0.2', port });
    let address = '127.0.0.1';
    const lookup: LookupFunction = (_host, _options, callback) =>
      process.nextTick(callback, null, [{ address, family: 4 }]);
    const clock = createClock();
    const { transport } = transportTo(
      t,
      { address: { transport: 'tcp', host: 'statsd.test', port } },
      { lookup, now: clock.now },
    );
    await sendAll(transport, ['a:1|c']);
    await before.received(1);
    address = '127.0.0.2';
    before.disconnect('destroy');
    clock.forward(1000);
    await sendAll(transport, ['b:1|c']);
    await after.received(1);
    assert.deepEqual([before.lines, after.lines], [['a:1|c'], ['b:1|c']]);
  });
});

describe('closing', bound, () => {
  for (const stream of STREAMS) {
    test(`while a payload is being written drops it; the next one connects again (${stream})`, async (t) => {
      const receiver = await receiverOf(t, { transport: stream });
      receiver.reading = false;
      const { transport, options } = transportTo(t, receiver);
      const sent = transport.send(Buffer.alloc(32 << 20, 'x'));
      await receiver.until(({ connections }) => connections === 1);
      // The system's buffers are full when it has not been taken by then.
      await new Promise((resolve) => setTimeout(resolve, 50));
      transport.close();
      assert.equal(await sent, 'dropped');
      receiver.reading = true;
      await sendAll(transport, ['a:1|c']);
      await receiver.until(({ lines }) => lines.includes('a:1|c'));
      assert.deepEqual(options.failures, []);
    });
  }

  test('while connecting holds the payload, which is never written', async (t) => {
    const receiver = await receiverOf(t, { transport: 'tcp' });
    assert.ok(receiver.address.transport === 'tcp');
    const { host, port } = receiver.address;
    const answers: (() => void)[] = [];
    const { transport, options } = transportTo(
      t,
      { address: { transport: 'tcp', host: 'statsd.test', port } },
      {
        lookup: (_host, _options, callback) =>
          answers.push(() => callback(null, [{ address: host, family: 4 }])),
      },
    );
    const sent = sendLine(transport, 'a:1|c');
    transport.close();
    assert.equal(await sent, 'held');
    const next = sendAll(transport, ['b:1|c']);
    while (answers.length < 2) await new Promise(setImmediate);
    for (const answer of answers) answer();
    await next;
    await receiver.received(1);
    assert.deepEqual([receiver.lines, receiver.connections, options.failures], [['b:1|c'], 1, []]);
  });
});

test('nothing is opened before the first payload', bound, async (t) => {
  const receiver = await receiverOf(t, { transport: 'tcp' });
  transportTo(t, receiver);
  await new Promise(setImmediate);
  assert.equal(receiver.connections, 0);
});
