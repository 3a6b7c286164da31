import type { Socket } from 'node:net';

/**
 * The longest that a connection attempt may take, in milliseconds. libuv keeps a process alive while a socket
 * connects, even an unref'ed one, and an address that drops packets takes minutes to fail. One lost SYN costs an
 * attempt, which is retried.
 */
const CONNECT_MILLIS = 1000;

/** Keeps a socket that is about to connect from keeping the process alive, except while connecting, for a second. */
export function letProcessEnd(socket: Socket): void {
  socket.unref();
  let timer: NodeJS.Timeout | undefined;
  socket.on('connectionAttempt', () => {
    timer ??= setTimeout(
      () => socket.destroy(timeout('no connection', CONNECT_MILLIS)),
      CONNECT_MILLIS,
    ).unref();
  });
  const clear = (): void => clearTimeout(timer);
  socket.once('connect', () => {
    clear();
    // Each address of a name is tried with its own handle.
    socket.unref();
  });
  socket.once('close', clear);
}

export function timeout(what: string, millis: number): Error {
  return Object.assign(new Error(`${what} within ${millis / 1000} s`), { code: 'ETIMEDOUT' });
}
