import type { Socket } from 'node:net';
import { getBuiltinModule } from '../../guest/builtin.ts';
import type { Guard } from '../../guest/guard.ts';
import { coalesced } from '../../guest/one-at-a-time.ts';
import { greeting, readLines } from './protocol.ts';

export interface MemberSocketOptions {
  readonly path: string;
  /** The owner of the port greets with it: the epoch's name, which only the user whose folder it is can know. */
  readonly secret: string;
  readonly guard: Guard;
  /** Brings this member's files up to date; resolves with false if they are not. Runs one at a time. */
  readonly onFlush: () => Promise<unknown>;
  /** The owner's connection has closed other than by `close` below. */
  readonly onOwnerGone: () => void;
  /** Milliseconds until a connection must have greeted; 1000 by default. */
  readonly greetingMillis?: number;
}

export interface MemberSocket {
  /** Whether an owner of the port is connected. */
  readonly served: boolean;
  /** Unlinks the socket, so that nobody finds it. An owner that is connected sees when this process has ended. */
  hide(): void;
  /** Unlinks the socket and closes everything, synchronously, so that it works in an 'exit' listener. */
  close(): void;
}

/** There is one owner of the port, and two while one replaces the other. */
const MOST_CONNECTIONS = 16;
const GREETING_MILLIS = 1000;
/** Ending of the name under which a socket is bound, before it gets the name under which it is found. */
export const HIDDEN = '.new';
const FLUSH = /^flush (\d{1,15})$/;

/**
 * Listens for the owner of the port, which greets with the secret and then asks for flushes. A process that connects
 * and closes without a word learns that this member lives. Any other connection is cut off. Nothing here keeps the
 * process alive, and each worker of a cluster listens by itself.
 *
 * @returns rejects with the system's error
 */
export async function listenAsMember(options: MemberSocketOptions): Promise<MemberSocket> {
  const { socket, failure } = listenAtOnce(options);
  return socket ?? failure;
}

/** The same before this returns, because binding needs no turn of the event loop; `failure` rejects where it fails. */
export function listenAtOnce(options: MemberSocketOptions): {
  readonly socket: MemberSocket | undefined;
  readonly failure: Promise<never>;
} {
  const { path, secret, guard, greetingMillis = GREETING_MILLIS } = options;
  const fs = getBuiltinModule('node:fs');
  const flush = flushing(options);
  const sockets = new Set<Socket>();
  const greeted = new Set<Socket>();
  let closing = false;
  const onOwnerGone = guard('group', (): void => {
    if (!closing) options.onOwnerGone();
  });
  const accept = guard('group', (socket: Socket): true => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    serve(socket, { secret, guard, flush, greeted, onOwnerGone, greetingMillis });
    return true;
  });

  const { Server } = getBuiltinModule('node:net');
  const server = new Server((socket) => {
    socket.on('error', () => {});
    socket.unref();
    if (accept(socket) !== true) socket.destroy();
  });
  server.maxConnections = MOST_CONNECTIONS;
  server.unref();
  const failure = new Promise<never>((_, reject) => {
    // Once it listens nobody waits for this, and a connection that could not be accepted is the other end's to retry.
    server.on('error', reject);
  });
  failure.catch(() => {});
  // A socket that is bound and does not listen yet refuses connections as those of the retired do: it is hidden till then.
  const hidden = path.replace(/\.sock$/, HIDDEN);
  server.listen({ path: hidden, exclusive: true });
  if (!server.listening) return { socket: undefined, failure };
  try {
    // The folder keeps others out already, whatever the umask.
    fs.chmodSync(hidden, 0o700);
    fs.renameSync(hidden, path);
  } catch (error) {
    server.close();
    server.emit('error', error);
    return { socket: undefined, failure };
  }
  const socket: MemberSocket = {
    get served() {
      return greeted.size > 0;
    },
    hide: () => fs.rmSync(path, { force: true }),
    close() {
      closing = true;
      server.close();
      for (const each of sockets) each.destroy();
      fs.rmSync(path, { force: true });
    },
  };
  return { socket, failure };
}

/** Whether the files are up to date; undefined if the flush has failed. */
type Answer = (flushed: boolean | undefined) => void;

interface Service extends Pick<MemberSocketOptions, 'secret' | 'guard' | 'onOwnerGone'> {
  readonly greetingMillis: number;
  /** Calls back once the attempt to bring this member's files up to date is over. */
  readonly flush: (answer: Answer) => void;
  /** The connections that have greeted: those of owners. */
  readonly greeted: Set<Socket>;
}

function serve(socket: Socket, service: Service): void {
  const { secret, guard, flush, greeted, onOwnerGone, greetingMillis } = service;
  const timer = setTimeout(() => socket.destroy(), greetingMillis).unref();
  socket.once('close', () => {
    clearTimeout(timer);
    if (greeted.delete(socket)) onOwnerGone();
  });
  readLines(socket, guard, (line) => {
    if (!greeted.has(socket)) {
      if (line !== greeting(secret)) return false;
      greeted.add(socket);
      clearTimeout(timer);
      return true;
    }
    const number = FLUSH.exec(line)?.[1];
    if (number === undefined) return false;
    flush((flushed) => {
      if (flushed !== undefined) socket.write(`${flushed ? 'flushed' : 'failed'} ${number}\n`);
      // The owner would wait for the answer for ever; so it connects anew.
      else socket.destroy();
    });
    return true;
  });
}

/** Flushes one at a time: a request during a flush is answered by the next one. */
function flushing({ guard, onFlush }: MemberSocketOptions): (answer: Answer) => void {
  const flush = coalesced(() =>
    onFlush().then(
      (written) => written !== false,
      guard('group', (error: unknown): undefined => {
        throw error;
      }),
    ),
  );
  return (answer) => void flush().then(answer);
}
