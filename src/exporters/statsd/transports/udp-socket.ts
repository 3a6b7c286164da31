import type { Socket } from 'node:dgram';
import type { LookupAddress } from 'node:dns';
import { getBuiltinModule } from '../../../guest/builtin.ts';
import { codeOf } from '../../../guest/shape.ts';
import { nextPoll } from '../event-loop.ts';
import type { Outcome } from './transport.ts';

/** Milliseconds without a packet after which the next one starts a burst. */
const QUIET = 100;
/** Milliseconds that a burst's first packet waits for a refusal, which from another host takes a round trip. */
const ROUND_TRIP = 25;
/**
 * Packets in a row: a receive buffer of Linux's default size holds 92 packets of 1432 bytes, and silently drops what
 * comes while it is full.
 */
const ROW = 20;

export interface Sent {
  readonly outcome: Outcome;
  /** Why it was not accepted. */
  readonly error?: unknown;
}

/** A socket connected to one address. After a failure it is closed. */
export interface UdpSocket {
  readonly address: string;
  readonly failed: boolean;
  /** A packet has left, and may yet be refused. */
  readonly sending: boolean;
  /**
   * One at a time. Never rejects.
   *
   * @param pauseMillis between two rows of packets, so that the server can read them
   */
  send(payload: Buffer, pauseMillis: number): Promise<Sent>;
  close(): void;
}

interface UdpSocketOptions {
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  /** Resolves after that many milliseconds. */
  readonly delay: (millis: number) => Promise<void>;
  /** A refusal came while nothing was being sent: at least one packet that had been accepted is lost. */
  readonly onLate: (error: unknown) => void;
}

/**
 * @returns a socket of the address's family that does not keep the process alive; rejects when the system has no
 * way to that address
 */
export async function connectUdp(
  { address, family }: LookupAddress,
  port: number,
  { now, delay, onLate }: UdpSocketOptions,
): Promise<UdpSocket> {
  const socket = await connect(address, family, port);
  let failure: unknown;
  let lastSent = Number.NEGATIVE_INFINITY;
  let row = 0;
  let settle: ((sent: Sent) => void) | undefined;

  const close = (reason: unknown): void => {
    if (failure === undefined) socket.close();
    failure ??= reason;
  };
  const finish = (sent: Sent): void => {
    settle?.(sent);
    settle = undefined;
  };
  socket.on('error', (error) => {
    if (failure !== undefined) return;
    close(error);
    if (settle !== undefined) finish({ outcome: 'held', error });
    else onLate(error);
  });

  const write = (payload: Buffer, wait: () => Promise<void>): Promise<Sent> =>
    new Promise((resolve) => {
      settle = resolve;
      socket.send(payload, (error) => {
        if (error === null) {
          void wait().then(() => finish({ outcome: 'accepted' }));
        } else if (codeOf(error) === 'EMSGSIZE') {
          finish({ outcome: 'dropped', error });
        } else if (settle !== undefined) {
          close(error);
          finish({ outcome: 'held', error });
          // Before this packet has left, only an earlier one can have been refused.
          if (codeOf(error) === 'ECONNREFUSED') onLate(error);
        }
      });
    });

  return {
    address,
    get failed() {
      return failure !== undefined;
    },
    get sending() {
      return settle !== undefined;
    },
    async send(payload, pauseMillis) {
      const first = now() - lastSent >= QUIET;
      row = first ? 1 : row + 1;
      if (row % ROW === 0) await delay(pauseMillis);
      if (failure !== undefined) return { outcome: 'held', error: failure };
      const sent = await write(payload, async () => {
        if (first) await delay(ROUND_TRIP);
        await nextPoll();
      });
      lastSent = now();
      return sent;
    },
    close: () => close(new Error('closed')),
  };
}

function connect(address: string, family: number, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = getBuiltinModule('node:dgram').createSocket({
      type: family === 6 ? 'udp6' : 'udp4',
      // It is asked for addresses only.
      lookup: (literal, _options, callback) => callback(null, literal, family),
    });
    socket.unref();
    const failed = (error: unknown): void => {
      socket
        .off('connect', connected)
        .off('error', failed)
        .on('error', () => {});
      socket.close();
      reject(error);
    };
    const connected = (): void => {
      socket.off('error', failed);
      resolve(socket);
    };
    socket.once('connect', connected).on('error', failed);
    socket.connect(port, address);
  });
}
