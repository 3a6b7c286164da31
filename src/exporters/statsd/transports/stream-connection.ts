import type { LookupFunction, Socket } from 'node:net';
import type { StatsdAddress } from '../../../config/types.ts';
import { getBuiltinModule } from '../../../guest/builtin.ts';
import type { Guard } from '../../../guest/guard.ts';
import { codeOf } from '../../../guest/shape.ts';
import { letProcessEnd, timeout } from '../../reading/connecting.ts';
import { nextPoll } from '../event-loop.ts';
import type { Outcome, TransportSystem } from './transport.ts';

/** Milliseconds within which the other end answers that it has no connection any more, or wants none. */
export const ROUND_TRIP = 25;
/** Milliseconds of silence after which TCP asks whether the other end is still there. */
const KEEP_ALIVE = 30_000;

export interface Written {
  readonly outcome: Outcome;
  /** Why the payload was not accepted, or why nothing more can be written. */
  readonly error?: unknown;
}

export interface Connection {
  /** The other end has closed it, or it has failed. */
  readonly over: boolean;
  /** The system has not taken all bytes of the payload, or may yet refuse them. */
  readonly writing: boolean;
  /** One at a time. Never rejects. */
  write(bytes: Buffer): Promise<Written>;
  close(): void;
}

export interface ConnectionOptions {
  readonly guard: Guard;
  readonly lookup: TransportSystem['lookup'];
  /** Resolves after that many milliseconds. */
  readonly delay: (millis: number) => Promise<void>;
  /** Milliseconds that one write may take. */
  readonly stallMillis: number;
  /** It was closed or failed while nothing was being written. */
  readonly onOver: (error: unknown) => void;
  /** The server did not read everything that had been accepted. */
  readonly onLost: () => void;
}

/** An attempt to connect. */
export interface Connecting {
  /** Rejects with the reason if the attempt fails. */
  readonly connected: Promise<Connection>;
  /** Gives up the attempt; does nothing once connected. */
  abandon(): void;
}

/**
 * Connects without keeping the process alive for longer than a second.
 *
 * What happens to a payload whose write does not go well:
 * - the system refuses it as a whole, because the connection has been reset or the other end is gone: `held`
 * - the other end closed the connection before the payload arrived, which TCP reports by a reset after the end:
 *   `held`
 * - the other end closed it after reading the payload: `accepted`
 * - a reset without an end, because the other end closed with something unread, perhaps only part: `dropped`
 * - the other end does not read and the system's buffers are full: `dropped`, since they may hold a part of it
 */
export function connectStream(address: StatsdAddress, options: ConnectionOptions): Connecting {
  const lookup = lookupFunction(options);
  const socket = getBuiltinModule('node:net').connect({
    allowHalfOpen: true,
    ...(address.transport === 'unix'
      ? { path: address.path }
      : {
          host: address.host,
          port: address.port,
          noDelay: true,
          keepAlive: true,
          keepAliveInitialDelay: KEEP_ALIVE,
          ...(lookup && { lookup }),
        }),
  });
  letProcessEnd(socket);
  const connected = new Promise<Connection>((resolve, reject) => {
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(connectionOf(socket, address.transport === 'tcp', options));
    });
  });
  const abandon = (): void => {
    if (socket.connecting) socket.destroy(new Error('closed'));
  };
  return { connected, abandon };
}

function connectionOf(
  socket: Socket,
  tcp: boolean,
  { guard, delay, stallMillis, onOver, onLost }: ConnectionOptions,
): Connection {
  let over = false;
  let ended = false;
  let accepted = false;
  /** The payload being written; `whole` while the system cannot have taken a part of it. */
  let current: { whole: boolean; readonly settle: (written: Written) => void } | undefined;

  const finish = (written: Written): void => {
    const settle = current?.settle;
    current = undefined;
    accepted ||= written.outcome === 'accepted';
    settle?.(written);
  };
  const fail = guard('push', (error: unknown): void => {
    if (over) return;
    over = true;
    const whole = current?.whole ?? true;
    // The server closed without reading to the end: only then does TCP tell a writer that nothing is read any more.
    if (whole && accepted && isReset(error, tcp)) onLost();
    if (current === undefined) onOver(error);
    else finish({ outcome: whole ? 'held' : 'dropped', error });
    socket.destroy();
  });
  socket.on('error', fail);
  socket.on('end', () => {
    ended = true;
    if (current === undefined) fail(closedByServer());
  });
  // What the server sends is discarded.
  socket.resume();

  const settleWritten = async (): Promise<void> => {
    await nextPoll();
    if (!ended) return finish({ outcome: 'accepted' });
    if (tcp) await delay(ROUND_TRIP);
    if (over) return;
    over = true;
    // After a reset the system has no address for the other end any more.
    const refused = tcp && socket.remoteAddress === undefined;
    finish({ outcome: refused ? 'held' : 'accepted', error: closedByServer() });
    socket.destroy();
  };

  return {
    get over() {
      return over;
    },
    get writing() {
      return current !== undefined;
    },
    write: (bytes) =>
      new Promise((resolve) => {
        const timer = setTimeout(
          () => fail(timeout('the server has read nothing', stallMillis)),
          stallMillis,
        ).unref();
        const written = {
          whole: true,
          settle(result: Written) {
            clearTimeout(timer);
            resolve(result);
          },
        };
        current = written;
        socket.write(bytes, (error) => {
          if (error) fail(error);
          else void settleWritten();
        });
        // By then, the immediate attempt to write would have reported its error.
        process.nextTick(() => {
          written.whole = false;
        });
      }),
    close() {
      over = true;
      socket.destroy();
    },
  };
}

/** As `net.connect` wants it; undefined for its own. */
function lookupFunction({ lookup }: ConnectionOptions): LookupFunction | undefined {
  if (lookup === undefined) return undefined;
  return (host, _options, callback) =>
    lookup(host).then(
      (found) => callback(null, [...found]),
      (error) => callback(error, ''),
    );
}

function isReset(error: unknown, tcp: boolean): boolean {
  const code = codeOf(error);
  return code === 'ECONNRESET' || (tcp && (code === 'EPIPE' || code === 'ETIMEDOUT'));
}

function closedByServer(): Error {
  return new Error('the server closed the connection');
}
