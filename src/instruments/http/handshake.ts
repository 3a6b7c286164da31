import type { Socket } from 'node:net';
import { before } from './before.ts';

const STATUS_LINE = /^HTTP\/1\.[01] (\d{3})/;
const LENGTH = 'HTTP/1.1 101'.length;

/**
 * Calls back with the status of what the app answers on a socket that Node.js has handed over to it. Both methods that
 * can write are replaced until the first part of an answer is written; nothing else of Node.js tells.
 */
export function onAnswer(socket: Socket, callback: (status: number | undefined) => void): void {
  const note = (chunk: unknown): void => {
    const text = typeof chunk === 'string' ? chunk : chunk instanceof Uint8Array ? latin1(chunk) : '';
    if (text === '') return;
    for (const stop of stops) stop();
    const status = Number(STATUS_LINE.exec(text)?.[1]);
    callback(status > 0 ? status : undefined);
  };
  const stops = [before(socket, 'write', note), before(socket, 'end', note)];
}

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes.subarray(0, LENGTH)).toString('latin1');
