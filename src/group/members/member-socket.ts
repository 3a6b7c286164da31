import type { Socket } from 'node:net';
import { getBuiltinModule } from '../../guest/builtin.ts';
import type { Guard } from '../../guest/guard.ts';
import { coalesced } from '../../guest/one-at-a-time.ts';
import { greeting, readLines } from './protocol.ts';

export interface MemberSocketOptions {
  readonly path: string;
  /** The first line of the serving member must carry it: the epoch's name, which only the owner of the folder can know. */
  readonly secret: string;
  readonly guard: Guard;
  /** Brings this member's files up to date; resolves with false when they are not. While it runs it is not called again. */
  readonly onFlush: () => Promise<unknown>;
  /** The serving member's connection has closed, and not by `close` below. */
  readonly onServerGone: () => void;
}

export interface MemberSocket {
  /** Whether a serving member is connected. */
  readonly served: boolean;
  /** Unlinks the socket: nobody finds it any more. Whoever is connected sees when this process has ended. */
  hide(): void;
  /** Unlinks the socket and closes everything, synchronously, so that it works in an 'exit' listener. */
  close(): void;
}

/** There is one serving member, and while it is replaced there are two. */
const MOST_CONNECTIONS = 16;
/** Milliseconds until the first line has to be there. */
const GREETING_MILLIS = 1000;
/** Ending of the name by which a socket is bound, in place of that by which it is found. */
export const HIDDEN = '.new';
const FLUSH = /^flush (\d{1,15})$/;

/**
 * Listens for the serving member, which proves itself by the secret and then asks for flushes. Who connects and
 * closes without a word learns that this member lives. Whatever else comes is cut off. Nothing here keeps the
 * process alive, and each worker of a cluster listens by itself.
 *
 * @returns rejects with the system's error
 */
export async function listenAsMember(options: MemberSocketOptions): Promise<MemberSocket> {
  const { socket, failure } = listenAtOnce(options);
  return socket ?? failure;
}

/** The same before this returns, since binding needs no turn of the event loop; `failure` rejects where it fails. */
export function listenAtOnce(options: MemberSocketOptions): {
  readonly socket: MemberSocket | undefined;
  readonly failure: Promise<never>;
} {
  const { path, secret, guard } = options;
  const fs = getBuiltinModule('node:fs');
  const flush = flushing(options);
  const sockets = new Set<Socket>();
  const greeted = new Set<Socket>();
  let closing = false;
  const onServerGone = guard('group', (): void => {
    if (!closing) options.onServerGone();
  });
  const accept = guard('group', (socket: Socket): true => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    serve(socket, { secret, guard, flush, greeted, onServerGone });
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
    // Once it listens this rejects nothing, and a connection that could not be accepted is the other end's to retry.
    server.on('error', reject);
  });
  failure.catch(() => {});
  // What is bound, but does not listen yet, refuses connections as the dead do: nobody sees it before it listens.
  const hidden = path.replace(/\.sock$/, HIDDEN);
  server.listen({ path: hidden, exclusive: true });
  if (!server.listening) return { socket: undefined, failure };
  try {
    // The folder keeps others out already, whatever the umask.
    fs.chmodSync(hidden, 0o700);
    fs.renameSync(hidden, path);
  } catch (error) {
    server.close();
    return { socket: undefined, failure: Promise.reject(error) };
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

/** Whether the files are up to date; undefined when nobody can tell. */
type Answer = (flushed: boolean | undefined) => void;

interface Service extends Pick<MemberSocketOptions, 'secret' | 'guard' | 'onServerGone'> {
  /** Calls back when this member's files are up to date, or could not be brought up to date. */
  readonly flush: (answer: Answer) => void;
  /** The connections of serving members. */
  readonly greeted: Set<Socket>;
}

function serve(socket: Socket, { secret, guard, flush, greeted, onServerGone }: Service): void {
  const timer = setTimeout(() => socket.destroy(), GREETING_MILLIS).unref();
  socket.once('close', () => {
    clearTimeout(timer);
    if (greeted.delete(socket)) onServerGone();
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
      // The serving member connects anew; it would wait for the answer for ever.
      else socket.destroy();
    });
    return true;
  });
}

/** Runs one flush at a time; what is asked for while it runs is answered after another. A failed one is the end of the connection. */
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
