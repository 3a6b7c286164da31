import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { StreamKind } from './attributes.ts';
import { before } from './before.ts';

const STATUS_LINE = /^HTTP\/1\.[01] (\d{3})/;
/** https://www.rfc-editor.org/rfc/rfc9110#name-101-switching-protocols */
export const SWITCHING_PROTOCOLS = 101;
const LENGTH = 'HTTP/1.1 101'.length;

/**
 * Calls back with the status of what the app answers on a socket that Node.js has handed over to it. Both methods that
 * can write are replaced until the first part of an answer is written; nothing else of Node.js tells.
 */
export function onAnswer(socket: Socket, callback: (status: number | undefined) => void): void {
  const note = (chunk: unknown): void => {
    const text = typeof chunk === 'string' ? chunk : chunk instanceof Uint8Array ? latin1(chunk) : '';
    if (text === '' || !socket.writable) return;
    const status = Number(STATUS_LINE.exec(text)?.[1]);
    // Others of 100 to 199 are no answer: https://www.rfc-editor.org/rfc/rfc9110#name-informational-1xx
    if (status < 200 && status !== SWITCHING_PROTOCOLS) return;
    for (const stop of stops) stop();
    callback(status > 0 ? status : undefined);
  };
  const stops = [before(socket, 'write', note), before(socket, 'end', note)];
}

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes.subarray(0, LENGTH)).toString('latin1');

const UPGRADE = 'upgrade';

/** Whether a request has the header `Upgrade`. Node.js makes `headers` only when they are read, which takes longer. */
export function asksForUpgrade({ rawHeaders }: IncomingMessage): boolean {
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if (rawHeaders[i]?.length === UPGRADE.length && rawHeaders[i]?.toLowerCase() === UPGRADE) return true;
  }
  return false;
}

export function upgradeKind({ headers }: IncomingMessage): StreamKind {
  return headers.upgrade?.toLowerCase() === 'websocket' ? 'websocket' : 'upgrade';
}
