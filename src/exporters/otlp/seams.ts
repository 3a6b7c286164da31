import type { ClientRequest, IncomingMessage } from 'node:http';
import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type { Answer } from './answer.ts';
import { decodeContent } from './content-encoding.ts';
import type { Verdict } from './verdict.ts';

/**
 * What the OTLP library has no option for, done on the instance of its exact pinned version: its delays between
 * retries keep a process alive, of an answer it tells little, and its JSON has no number that is not finite.
 *
 * A version of another shape is left as it is; a test fails then.
 */

export interface Seams {
  /** What one answer means. */
  readonly judge: (answer: Answer) => Verdict;
  /** One attempt failed; the library may try again. */
  readonly onAttemptFailed: (error: unknown) => void;
  /** The answer that ends an export well. */
  readonly onAccepted: (verdict: Verdict & { readonly status: 'success' }) => void;
  /** Aborted when the exporter is closed: no attempt starts after that. */
  readonly closed: AbortSignal;
  /** In place of the library's own. */
  readonly encode?: ((metrics: ResourceMetrics) => Uint8Array) | undefined;
}

interface Attempt {
  readonly status: 'success' | 'failure' | 'retryable';
  readonly error?: unknown;
  readonly retryInMillis?: number | undefined;
}

type Send = (data: Uint8Array, timeoutMillis: number) => Promise<Attempt>;
type Request = (url: URL, options: object, onResponse: (response: IncomingMessage) => void) => ClientRequest;

/** Bytes of an answer that are kept: what is longer is not OTLP, and is shown in part only. */
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

  /** Of the attempt that is about to make its request. */
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
    if (result.status !== 'success') seams.onAttemptFailed(result.error ?? new Error('the answer broke off'));
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
  // What it would be told is known already.
  Reflect.set(delegate, '_responseHandler', { handleResponse() {} });
  if (seams.encode) Reflect.set(delegate, '_serializer', { ...serializer, serializeRequest: seams.encode });
  return true;
}

/**
 * Before the library's own listeners, so that an answer is known when the attempt is over. Of one that is too long, or of
 * a refusal that breaks off, the beginning is the answer.
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
