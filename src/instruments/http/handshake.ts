import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { StreamKind } from './attributes.ts';
import { beforeWrite } from './before-write.ts';

const STATUS_LINE = /^HTTP\/1\.[01] (\d{3})/;
/** https://www.rfc-editor.org/rfc/rfc9110#name-101-switching-protocols */
export const SWITCHING_PROTOCOLS = 101;
const LENGTH = 'HTTP/1.1 101'.length;

/** Calls back with the status of what is answered on a socket, by the app or by a response of Node.js. */
export function onAnswer(socket: Socket, callback: (status: number | undefined) => void): void {
  const note = (chunk: unknown): void => {
    const text = typeof chunk === 'string' ? chunk : chunk instanceof Uint8Array ? latin1(chunk) : '';
    if (text === '' || !socket.writable) return;
    const status = Number(STATUS_LINE.exec(text)?.[1]);
    // Others of 100 to 199 are no answer: https://www.rfc-editor.org/rfc/rfc9110#name-informational-1xx
    if (status < 200 && status !== SWITCHING_PROTOCOLS) return;
    stop();
    callback(status > 0 ? status : undefined);
  };
  const stop = beforeWrite(socket, note);
}

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes.subarray(0, LENGTH)).toString('latin1');

const UPGRADE = 'upgrade';
const SMALL_U = 'u'.charCodeAt(0);
const LARGE_U = 'U'.charCodeAt(0);

/** Whether a request has the header `Upgrade`. Node.js makes `headers` only when they are read, which takes longer. */
export function asksForUpgrade({ rawHeaders }: IncomingMessage): boolean {
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i];
    if (name?.length !== UPGRADE.length) continue;
    // Most names of this length, such as Referer, begin otherwise.
    const first = name.charCodeAt(0);
    if ((first === SMALL_U || first === LARGE_U) && name.toLowerCase() === UPGRADE) return true;
  }
  return false;
}

export function upgradeKind({ headers }: IncomingMessage): StreamKind {
  return headers.upgrade?.toLowerCase() === 'websocket' ? 'websocket' : 'upgrade';
}
