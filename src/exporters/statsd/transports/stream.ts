import { codeOf } from '../../../guest/shape.ts';
import { describe } from '../../../guest/text.ts';
import { DIALECTS } from '../dialects/index.ts';
import * as eventLoop from '../event-loop.ts';
import { type Attempt, createAttempt } from './attempt.ts';
import { createBackoff } from './backoff.ts';
import { type Connecting, type Connection, connectStream, ROUND_TRIP } from './stream-connection.ts';
import type { CreateTransport, Outcome } from './transport.ts';

/** Milliseconds after a write in which the connection need not be looked at again before the next one. */
const FRESH = 5;

/**
 * StatsD over TCP or a Unix stream socket: one connection, on which payloads are written as they are. On a Unix
 * socket DogStatsD expects the length of each payload before it, as a little-endian uint32
 * (https://github.com/DataDog/datadog-agent/blob/main/comp/dogstatsd/listeners/uds_common.go).
 *
 * When the connection is gone, the next `send` looks the name up and connects again. If that fails, later attempts
 * wait for a pause that doubles from 0.1 s to 30 s, during which `send` answers `held` at once unless it is urgent.
 *
 * What a stream cannot tell: what the system has taken and the server has not read is lost when either goes, and
 * counts as `accepted`, except for one payload when the connection is reset. A server that does not read takes as
 * much as the buffers hold, some MB; part of the payload on which it is given up may reach it.
 */
export const createStreamTransport: CreateTransport = (
  { address, dialect },
  { guard, onFailure, onLost },
  {
    lookup,
    now = () => performance.now(),
    random = Math.random,
    delay = eventLoop.delay,
    stallMillis = 5000,
  } = {},
) => {
  const framed = DIALECTS[dialect].framed && address.transport === 'unix';
  const backoff = createBackoff(now, random);
  let connection: Connection | undefined;
  let lastWrite = Number.NEGATIVE_INFINITY;
  let current: Attempt | undefined;
  let connecting: Connecting | undefined;

  const fail = (error: unknown): void => {
    if (connection?.over) connection = undefined;
    backoff.failed();
    onFailure(datagramSocket(error) ?? error);
  };

  const connect = (): Promise<Connection> => {
    connecting = connectStream(address, {
      guard,
      lookup,
      delay,
      stallMillis,
      onOver: fail,
      onLost: () => onLost(1),
    });
    return connecting.connected;
  };

  const deliver = async (payload: Buffer, attempt: Attempt): Promise<Outcome> => {
    // By the next poll it is known whether the server has closed the connection.
    if (connection !== undefined && now() - lastWrite > FRESH) await eventLoop.nextPoll();
    if (attempt.over) return 'held';
    const opened = connection ?? (await connect());
    if (connection === undefined) {
      // A proxy accepts, and closes at once if there is no server behind it.
      await (address.transport === 'tcp' ? delay(ROUND_TRIP) : eventLoop.nextPoll());
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
    lineEnd: '\n',
    async send(payload, urgent = false) {
      if (!urgent && backoff.waiting()) return 'held';
      current = createAttempt((attempt) => deliver(payload, attempt), fail);
      return current.outcome;
    },
    close() {
      current?.settle(connection?.writing ? 'dropped' : 'held');
      connecting?.abandon();
      connection?.close();
      connection = undefined;
    },
  };
};

/** The failure in words, where the path is that of a datagram socket. */
function datagramSocket(error: unknown): Error | undefined {
  if (codeOf(error) !== 'EPROTOTYPE') return undefined;
  return new Error(`${describe(error)}: it is a socket of datagrams, a stream socket is needed`);
}

function frame(payload: Buffer): Buffer {
  const framed = Buffer.allocUnsafe(4 + payload.length);
  framed.writeUInt32LE(payload.length);
  payload.copy(framed, 4);
  return framed;
}
