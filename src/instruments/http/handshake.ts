import type { Socket } from 'node:net';

const STATUS_LINE = /^HTTP\/1\.[01] (\d{3})/;
const LENGTH = 'HTTP/1.1 101'.length;

/**
 * Calls back with the status of what the app answers on a socket that Node.js has handed over to it. Both methods that
 * can write are replaced until the first part of an answer is written; nothing else of Node.js tells.
 */
export function onAnswer(socket: Socket, callback: (status: number | undefined) => void): void {
  const { write, end } = socket;
  const own = { write: Object.hasOwn(socket, 'write'), end: Object.hasOwn(socket, 'end') };

  const restore = (): void => {
    if (socket.write === watchedWrite) put('write', write);
    if (socket.end === watchedEnd) put('end', end);
  };
  const put = (name: 'write' | 'end', method: unknown): void => {
    if (own[name]) Reflect.set(socket, name, method);
    else Reflect.deleteProperty(socket, name);
  };
  const note = (chunk: unknown): void => {
    const text = typeof chunk === 'string' ? chunk : chunk instanceof Uint8Array ? latin1(chunk) : '';
    if (text === '') return;
    restore();
    const status = Number(STATUS_LINE.exec(text)?.[1]);
    callback(status > 0 ? status : undefined);
  };

  const watchedWrite = function (this: Socket, ...given: unknown[]): unknown {
    note(given[0]);
    return Reflect.apply(write, this, given);
  };
  const watchedEnd = function (this: Socket, ...given: unknown[]): unknown {
    note(given[0]);
    return Reflect.apply(end, this, given);
  };
  for (const [name, value] of [
    ['write', watchedWrite],
    ['end', watchedEnd],
  ] as const) {
    Object.defineProperty(socket, name, { value, configurable: true, writable: true });
  }
}

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes.subarray(0, LENGTH)).toString('latin1');
