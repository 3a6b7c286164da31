import type { ClientRequest, IncomingMessage } from 'node:http';
import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type { Answer } from './answer.ts';
import { decodeContent } from './content-encoding.ts';
import type { Verdict } from './verdict.ts';

/**
 * Changes to an instance of the OTLP library, at its exact pinned version, for which it has no option: its delays
 * between retries keep the process alive, it reports little of an answer, and its JSON cannot express non-finite
 * numbers.
 *
 * A version of another shape is left unchanged, and a test fails.
 */

export interface Seams {
  /** Decides what one answer means. */
  readonly judge: (answer: Answer) => Verdict;
  /** One attempt failed; the library may try again. */
  readonly onAttemptFailed: (error: unknown) => void;
  /** An answer has ended the export successfully. */
  readonly onAccepted: (verdict: Verdict & { readonly status: 'success' }) => void;
  /** Aborted when the exporter is closed: no attempt starts after that. */
  readonly closed: AbortSignal;
  /** Replaces the library's own encoder. */
  readonly encode?: ((metrics: ResourceMetrics) => Uint8Array) | undefined;
}

interface Attempt {
  readonly status: 'success' | 'failure' | 'retryable';
  readonly error?: unknown;
  readonly retryInMillis?: number | undefined;
}

type Send = (data: Uint8Array, timeoutMillis: number) => Promise<Attempt>;
type Request = (url: URL, options: object, onResponse: (response: IncomingMessage) => void) => ClientRequest;

/** The most bytes of an answer that are kept: a longer one is not OTLP, and only part of it is shown. */
const MOST_BODY = 1_048_576;

/** @returns false if the library has another shape */
export function openSeams(exporter: object, seams: Seams): boolean {
  const delegate = read(exporter, '_delegate');
  const retrying = read(delegate, '_transport');
  const http = read(retrying, '_transport');
  const send = read(http, 'send');
  const loadUtils = read(http, '_loadUtils');
  const serializer = read(delegate, '_serializer');
  const fits =
    isObject(delegate) &&
    isObject(retrying) &&
    isObject(http) &&
    isObject(serializer) &&
    typeof send === 'function' &&
    typeof loadUtils === 'function' &&
    typeof read(retrying, 'retry') === 'function' &&
    typeof read(serializer, 'serializeRequest') === 'function' &&
    typeof read(read(delegate, '_responseHandler'), 'handleResponse') === 'function';
  if (!fits) return false;

  /** Receives the answer to the attempt that is about to make its request. */
  let hear = (_: Answer): void => {};

  const attempt: Send = async (data, timeoutMillis) => {
    if (seams.closed.aborted) return { status: 'failure', error: new Error('the exporter is closed') };
    let answer: Answer | undefined;
    hear = (heard) => {
      answer = heard;
    };
    const result: Attempt = await send.call(http, data, timeoutMillis);
    const verdict = answer && seams.judge(answer);
    if (verdict?.status === 'success') {
      seams.onAccepted(verdict);
      return { status: 'success' };
    }
    if (verdict !== undefined) {
      seams.onAttemptFailed(verdict.error);
      const { retryAfterMillis } = verdict.error;
      return { ...verdict, ...(retryAfterMillis !== undefined && { retryInMillis: retryAfterMillis }) };
    }
    if (result.status !== 'success')
      seams.onAttemptFailed(result.error ?? new Error('the response was cut off'));
    return result;
  };
  const retry = (data: Uint8Array, timeoutMillis: number, inMillis: number): Promise<Attempt> =>
    new Promise((resolve, reject) => {
      setTimeout(() => attempt(data, timeoutMillis).then(resolve, reject), inMillis).unref();
    });
  Reflect.set(http, 'send', attempt);
  Reflect.set(http, '_loadUtils', async () => {
    const utils: { readonly request: Request } = await loadUtils.call(http);
    const request: Request = (url, options, onResponse) => {
      const heard = hear;
      return utils.request(url, options, (response) => {
        listen(response, heard);
        onResponse(response);
      });
    };
    return { ...utils, request };
  });
  Reflect.set(retrying, 'retry', retry);
  // Everything that it would report is known already.
  Reflect.set(delegate, '_responseHandler', { handleResponse() {} });
  if (seams.encode) Reflect.set(delegate, '_serializer', { ...serializer, serializeRequest: seams.encode });
  return true;
}

/**
 * Listens before the library does, so that the answer is known when the attempt is over. The beginning counts as the
 * answer where it is too long, or a refusal that is cut off.
 */
function listen(response: IncomingMessage, heard: (answer: Answer) => void): void {
  const { statusCode = 0, statusMessage = '', headers } = response;
  const chunks: Buffer[] = [];
  let size = 0;
  const hear = (): void =>
    heard({
      status: statusCode,
      statusText: statusMessage,
      contentType: headers['content-type'],
      location: headers.location,
      retryAfter: headers['retry-after'],
      date: headers.date,
      body: decodeContent(Buffer.concat(chunks).subarray(0, MOST_BODY), headers['content-encoding']),
    });
  response.on('data', (chunk: Buffer) => {
    if (size >= MOST_BODY) return;
    chunks.push(chunk);
    size += chunk.length;
    if (size >= MOST_BODY) hear();
  });
  response.once('end', () => {
    if (size < MOST_BODY) hear();
  });
  response.once('error', () => {
    if (statusCode >= 300) hear();
  });
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function read(value: unknown, key: string): unknown {
  return isObject(value) ? Reflect.get(value, key) : undefined;
}
