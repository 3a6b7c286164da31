import type { LookupFunction } from 'node:net';
import type { StatsdConfig } from '../../../config/config.ts';
import { DIALECTS } from '../dialects/index.ts';
import { delay, nextPoll } from '../event-loop.ts';
import { createBackoff } from './backoff.ts';
import { type Connection, connectStream, ROUND_TRIP } from './stream-connection.ts';
import type { Outcome, Transport, TransportOptions } from './transport.ts';

/** Milliseconds after a write in which the connection need not be looked at again before the next one. */
const FRESH = 5;

/** What a test puts in place of the system. */
export interface StreamSystem {
  /** As for `net.connect`. */
  readonly lookup?: LookupFunction;
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
  /** From 0 up to 1. */
  readonly random?: () => number;
  /** Milliseconds that a write may take, 5000 unless given. */
  readonly stallMillis?: number;
}

/**
 * StatsD over TCP or a Unix stream socket: one connection, on which payloads are written as they are. On a Unix
 * socket DogStatsD wants its length as a little-endian uint32 before each
 * (https://github.com/DataDog/datadog-agent/blob/main/comp/dogstatsd/listeners/uds_common.go).
 *
 * A connection that is gone is made anew by the next `send`, the name looked up again; when that fails, after a
 * pause that doubles from 0.1 s to 30 s, in which `send` answers `held` at once unless it is urgent.
 *
 * What a stream cannot tell: what the system has taken and the server has not read is lost with either of them, and
 * counts as `accepted`, but for one payload when the connection is reset. A server that does not read takes as much
 * as the buffers hold, some MB; the payload on which it is given up may reach it in part.
 */
export function createStreamTransport(
  { address, dialect }: StatsdConfig,
  { guard, onFailure, onLost }: TransportOptions,
  { lookup, now = () => performance.now(), random = Math.random, stallMillis = 5000 }: StreamSystem = {},
): Transport {
  const framed = DIALECTS[dialect].framed && address.transport === 'unix';
  const backoff = createBackoff(now, random);
  let connection: Connection | undefined;
  let lastWrite = Number.NEGATIVE_INFINITY;
  let current: Attempt | undefined;

  const fail = (error: unknown): void => {
    if (connection?.over) connection = undefined;
    backoff.failed();
    onFailure(error);
  };

  const connect = async (attempt: Attempt): Promise<Connection> => {
    const { connected, abandon } = connectStream(address, {
      guard,
      lookup,
      stallMillis,
      onOver: fail,
      onLost: () => onLost(1),
    });
    attempt.abandon = abandon;
    return connected;
  };

  const deliver = async (payload: Buffer, attempt: Attempt): Promise<Outcome> => {
    // A connection that the server has closed is known by the next poll.
    if (connection !== undefined && now() - lastWrite > FRESH) await nextPoll();
    if (attempt.over) return 'held';
    const opened = connection ?? (await connect(attempt));
    if (connection === undefined) {
      // A proxy accepts, and closes at once when there is no server behind it.
      await (address.transport === 'tcp' ? delay(ROUND_TRIP) : nextPoll());
      if (opened.over) return 'held';
    }
    if (attempt.over) {
      opened.close();
      return 'held';
    }
    connection = opened;
    const { outcome, error } = await opened.write(framed ? frame(payload) : payload);
    if (attempt.over) return outcome;
    lastWrite = now();
    if (outcome === 'accepted') backoff.succeeded();
    if (error !== undefined) fail(error);
    return outcome;
  };

  return {
    send: (payload, urgent = false) =>
      new Promise((resolve) => {
        if (!urgent && backoff.waiting()) {
          resolve('held');
          return;
        }
        const attempt: Attempt = {
          over: false,
          abandon: undefined,
          settle(outcome: Outcome) {
            attempt.over = true;
            resolve(outcome);
          },
        };
        current = attempt;
        deliver(payload, attempt)
          .catch((error): Outcome => {
            if (!attempt.over) fail(error);
            return 'held';
          })
          .then(attempt.settle);
      }),
    close() {
      current?.settle(connection?.writing ? 'dropped' : 'held');
      current?.abandon?.();
      connection?.close();
      connection = undefined;
    },
  };
}

interface Attempt {
  over: boolean;
  /** Ends its attempt to connect. */
  abandon: (() => void) | undefined;
  settle(outcome: Outcome): void;
}

function frame(payload: Buffer): Buffer {
  const framed = Buffer.allocUnsafe(4 + payload.length);
  framed.writeUInt32LE(payload.length);
  payload.copy(framed, 4);
  return framed;
}
