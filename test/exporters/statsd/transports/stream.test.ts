/** What streams alone do; the rest is in test/contracts/transports.test.ts. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { describe, type TestContext, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { delay, nextPoll } from '../../../../src/exporters/statsd/event-loop.ts';
import { startSilentPort } from '../../../receivers/silent-port.ts';
import { startStatsdReceiver } from '../../../receivers/statsd.ts';
import { BOUND, numbered, receiverOf, runToEnd, sendAll, sendLine, socketsOf, wayTo } from './transports.ts';

const STREAMS = ['tcp', 'unix'] as const;
/** No permission stops this user. */
const root = process.getuid?.() === 0 ? { skip: 'the tests run as root' } : {};
const CLOSED = 'the server closed the connection';

/** A server with an event loop of its own, which closes each connection as soon as it has read from it. */
async function startReadOnce(t: TestContext, transport: 'tcp' | 'unix') {
  const place = await startStatsdReceiver({ transport });
  await place.stop();
  const { address } = place;
  const closed = new Int32Array(new SharedArrayBuffer(4));
  const server = new Worker(
    `const { workerData: { options, closed }, parentPort } = require('node:worker_threads');
     const onClose = () => Atomics.store(closed, 0, 1) && Atomics.notify(closed, 0);
     require('node:net')
       .createServer((socket) => socket.on('data', () => socket.destroy()).on('close', onClose))
       .listen(options, () => parentPort.postMessage('listening'));`,
    { eval: true, workerData: { options: { ...address }, closed } },
  );
  t.after(() => server.terminate());
  await once(server, 'message');
  return { address, waitUntilClosed: () => Atomics.wait(closed, 0, 0, 30_000) };
}

describe('what is sent', BOUND, () => {
  for (const [stream, dialect, framing] of [
    ['tcp', 'dogstatsd', 'newline'],
    ['unix', 'telegraf', 'newline'],
    ['unix', 'dogstatsd', 'length'],
    ['unix', 'datadog', 'length'],
  ] as const) {
    test(`in the ${dialect} dialect over ${stream} is framed by ${framing}`, async (t) => {
      const receiver = await receiverOf(t, { transport: stream, framing });
      const { transport, options } = wayTo(t, receiver, {}, dialect);
      const packets = ['a:1|c\nb:1|c\n', `${'ü'.repeat(700)}:1|c\n`];
      for (const packet of packets) assert.equal(await transport.send(Buffer.from(packet)), 'accepted');
      await receiver.received(3);
      const lines = packets.flatMap((packet) => packet.trim().split('\n'));
      assert.deepEqual(receiver.payloads, framing === 'length' ? packets : lines);
      transport.close();
      await receiver.stop();
      assert.deepEqual([receiver.torn, options.failures, receiver.connections], [[], [], 1]);
    });
  }

  test('does not depend on what the server sends', async (t) => {
    const receiver = await receiverOf(t, { transport: 'tcp' });
    const { transport } = wayTo(t, receiver);
    await sendAll(transport, numbered(1));
    const said = receiver.say('x'.repeat(8 << 20));
    await sendAll(transport, numbered(100, 1));
    await receiver.received(101);
    await said;
    assert.equal(receiver.connections, 1);
  });
});

describe('a server that is not there', BOUND, () => {
  test('may have a socket that this process may not open', root, async (t) => {
    const receiver = await receiverOf(t, { transport: 'unix' });
    assert.ok(receiver.address.transport === 'unix');
    chmodSync(receiver.address.path, 0);
    const { transport, options } = wayTo(t, receiver);
    assert.equal(await sendLine(transport, 'a:1|c'), 'held');
    assert.match(options.failures.join(), /EACCES/);
  });

  test('is retried at once, then after pauses that start over once it has been there', async (t) => {
    const receiver = await receiverOf(t, { transport: 'tcp' });
    await receiver.stop();
    const { transport, options, clock } = wayTo(t, receiver);
    const attemptsAfter = async (...pauses: number[]): Promise<number[]> => {
      const attempts: number[] = [];
      for (const pause of pauses) {
        clock.forward(pause);
        assert.equal(await sendLine(transport, 'a:1|c'), 'held');
        attempts.push(options.failures.length);
      }
      return attempts;
    };
    assert.deepEqual(await attemptsAfter(0, 0, 0, 99, 1, 199, 1), [1, 2, 2, 2, 3, 3, 4]);
    await receiver.start();
    assert.deepEqual(await attemptsAfter(0), [4]);
    clock.forward(400);
    await sendAll(transport, ['a:1|c']);
    await receiver.stop();
    assert.deepEqual(await attemptsAfter(1000, 0, 99, 1), [6, 6, 6, 7]);
  });
});

test('a proxy that accepts and closes, without a server behind it, is sent nothing', BOUND, async (t) => {
  for (const way of ['end', 'destroySoon', 'resetAndDestroy'] as const) {
    const read: Buffer[] = [];
    const proxy = createServer((socket) => {
      socket.on('error', () => {}).on('data', (data) => read.push(data));
      socket[way]();
    }).listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    const { port } = proxy.address() as AddressInfo;
    const { transport, options } = wayTo(t, { address: { transport: 'tcp', host: '127.0.0.1', port } });
    assert.equal(await sendLine(transport, 'a:1|c'), 'held');
    assert.deepEqual([options.failures.length, options.lost, read], [1, 0, []], way);
    proxy.close();
  }
});

describe('a server that closes the connection', BOUND, () => {
  for (const [stream, way] of [
    ['tcp', 'end'],
    ['tcp', 'destroy'],
    ['tcp', 'resetAndDestroy'],
    ['unix', 'end'],
  ] as const) {
    test(`is connected to again before the next payload (${stream}, ${way})`, async (t) => {
      const receiver = await receiverOf(t, { transport: stream });
      const { transport, clock } = wayTo(t, receiver);
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
    test(`before the payload arrives has not read it (${stream})`, async (t) => {
      const receiver = await receiverOf(t, { transport: stream });
      const delays: number[] = [];
      // The clock stands still, so nothing is asked before the second payload is written.
      const { transport, options } = wayTo(t, receiver, {
        delay(millis) {
          delays.push(millis);
          return delay(millis);
        },
      });
      await sendAll(transport, numbered(1));
      await receiver.received(1);
      receiver.disconnect('destroy');
      assert.equal(await sendLine(transport, 'a:1|c'), 'held');
      assert.equal(options.failures.length, 1);
      // Once for a proxy to close; then for the reset, which from another host takes a round trip.
      assert.deepEqual(delays, stream === 'tcp' ? [25, 25] : []);
      await sendAll(transport, ['a:1|c']);
      await receiver.received(2);
      assert.deepEqual([receiver.lines, options.lost], [[...numbered(1), 'a:1|c'], 0]);
    });

    test(`after reading the payload has it (${stream})`, async (t) => {
      const { address, waitUntilClosed } = await startReadOnce(t, stream);
      const { transport, options } = wayTo(t, { address });
      // The server's end is there before anything is asked.
      const sockets = socketsOf<Socket>(t);
      const sent = sendLine(transport, 'a:1|c');
      const [socket] = sockets;
      assert.ok(socket);
      const write = socket.write.bind(socket) as (...args: unknown[]) => boolean;
      socket.write = (...args: unknown[]) => {
        const written = write(...args);
        waitUntilClosed();
        return written;
      };
      assert.equal(await sent, 'accepted');
      assert.deepEqual([options.failures, options.lost], [[CLOSED], 0]);
    });

    test(`with something unread has lost it (${stream})`, async (t) => {
      const receiver = await receiverOf(t, { transport: stream });
      receiver.reading = false;
      const { transport, options } = wayTo(t, receiver);
      // More than a connection that is not read buffers by itself.
      await sendAll(transport, ['x'.repeat(200_000)]);
      await receiver.until(({ connections }) => connections === 1);
      receiver.disconnect('destroy');
      while (options.failures.length === 0) await nextPoll();
      assert.equal(options.lost, 1);
      assert.match(options.failures.join(), /ECONNRESET/);
    });

    test(`with a part of a payload unread may have read the other part (${stream})`, async (t) => {
      const receiver = await receiverOf(t, { transport: stream });
      const sockets = socketsOf<Socket>(t);
      const { transport, options } = wayTo(t, receiver);
      await sendAll(transport, numbered(1));
      await receiver.received(1);
      receiver.reading = false;
      const sent = transport.send(Buffer.alloc(32 << 20, 'x'));
      // The system has taken what its buffers hold.
      while (!sockets[0]?.writableLength) await nextPoll();
      receiver.disconnect('destroy');
      assert.equal(await sent, 'dropped');
      assert.equal(options.lost, 0);
    });
  }
});

describe('a server that does not read', BOUND, () => {
  for (const stream of STREAMS) {
    test(`is disconnected, and can still read what its system had accepted (${stream})`, async (t) => {
      const receiver = await receiverOf(t, { transport: stream });
      receiver.reading = false;
      const { transport, options } = wayTo(t, receiver, { stallMillis: 300 });
      await sendAll(transport, numbered(3));
      // More than the buffers of the system hold.
      assert.equal(await sendLine(transport, 'x'.repeat(32 << 20)), 'dropped');
      assert.deepEqual(options.failures, ['the server has read nothing within 0.3 s']);
      receiver.reading = true;
      await receiver.until(({ torn }) => torn.length > 0);
      await sendAll(transport, ['next:1|c']);
      await receiver.received(4);
      assert.deepEqual(receiver.lines, [...numbered(3), 'next:1|c']);
      assert.equal(receiver.connections, 2);
    });
  }
});

const linux = process.platform === 'linux' ? {} : { skip: 'fills a queue of connections as Linux keeps it' };
test('a program ends while it connects to a port that drops packets', { ...BOUND, ...linux }, async (t) => {
  const silent = await startSilentPort();
  t.after(() => silent.close());
  const output = await runToEnd(t, { transport: 'tcp', host: '127.0.0.1', port: silent.port });
  assert.deepEqual(output, ['idle', ...Array(101).fill('held')]);
});
