import type { ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import { codeOf } from '../../guest/shape.ts';

/**
 * `error.type` of a request that did not end with the whole answer of the app; `timeout` is the word of the conventions.
 *
 * - `aborted`: the client went away, before the answer (there is no status) or within it
 * - `destroyed`: the server closed the connection, before the answer or within it
 * - `taken`: the app took the socket from the response and answered on it, so that the status is unknown
 * - `malformed`: Node.js rejected the request, which it could not parse, with 400, 413 or 431
 * - `timeout`: Node.js rejected the request, which came too late, with 408
 * - `refused`: the server refused the stream, before it had done anything (HTTP/2 only)
 *
 * https://opentelemetry.io/docs/specs/semconv/registry/attributes/error/#error-type
 */
export type Cut = 'aborted' | 'destroyed' | 'taken' | 'malformed' | 'timeout' | 'refused';

/** With which a connection fails whose client is gone. */
const GONE = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH']);
/** The client closed its side within a request. */
const HALF = 'HPE_INVALID_EOF_STATE';

/** What an engine knows of a closed connection. */
export interface Closed {
  /** Whether anything was sent since the request had the connection. */
  readonly wasSentTo: boolean;
  /** Whether the server closed its side before the client did. */
  readonly isServers: boolean;
}

/** Why the answer on a closed connection is not whole. */
export function cutOf(
  { errored, readableEnded, writableFinished }: Socket,
  { wasSentTo, isServers }: Closed,
): Cut {
  const code = codeOf(errored);
  if (code === HALF || (code !== undefined && GONE.has(code))) return 'aborted';
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return 'timeout';
  if (code?.startsWith('HPE_')) return 'malformed';
  if (readableEnded && !isServers) return 'aborted';
  return wasSentTo && writableFinished ? 'taken' : 'destroyed';
}

/** https://www.rfc-editor.org/rfc/rfc9113#name-error-codes */
const NO_ERROR = 0;
const REFUSED_STREAM = 7;
const CANCEL = 8;

/** Why the answer on a closed stream is not whole; undefined if it is. A stream that is cancelled counts as the client's. */
export function cutOfStream({
  aborted,
  rstCode,
  session,
  writableFinished,
}: ServerHttp2Stream): Cut | undefined {
  // An answer that the app has ended is not aborted, whatever has been sent of it.
  if (!aborted && (writableFinished || rstCode === NO_ERROR)) return undefined;
  if (rstCode === REFUSED_STREAM) return 'refused';
  const code = codeOf(session?.socket?.errored);
  return rstCode === CANCEL || (code !== undefined && GONE.has(code)) ? 'aborted' : 'destroyed';
}
