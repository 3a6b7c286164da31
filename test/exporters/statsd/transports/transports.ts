import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { Socket as DatagramSocket } from 'node:dgram';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { StatsdAddress, StatsdDialect } from '../../../../src/config/types.ts';
import { TRANSPORTS } from '../../../../src/exporters/statsd/transports/index.ts';
import type {
  Outcome,
  Transport,
  TransportOptions,
  TransportSystem,
} from '../../../../src/exporters/statsd/transports/transport.ts';
import { createGuard } from '../../../../src/guest/guard.ts';
import { createLog } from '../../../../src/guest/log.ts';
import { describe } from '../../../../src/guest/text.ts';
import {
  type StatsdReceiver,
  type StatsdReceiverOptions,
  startStatsdReceiver,
} from '../../../receivers/statsd.ts';

export const BOUND = { timeout: 60_000 };

export async function receiverOf(t: TestContext, options: StatsdReceiverOptions = {}) {
  const receiver = await startStatsdReceiver(options);
  t.after(() => receiver.stop());
  return receiver;
}

export interface Recorded extends TransportOptions {
  /** The messages of the failures, in order. */
  readonly failures: readonly string[];
  lost: number;
}

/** A transport, what it has reported, and the clock that a test moves forward. */
export function createWay(
  { address }: Pick<StatsdReceiver, 'address'>,
  system: TransportSystem = {},
  dialect: StatsdDialect = 'etsy',
) {
  const failures: string[] = [];
  const options: Recorded = {
    failures,
    lost: 0,
    guard: createGuard(createLog('error', (line) => failures.push(line))),
    onFailure: (error) => failures.push(describe(error)),
    onLost: (packets) => {
      options.lost += packets;
    },
  };
  const clock = createClock();
  const transport = TRANSPORTS[address.transport]()({ address, dialect }, options, {
    now: clock.now,
    random: () => 0,
    ...system,
  });
  return { transport, options, clock };
}

/** The same, closed after the test; meanwhile the process is kept alive, which a transport does not do. */
export function wayTo(t: TestContext, ...[to, system, dialect]: Parameters<typeof createWay>) {
  const way = createWay(to, system, dialect);
  const alive = setInterval(() => {}, 60_000);
  t.after(() => {
    way.transport.close();
    clearInterval(alive);
  });
  return way;
}

/** The receiver's port under a name. */
export function named({ address }: StatsdReceiver): { readonly address: StatsdAddress } {
  assert.ok(address.transport !== 'unix');
  return { address: { ...address, host: 'statsd.test' } };
}

/** Collects the sockets that the process opens from now on. */
export function socketsOf<Kind>(t: TestContext): Kind[] {
  const sockets: Kind[] = [];
  const onSocket = (message: unknown) => sockets.push((message as { socket: Kind }).socket);
  for (const channel of ['udp.socket', 'net.client.socket']) {
    subscribe(channel, onSocket);
    t.after(() => unsubscribe(channel, onSocket));
  }
  return sockets;
}

/** Whether a socket that was opened is closed; of UDP, it then has no address. */
export function isClosed(socket: DatagramSocket | Socket | undefined): boolean {
  assert.ok(socket);
  if ('destroyed' in socket) return socket.destroyed;
  try {
    socket.address();
    return false;
  } catch {
    return true;
  }
}

/** Sends a line as one payload. */
export const sendLine = (transport: Transport, line: string): Promise<Outcome> =>
  transport.send(Buffer.from(`${line}\n`));

/** Sends each line until it is not held; `onHeld` changes something meanwhile. */
export async function sendAll(
  transport: Transport,
  lines: readonly string[],
  onHeld: (line: string) => Promise<unknown> = async (line) => assert.fail(`${line} was held`),
): Promise<void> {
  for (const line of lines) {
    let outcome = await sendLine(transport, line);
    for (; outcome === 'held'; outcome = await sendLine(transport, line)) await onHeld(line);
    assert.equal(outcome, 'accepted', line);
  }
}

/** A clock that a test moves forward. */
export function createClock() {
  let time = 0;
  const forward = (millis: number): void => {
    time += millis;
  };
  return { now: () => time, forward };
}

/** Different from each other, each a whole line. */
export const numbered = (count: number, from = 0): string[] =>
  Array.from({ length: count }, (_, index) => `requests.${from + index}:1|c`);

/** Runs transport-app.ts until it ends by itself. @returns the lines that it printed */
export async function runToEnd(t: TestContext, address: StatsdAddress, ...addresses: string[]) {
  const app = fileURLToPath(new URL('transport-app.ts', import.meta.url));
  const args = [app, JSON.stringify(address), ...addresses];
  const program = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => program.kill('SIGKILL'));
  const closed = once(program, 'close');
  const output: string[] = await program.stdout.setEncoding('utf8').toArray();
  assert.deepEqual(await closed, [0, null]);
  return output.join('').split('\n').slice(0, -1);
}
