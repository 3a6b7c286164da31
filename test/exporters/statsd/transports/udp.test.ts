/** What UDP alone does; the rest is in test/contracts/transports.test.ts. */
import assert from 'node:assert/strict';
import type { Socket } from 'node:dgram';
import type { LookupAddress } from 'node:dns';
import { describe, type TestContext, test } from 'node:test';
import {
  BOUND,
  isClosed,
  named,
  numbered,
  receiverOf,
  sendAll,
  sendLine,
  socketsOf,
  wayTo,
} from './transports.ts';

const v4 = (address: string): LookupAddress => ({ address, family: 4 });

const REFUSED = 'recvmsg ECONNREFUSED';
const refusal = (): Error => Object.assign(new Error(REFUSED), { code: 'ECONNREFUSED' });

/** A way whose waits are noted and over at once. */
async function pacing(t: TestContext) {
  const delays: number[] = [];
  return { delays, ...wayTo(t, await receiverOf(t), { delay: async (millis) => void delays.push(millis) }) };
}

describe('a packet', BOUND, () => {
  // The first packet of a burst waits for a refusal, as long as between two rows.
  for (const urgent of [false, true]) {
    const pause = urgent ? 5 : 25;
    test(`waits ${pause} ms after each 20, ${urgent ? 'urgent' : 'not urgent'}, for the server to read them`, async (t) => {
      const { delays, transport } = await pacing(t);
      for (let i = 0; i < 39; i++) await transport.send(Buffer.from('a:1|c'), urgent);
      assert.deepEqual(delays, [25, pause]);
      await transport.send(Buffer.from('a:1|c'), urgent);
      assert.deepEqual(delays, [25, pause, pause]);
    });
  }

  test('waits for a refusal only if nothing was sent for 100 ms', async (t) => {
    const { delays, transport, clock } = await pacing(t);
    for (const [sinceTheLast, waits] of [
      [0, 1],
      [99, 1],
      [100, 2],
    ] as const) {
      clock.forward(sinceTheLast);
      await sendAll(transport, numbered(1));
      assert.deepEqual(delays, Array(waits).fill(25));
    }
  });

  test('longer than UDP can carry is dropped, and the next one arrives', async (t) => {
    const receiver = await receiverOf(t);
    const { transport, options } = wayTo(t, receiver);
    const outcomes: string[] = [];
    for (const line of ['first:1|c', 'x'.repeat(65_508), 'second:1|c'])
      outcomes.push(await sendLine(transport, line));
    await receiver.received(2);
    assert.deepEqual(outcomes, ['accepted', 'dropped', 'accepted']);
    assert.deepEqual(receiver.lines, ['first:1|c', 'second:1|c']);
    assert.deepEqual(options.failures, ['send EMSGSIZE']);
  });

  test('to a name without an address is held', async (t) => {
    const { transport, options } = wayTo(t, named(await receiverOf(t)), { lookup: async () => [] });
    assert.equal(await sendLine(transport, 'a:1|c'), 'held');
    assert.deepEqual(options.failures, ['statsd.test has no address']);
  });
});

describe('a refusal that takes a while', BOUND, () => {
  async function refusing(t: TestContext) {
    const receiver = await receiverOf(t);
    const sockets = socketsOf<Socket>(t);
    return { receiver, sockets, ...wayTo(t, receiver) };
  }

  test('holds the packet that it comes for in time', async (t) => {
    const { receiver, sockets, transport, options } = await refusing(t);
    receiver.onPayload = () => sockets[0]?.emit('error', refusal());
    assert.equal(await sendLine(transport, 'a:1|c'), 'held');
    assert.deepEqual([options.lost, options.failures], [0, [REFUSED]]);
  });

  test('counts one packet as lost if none is being sent', async (t) => {
    const { sockets, transport, options } = await refusing(t);
    await sendAll(transport, numbered(1));
    sockets[0]?.emit('error', refusal());
    assert.deepEqual([options.lost, options.failures], [1, [REFUSED]]);
    await sendAll(transport, numbered(1));
    assert.deepEqual([isClosed(sockets[0]), sockets.length], [true, 2]);
  });

  test('may be reported by the next packet, which was not sent', async (t) => {
    const { receiver, sockets, transport, options } = await refusing(t);
    await sendAll(transport, ['a:1|c']);
    const [socket] = sockets;
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
    const sockets = socketsOf<Socket>(t);
    const lookup = async () => [v4('127.0.0.1'), v4('127.0.0.2')];
    const { transport } = wayTo(t, named(receiver), { lookup });
    await sendAll(transport, ['a:1|c']);
    sockets[0]?.emit('error', refusal());
    await sendAll(transport, ['b:1|c']);
    await receiver.received(1);
    assert.deepEqual(receiver.lines, ['b:1|c']);
  });
});

describe('a name', BOUND, () => {
  async function moving(t: TestContext) {
    const before = await receiverOf(t, { host: '127.0.0.1' });
    const { port } = before.address as { port: number };
    const after = await receiverOf(t, { host: '127.0.0.2', port });
    const names = { answer: async (): Promise<LookupAddress[]> => [v4('127.0.0.1')], asked: 0 };
    const lookup = () => {
      names.asked++;
      return names.answer();
    };
    const way = wayTo(t, named(before), { lookup });
    await sendAll(way.transport, numbered(1));
    return { before, after, names, ...way };
  }

  test('is looked up again after 60 s, and followed to its new address', async (t) => {
    const sockets = socketsOf<Socket>(t);
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

  for (const [what, answer] of [
    ['still has that address among others', async () => [v4('127.0.0.2'), v4('127.0.0.1')]],
    ['cannot be looked up', () => Promise.reject(new Error('getaddrinfo EAI_AGAIN'))],
    ['no longer has an address', async () => []],
  ] as const) {
    test(`that ${what} does not make it leave a server that accepts`, async (t) => {
      const { before, clock, names, transport, options } = await moving(t);
      names.answer = answer;
      clock.forward(60_000);
      await sendAll(transport, numbered(2, 1));
      await before.received(3);
      assert.deepEqual([names.asked, options.failures], [2, []]);
    });
  }

  test('is not looked up again when it is an address', async (t) => {
    let asked = 0;
    const lookup = async (host: string) => {
      asked++;
      return [v4(host)];
    };
    const { transport, clock } = wayTo(t, await receiverOf(t), { lookup });
    await sendAll(transport, numbered(1));
    clock.forward(600_000);
    await sendAll(transport, numbered(1));
    assert.equal(asked, 1);
  });
});
