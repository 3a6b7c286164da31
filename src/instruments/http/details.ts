import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import { bytesSent } from './answer.ts';
import { before, withArguments } from './before.ts';
import { bytesUnsent } from './unsent.ts';

/** What is measured of requests only if it is configured. */
export interface OptIn {
  /** `ROUTEMETER_FIRST_BYTE` */
  readonly firstByte: boolean;
  /** `ROUTEMETER_BODY_SIZE` */
  readonly bodySize: boolean;
  /** `ROUTEMETER_QUEUE` */
  readonly queue: boolean;
}

/** What has been measured of a request because it is configured. */
export class Details {
  /** How long the request waited before the app saw it; undefined if it is not asked for. */
  queueSeconds: number | undefined = undefined;
  /** From the head of the request to the first byte; undefined if there is no answer, or it is not asked for. */
  firstByteSeconds: number | undefined = undefined;
  /** Bytes of the bodies as they were transferred; undefined if they are not asked for. */
  requestBytes: number | undefined = undefined;
  responseBytes: number | undefined = undefined;
  readonly #start: number;

  /** @param start of the request, by `performance.now()` */
  constructor(start: number) {
    this.#start = start;
  }

  answered(): void {
    this.firstByteSeconds = (performance.now() - this.#start) / 1000;
  }
}

/** In bytes; 0 for what is no data. */
function lengthOf(chunk: unknown, encoding: unknown): number {
  if (typeof chunk === 'string') return Buffer.byteLength(chunk, encodingOf(encoding));
  return chunk instanceof Uint8Array ? chunk.byteLength : 0;
}

function encodingOf(encoding: unknown): BufferEncoding {
  return typeof encoding === 'string' && Buffer.isEncoding(encoding) ? encoding : 'utf8';
}

/** A length from a header; 0 if there is none. */
function declaredLength(value: unknown): number {
  const length = Number(value);
  return Number.isSafeInteger(length) && length > 0 ? length : 0;
}

/** Begins to measure a request of HTTP/1, before the app sees it: compression runs above what is counted here. */
export function watchMessages(
  { firstByte, bodySize }: OptIn,
  request: IncomingMessage,
  response: ServerResponse,
  start: number,
): Details {
  const details = new Details(start);
  if (firstByte) {
    // Every first part of an answer passes through it, the head by itself included.
    const stop = before(response, '_send', () => {
      details.answered();
      stop();
    });
  }
  if (bodySize) {
    let received = 0;
    let written = 0;
    details.requestBytes = 0;
    details.responseBytes = 0;
    before(request, 'push', (chunk, encoding) => {
      received += lengthOf(chunk, encoding);
      details.requestBytes = received;
    });
    const count = (chunk: unknown, encoding: unknown): void => {
      // What follows is not sent.
      if (response.writableEnded) return;
      written += lengthOf(chunk, encoding);
      details.responseBytes = written;
    };
    before(response, 'write', count);
    before(response, 'end', count);
  }
  return details;
}

interface Written {
  readonly _hasBody?: unknown;
  readonly _header?: unknown;
}

/** Completes the sizes of a request of HTTP/1 that is over, as far as they were asked for. */
export function settleMessages(
  details: Details,
  request: IncomingMessage,
  response: ServerResponse & Written,
  socket: Socket,
  sentBefore: number,
  isAnswered: boolean,
): void {
  if (details.requestBytes === undefined || details.responseBytes === undefined) return;
  // A body that the app does not read is thrown away unseen.
  if (request.complete) {
    details.requestBytes = Math.max(details.requestBytes, declaredLength(request.headers['content-length']));
  }
  if (!isAnswered || response._hasBody === false) details.responseBytes = 0;
  else if (!response.writableFinished) {
    const head = typeof response._header === 'string' ? response._header.length : 0;
    const sent = bytesSent(socket) - bytesUnsent(socket) - sentBefore - head;
    details.responseBytes = Math.min(details.responseBytes, Math.max(0, sent));
  }
}

const FILES = ['respondWithFile', 'respondWithFD'];

/** Called when a write is over. */
type Done = (error?: unknown) => void;

interface Chunk {
  readonly chunk: unknown;
  readonly encoding: unknown;
}

/** Begins to measure a stream of HTTP/2. Node.js publishes when a head is sent, except before a file. */
export function watchStream(
  { firstByte, bodySize }: OptIn,
  stream: ServerHttp2Stream,
  start: number,
): Details {
  const details = new Details(start);
  if (firstByte) for (const name of FILES) before(stream, name, () => details.answered());
  if (!bodySize) return details;
  let received = 0;
  let written = 0;
  details.requestBytes = 0;
  details.responseBytes = 0;
  before(stream, 'push', (chunk, encoding) => {
    received += lengthOf(chunk, encoding);
    details.requestBytes = received;
  });
  const counted =
    (bytes: number, done: Done): Done =>
    (error) => {
      if (!error) written += bytes;
      details.responseBytes = written;
      done(error);
    };
  withArguments(stream, '_write', (chunk, encoding, done) => [
    chunk,
    encoding,
    counted(lengthOf(chunk, encoding), done as Done),
  ]);
  withArguments(stream, '_writev', (chunks, done) => {
    const bytes = (chunks as readonly Chunk[]).reduce(
      (sum, { chunk, encoding }) => sum + lengthOf(chunk, encoding),
      0,
    );
    return [chunks, counted(bytes, done as Done)];
  });
  return details;
}

/** Completes the sizes of a stream that is over. */
export function settleStream(
  details: Details,
  stream: ServerHttp2Stream,
  method: string,
  isWhole: boolean,
): void {
  if (details.responseBytes === undefined) return;
  if (method === 'HEAD' || stream.sentHeaders === undefined) details.responseBytes = 0;
  // A file is sent without passing through the stream.
  else if (details.responseBytes === 0 && isWhole) {
    details.responseBytes = declaredLength(stream.sentHeaders['content-length']);
  }
}
