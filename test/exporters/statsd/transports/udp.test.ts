import assert from 'node:assert/strict';
import type { Socket } from 'node:dgram';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { LookupAddress } from 'node:dns';
import { EventEmitter, once } from 'node:events';
import { describe, type TestContext, test } from 'node:test';
import { createUdpTransport, type UdpSystem } from '../../../../src/exporters/statsd/transports/udp.ts';
import {
  type StatsdReceiver,
  type StatsdReceiverOptions,
  startStatsdReceiver,
} from '../../../receivers/statsd.ts';
import { createClock, numbered, recorded, sendAll, sendLine, statsdConfig } from './transports.ts';

const bound = { timeout: 60_000 };

async function receiverOf(t: TestContext, options: StatsdReceiverOptions = {}): Promise<StatsdReceiver> {
  const receiver = await startStatsdReceiver(options);
  t.after(() => receiver.stop());
  return receiver;
}

function transportTo(t: TestContext, { address }: Pick<StatsdReceiver, 'address'>, system: UdpSystem = {}) {
  const options = recorded();
  const transport = createUdpTransport(statsdConfig(address), options, system);
  // Nothing of a transport keeps the process alive, and a test's process has nothing else while it waits.
  const alive = setInterval(() => {}, 60_000);
  t.after(() => {
    transport.close();
    clearInterval(alive);
  });
  return { transport, options };
}

/** The same port under a name, which the returned addresses stand for. */
function named({ address }: StatsdReceiver, name = 'statsd.test'): Pick<StatsdReceiver, 'address'> {
  assert.ok(address.transport === 'udp');
  return { address: { ...address, host: name } };
}

const v4 = (address: string): LookupAddress => ({ address, family: 4 });

/** Collects the sockets that are made from now on. */
function socketsOf(t: TestContext): Socket[] {
  const sockets: Socket[] = [];
  const onSocket = (message: unknown) => sockets.push((message as { socket: Socket }).socket);
  subscribe('udp.socket', onSocket);
  t.after(() => unsubscribe('udp.socket', onSocket));
  return sockets;
}

/** A closed socket has no address; one that was never made is not closed. */
function isClosed(socket: Socket | undefined): boolean {
  assert.ok(socket);
  try {
    socket.address();
    return false;
  } catch {
    return true;
  }
}

const refusal = (): Error => Object.assign(new Error('recvmsg ECONNREFUSED'), { code: 'ECONNREFUSED' });

describe('a receiver that is there', bound, () => {
  test('gets 5,000 packets sent in a row, each as it was', async (t) => {
    const receiver = await receiverOf(t);
    const { transport, options } = transportTo(t, receiver);
    const lines = numbered(5000);
    await sendAll(transport, lines);
    await receiver.received(5000);
    assert.deepEqual(
      receiver.payloads,
      lines.map((line) => `${line}\n`),
    );
    assert.deepEqual([options.failures, options.lost], [[], 0]);
  });

  for (const [pause, what, urgent, earlier] of [
    // The first packet's wait for a refusal is as long.
    [25, 'packets', false, 2],
    [5, 'packets that are urgent', true, 1],
  ] as const) {
    test(`has ${pause} ms to empty its buffer after each 20 ${what}`, async (t) => {
      const receiver = await receiverOf(t);
      const { transport } = transportTo(t, receiver, { now: createClock().now });
      const { mock } = t.mock.method(globalThis, 'setTimeout');
      const pauses = (): number => mock.calls.filter(({ arguments: [, millis] }) => millis === pause).length;
      for (let i = 0; i < 39; i++) await transport.send(Buffer.from('a:1|c'), urgent);
      assert.equal(pauses(), earlier);
      await transport.send(Buffer.from('a:1|c'), urgent);
      assert.equal(pauses(), earlier + 1);
    });
  }

  for (const host of ['127.0.0.1', '::1']) {
    test(`is reached at ${host}`, async (t) => {
      const receiver = await receiverOf(t, { host });
      const { transport } = transportTo(t, receiver);
      await sendAll(transport, numbered(3));
      await receiver.received(3);
    });
  }

  test('is reached by a name that has an IPv6 address only', async (t) => {
    const receiver = await receiverOf(t, { host: '::1' });
    const { transport } = transportTo(t, named(receiver), {
      lookup: async () => [{ address: '::1', family: 6 }],
    });
    await sendAll(transport, numbered(1));
    await receiver.received(1);
  });

  test('is reached by the name localhost, whichever family it listens on', async (t) => {
    for (const host of ['127.0.0.1', '::1']) {
      const receiver = await receiverOf(t, { host });
      const { transport } = transportTo(t, named(receiver, 'localhost'), {
        lookup: async () => [v4('127.0.0.1'), { address: '::1', family: 6 }],
      });
      await sendAll(transport, numbered(1));
      await receiver.received(1);
    }
  });

  test('is looked for among the addresses of a name, which is no failure', async (t) => {
    const receiver = await receiverOf(t);
    const { transport, options } = transportTo(t, named(receiver), {
      lookup: async () => [v4('127.0.0.3'), v4('127.0.0.2'), v4('127.0.0.1')],
    });
    await sendAll(transport, numbered(2));
    await receiver.received(2);
    assert.deepEqual([receiver.lines, options.failures, options.lost], [numbered(2), [], 0]);
  });

  test('never gets a packet that is longer than UDP can carry, but the next one', async (t) => {
    const receiver = await receiverOf(t);
    const { transport, options } = transportTo(t, receiver);
    const outcomes = [
      await sendLine(transport, 'first:1|c'),
      await sendLine(transport, 'x'.repeat(65_508)),
      await sendLine(transport, 'second:1|c'),
    ];
    await receiver.received(2);
    assert.deepEqual(outcomes, ['accepted', 'dropped', 'accepted']);
    assert.deepEqual(receiver.lines, ['first:1|c', 'second:1|c']);
    assert.deepEqual(options.failures, ['send EMSGSIZE']);
  });
});

describe('a receiver that is not there', bound, () => {
  test('gets what was held meanwhile once, when it is back and it is sent again', async (t) => {
    const receiver = await receiverOf(t);
    await receiver.stop();
    const { transport, options } = transportTo(t, receiver);
    const lines = numbered(10);
    for (const line of lines) assert.equal(await sendLine(transport, line), 'held');
    assert.deepEqual(options.failures, Array(10).fill('recvmsg ECONNREFUSED'));
    await receiver.start();
    await sendAll(transport, lines);
    await receiver.received(10);
    assert.deepEqual([receiver.lines, options.lost], [lines, 0]);
  });

  test('is noticed by the first packet after it has gone, wherever in a burst that is', async (t) => {
    const receiver = await receiverOf(t);
    const { transport, options } = transportTo(t, receiver);
    const lines = numbered(2000);
    const heldAt: string[] = [];
    for (const [index, line] of lines.entries()) {
      if (index % 97 === 0) await receiver.stop();
      await sendAll(transport, [line], async (held) => {
        heldAt.push(held);
        await receiver.start();
      });
    }
    await receiver.received(2000);
    assert.deepEqual(receiver.lines, lines);
    assert.deepEqual(
      heldAt,
      lines.filter((_, index) => index % 97 === 0),
    );
    assert.deepEqual([options.failures.length, options.lost], [heldAt.length, 0]);
  });

  test('has a name that is not known', async (t) => {
    const { transport, options } = transportTo(
      t,
      { address: { transport: 'udp', host: 'statsd.test', port: 8125 } },
      { lookup: () => Promise.reject(new Error('getaddrinfo ENOTFOUND statsd.test')) },
    );
    assert.equal(await sendLine(transport, 'a:1|c'), 'held');
    assert.deepEqual(options.failures, ['getaddrinfo ENOTFOUND statsd.test']);
  });

  test('has a name without an address', async (t) => {
    const { transport, options } = transportTo(
      t,
      { address: { transport: 'udp', host: 'statsd.test', port: 8125 } },
      { lookup: async () => [] },
    );
    assert.equal(await sendLine(transport, 'a:1|c'), 'held');
    assert.deepEqual(options.failures, ['statsd.test has no address']);
  });
});

describe('a refusal that takes a while', bound, () => {
  const PAUSES: readonly [what: string, sinceTheLast: number, waits: number][] = [
    ['is waited for when nothing was sent for 100 ms', 100, 1],
    ['is not waited for within a burst', 99, 0],
  ];
  for (const [what, sinceTheLast, waits] of PAUSES) {
    test(what, async (t) => {
      const receiver = await receiverOf(t);
      const clock = createClock();
      const { transport } = transportTo(t, receiver, { now: clock.now });
      const { mock } = t.mock.method(globalThis, 'setTimeout');
      const countWaits = (): number => mock.calls.filter(({ arguments: [, millis] }) => millis === 25).length;
      await sendAll(transport, numbered(1));
      assert.equal(countWaits(), 1);
      clock.forward(sinceTheLast);
      await sendAll(transport, numbered(1));
      assert.equal(countWaits(), 1 + waits);
    });
  }

  test('holds the packet that it comes for in time', async (t) => {
    const receiver = await receiverOf(t);
    const sockets = socketsOf(t);
    const { transport, options } = transportTo(t, receiver);
    receiver.onPayload = () => sockets.at(-1)?.emit('error', refusal());
    assert.equal(await sendLine(transport, 'a:1|c'), 'held');
    assert.deepEqual([options.lost, options.failures], [0, ['recvmsg ECONNREFUSED']]);
  });

  test('counts one packet as lost when none is being sent', async (t) => {
    const receiver = await receiverOf(t);
    const sockets = socketsOf(t);
    const { transport, options } = transportTo(t, receiver);
    await sendAll(transport, numbered(1));
    sockets.at(-1)?.emit('error', refusal());
    assert.deepEqual([options.lost, options.failures], [1, ['recvmsg ECONNREFUSED']]);
    await sendAll(transport, numbered(1));
    assert.ok(isClosed(sockets.at(-2)));
  });

  test('can be the answer to the next packet, which has not left', async (t) => {
    const receiver = await receiverOf(t);
    const sockets = socketsOf(t);
    const { transport, options } = transportTo(t, receiver);
    await sendAll(transport, ['a:1|c']);
    const socket = sockets.at(-1);
    assert.ok(socket);
    t.mock.method(socket, 'send', (_: Buffer, callback: (error: Error) => void) =>
      process.nextTick(callback, refusal()),
    );
    assert.equal(await sendLine(transport, 'b:1|c'), 'held');
    assert.equal(options.lost, 1);
    await sendAll(transport, ['b:1|c']);
    await receiver.received(2);
    assert.deepEqual(receiver.lines, ['a:1|c', 'b:1|c']);
  });

  test('makes the next packet try another address first', async (t) => {
    const receiver = await receiverOf(t, { host: '127.0.0.2' });
    const { port } = receiver.address as { port: number };
    await receiverOf(t, { host: '127.0.0.1', port });
    const sockets = socketsOf(t);
    const { transport } = transportTo(t, named(receiver), {
      lookup: async () => [v4('127.0.0.1'), v4('127.0.0.2')],
    });
    await sendAll(transport, ['a:1|c']);
    sockets.at(-1)?.emit('error', refusal());
    await sendAll(transport, ['b:1|c']);
    await receiver.received(1);
    assert.deepEqual(receiver.lines, ['b:1|c']);
  });
});

describe('a name', bound, () => {
  async function moving(t: TestContext) {
    const before = await receiverOf(t, { host: '127.0.0.1' });
    const { port } = before.address as { port: number };
    const after = await receiverOf(t, { host: '127.0.0.2', port });
    const clock = createClock();
    const names = { answer: async () => [v4('127.0.0.1')], asked: 0 };
    const { transport, options } = transportTo(t, named(before), {
      now: clock.now,
      lookup: () => {
        names.asked++;
        return names.answer();
      },
    });
    await sendAll(transport, numbered(1));
    return { before, after, clock, names, transport, options };
  }

  test('is looked up again after 60 s, and followed to its new address', async (t) => {
    const sockets = socketsOf(t);
    const { before, after, clock, names, transport } = await moving(t);
    names.answer = async () => [v4('127.0.0.2')];
    clock.forward(59_999);
    await sendAll(transport, numbered(1, 1));
    const left = sockets.at(-1);
    clock.forward(1);
    await sendAll(transport, numbered(1, 2));
    await Promise.all([before.received(2), after.received(1)]);
    assert.deepEqual([before.lines, after.lines], [numbered(2), numbered(1, 2)]);
    assert.ok(isClosed(left));
  });

  const UNMOVED: readonly [what: string, answer: () => Promise<LookupAddress[]>][] = [
    ['still has that address among others', async () => [v4('127.0.0.2'), v4('127.0.0.1')]],
    ['cannot be looked up', () => Promise.reject(new Error('getaddrinfo EAI_AGAIN'))],
    ['has no address any more', async () => []],
  ];
  for (const [what, answer] of UNMOVED) {
    test(`that ${what} is no reason to leave a receiver that accepts`, async (t) => {
      const { before, clock, names, transport, options } = await moving(t);
      names.answer = answer;
      clock.forward(60_000);
      await sendAll(transport, numbered(2, 1));
      await before.received(3);
      assert.deepEqual([names.asked, options.failures], [2, []]);
    });
  }

  test('is looked up again when the receiver has refused', async (t) => {
    const { before, after, names, transport } = await moving(t);
    await before.stop();
    names.answer = async () => [v4('127.0.0.2')];
    assert.equal(await sendLine(transport, 'a:1|c'), 'held');
    await sendAll(transport, ['a:1|c']);
    await after.received(1);
  });

  test('is not looked up again when it is an address', async (t) => {
    const receiver = await receiverOf(t);
    const clock = createClock();
    let asked = 0;
    const { transport } = transportTo(t, receiver, {
      now: clock.now,
      lookup: async (host) => {
        asked++;
        return [v4(host)];
      },
    });
    await sendAll(transport, numbered(1));
    clock.forward(600_000);
    await sendAll(transport, numbered(1));
    assert.equal(asked, 1);
  });
});

describe('closing', bound, () => {
  test('while a packet waits for its refusal drops it; the next one opens a socket again', async (t) => {
    const receiver = await receiverOf(t);
    const sockets = socketsOf(t);
    const { transport, options } = transportTo(t, receiver);
    const sent = sendLine(transport, 'a:1|c');
    await receiver.received(1);
    transport.close();
    assert.ok(isClosed(sockets.at(-1)));
    assert.equal(await sent, 'dropped');
    await sendAll(transport, ['b:1|c']);
    await receiver.received(2);
    assert.deepEqual([receiver.lines, options.failures], [['a:1|c', 'b:1|c'], []]);
  });

  test('while the name is looked up holds the packet, which never leaves', async (t) => {
    const receiver = await receiverOf(t);
    const lookups = new EventEmitter();
    const answers: ((found: LookupAddress[]) => void)[] = [];
    const { transport, options } = transportTo(t, named(receiver), {
      lookup: () =>
        new Promise((resolve) => {
          answers.push(resolve);
          lookups.emit('asked');
        }),
    });
    const asked = once(lookups, 'asked');
    const sent = sendLine(transport, 'a:1|c');
    await asked;
    transport.close();
    assert.equal(await sent, 'held');
    const next = sendAll(transport, ['b:1|c']);
    await once(lookups, 'asked');
    for (const answer of answers) answer([v4('127.0.0.1')]);
    await next;
    await sendAll(transport, ['c:1|c']);
    await receiver.received(2);
    assert.deepEqual([receiver.lines, options.failures], [['b:1|c', 'c:1|c'], []]);
  });
});

test('nothing is opened before the first packet', bound, async (t) => {
  const receiver = await receiverOf(t);
  const sockets = socketsOf(t);
  const { transport } = transportTo(t, receiver);
  assert.equal(sockets.length, 0);
  await sendAll(transport, numbered(2));
  assert.equal(sockets.length, 1);
});
