import type { ServerResponse } from 'node:http';
import type { Server, Socket } from 'node:net';
import { codeOf } from '../../guest/shape.ts';

/**
 * The state that Node.js itself keeps of a response. Apps change `statusCode` after the head was written, and
 * frameworks redefine `statusCode` and `headersSent`, so that neither is what the client got.
 */
interface ResponseState {
  /** The head as sent, from the status line on; null until it is written. */
  readonly _header?: unknown;
  /** The head was prepended to the first part of the body, which may still wait to be sent. */
  readonly _headerSent?: unknown;
  readonly _sent100?: unknown;
  /** Output that waits until the response has the connection. */
  readonly outputData?: readonly unknown[];
}

interface SocketState {
  /** Bytes handed to the system; undefined for a stream that is not a socket. */
  readonly _bytesDispatched?: number | undefined;
  readonly server?: Server;
  readonly errored?: unknown;
}

const STATUS_AT = 'HTTP/1.1 '.length;
const ZEROS = 111 * '0'.charCodeAt(0);
const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n'.length;
const SHORTEST_REFUSAL = 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'.length;

/** In characters; longer heads are read each time. */
const LONGEST = 1024;

/** By the length of a head: what the last response with such a head said of itself, and truly. */
const told: { readonly code: number; readonly reason: string }[] = [];

/**
 * The status in the head of a response; undefined until the head is written.
 *
 * Node.js puts the head together from some twenty strings, and to read it V8 copies them into one, which takes longer
 * than all else that is done at the end of a request. So it is not read if the response has the status code and the
 * reason phrase of the last one whose head was as long.
 */
export function writtenStatus(response: ServerResponse): number | undefined {
  const { _header: head } = response as ResponseState;
  if (typeof head !== 'string' || head.length === 0) return undefined;
  const { statusCode: code, statusMessage: reason } = response;
  const last = told[head.length];
  if (last !== undefined && last.code === code && last.reason === reason) return code;
  // Twice as fast as Number() of a slice.
  const status =
    100 * head.charCodeAt(STATUS_AT) +
    10 * head.charCodeAt(STATUS_AT + 1) +
    head.charCodeAt(STATUS_AT + 2) -
    ZEROS;
  if (!(status >= 100 && status <= 999)) return code;
  if (head.length <= LONGEST && head.startsWith(`${code} ${reason}\r\n`, STATUS_AT))
    told[head.length] = { code, reason };
  return status;
}

const LENGTH = /\r\ncontent-length: *(\d+)/i;

/**
 * Whether the client of a closed connection got all of a response that had begun: it has ended, or as much was sent as
 * its head has promised.
 *
 * @param sentBefore what `bytesSent` was when the response got the connection
 */
export function isWhole(response: ServerResponse, socket: Socket, sentBefore: number): boolean {
  if (response.writableFinished) return true;
  const { _header: head } = response as ResponseState;
  if (typeof head !== 'string') return false;
  const [, length] = LENGTH.exec(head) ?? [];
  if (length === undefined || bytesInFlight(socket) > 0) return false;
  return bytesSent(socket) - sentBefore >= head.length + Number(length);
}

/** The property of a socket with the size of the write that is under way; 0 when it is over. */
const LAST_WRITE = 'lastWriteQueueSize';

/** The size of a write that the system had not taken whole when the connection closed; 0 if there was none. */
export function bytesInFlight(socket: Socket): number {
  const key = Object.getOwnPropertySymbols(socket).find(({ description }) => description === LAST_WRITE);
  return key === undefined ? 0 : Number(Reflect.get(socket, key));
}

/** How many bytes a connection has handed to the system; 0 for a stream that does not count them. */
export function bytesSent(socket: Socket): number {
  return (socket as SocketState)._bytesDispatched ?? 0;
}

/**
 * The status that the client of a closed connection got; undefined if nothing of the answer was sent: no head was
 * written, the answer waited behind another response or in a corked stream, or the connection was gone already.
 *
 * @param sentBefore what `bytesSent` was when the response got the connection
 */
export function sentStatus(response: ServerResponse, socket: Socket, sentBefore: number): number | undefined {
  const { _header: head, _headerSent, _sent100, outputData = [] } = response as ResponseState;
  if (!_headerSent || typeof head !== 'string') return refusedStatus(socket, sentBefore);
  if (!response.socket && outputData.length > 0) return undefined;
  // A head is sent whole, with the first part of the body; informational responses may have been sent before it.
  const least = sentBefore + head.length + (_sent100 ? CONTINUE : 0);
  if ((socket as SocketState)._bytesDispatched !== undefined && bytesSent(socket) < least) return undefined;
  return writtenStatus(response);
}

/**
 * The status with which Node.js itself answers a request whose body is malformed or late, unless the app does. It
 * writes that answer to the connection, not to the response.
 * https://nodejs.org/api/http.html#event-clienterror
 */
export function refusedStatus(socket: Socket, sentBefore: number): number | undefined {
  const { errored, server } = socket as SocketState;
  const code = codeOf(errored);
  if (code === undefined) return undefined;
  if (server === undefined || server.listenerCount('clientError') > 0) return undefined;
  if (bytesSent(socket) - sentBefore < SHORTEST_REFUSAL) return undefined;
  if (code === CLIENT_GONE) return undefined;
  if (code.startsWith('HPE_')) return REFUSALS[code] ?? 400;
  return code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : undefined;
}

/** The client closed its side before the body was complete; Node.js writes an answer even so. */
const CLIENT_GONE = 'HPE_INVALID_EOF_STATE';
const REFUSALS: Readonly<Record<string, number>> = {
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  HPE_HEADER_OVERFLOW: 431,
};

/** A header of the response as written, several of one name joined by `, `; undefined if it has none. */
export function writtenHeader(response: ServerResponse, name: string): string | undefined {
  const { _header: head } = response as ResponseState;
  if (typeof head !== 'string') return undefined;
  const [, ...lines] = head.split('\r\n');
  const values = lines.flatMap((line) => {
    const colon = line.indexOf(':');
    return line.slice(0, colon).toLowerCase() === name ? line.slice(colon + 1).trim() : [];
  });
  return values.length === 0 ? undefined : values.join(', ');
}
