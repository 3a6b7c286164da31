/**
 * What the OTLP library has no option for, done on the instance of its exact pinned version: its delays between
 * retries keep a process alive, it tells of a failed attempt only when all have failed, and it reports a partial
 * success to a logger that nobody set.
 *
 * A version of another shape is left as it is; a test fails then.
 */

/** https://opentelemetry.io/docs/specs/otlp/#partial-success-1 */
export interface PartialSuccess {
  readonly rejectedDataPoints: number;
  readonly errorMessage: string;
}

export interface Seams {
  /** One attempt failed; the library may try again. */
  readonly onAttemptFailed: (error: unknown) => void;
  readonly onPartialSuccess: (partial: PartialSuccess) => void;
  /** Aborted when the exporter is closed: no attempt starts after that. */
  readonly closed: AbortSignal;
}

interface Attempt {
  readonly status: 'success' | 'failure' | 'retryable';
  readonly error?: unknown;
}

type Send = (data: Uint8Array, timeoutMillis: number) => Promise<Attempt>;

/** @returns false if the library has another shape */
export function openSeams(exporter: object, seams: Seams): boolean {
  const delegate = read(exporter, '_delegate');
  const retrying = read(delegate, '_transport');
  const http = read(retrying, '_transport');
  const send = read(http, 'send');
  const fits =
    isObject(delegate) &&
    isObject(retrying) &&
    isObject(http) &&
    typeof send === 'function' &&
    typeof read(retrying, 'retry') === 'function' &&
    typeof read(read(delegate, '_responseHandler'), 'handleResponse') === 'function';
  if (!fits) return false;

  const attempt: Send = async (data, timeoutMillis) => {
    if (seams.closed.aborted) return { status: 'failure', error: new Error('the exporter is closed') };
    const result: Attempt = await send.call(http, data, timeoutMillis);
    if (result.status !== 'success') seams.onAttemptFailed(result.error ?? overloaded());
    return result;
  };
  const retry = (data: Uint8Array, timeoutMillis: number, inMillis: number): Promise<Attempt> =>
    new Promise((resolve, reject) => {
      // `Retry-After: 0` reaches here as -1, which Node.js warns of.
      const delay = Math.max(inMillis, 0);
      setTimeout(() => attempt(data, timeoutMillis).then(resolve, reject), delay).unref();
    });
  Reflect.set(http, 'send', attempt);
  Reflect.set(retrying, 'retry', retry);
  Reflect.set(delegate, '_responseHandler', {
    handleResponse: (response: unknown) => {
      const partial = read(response, 'partialSuccess');
      // JSON carries 64-bit numbers as text.
      const rejectedDataPoints = Number(read(partial, 'rejectedDataPoints') ?? 0);
      const errorMessage = String(read(partial, 'errorMessage') ?? '');
      if (rejectedDataPoints > 0 || errorMessage !== '') {
        seams.onPartialSuccess({ rejectedDataPoints, errorMessage });
      }
    },
  });
  return true;
}

/** The library keeps the status of an answer it may retry to itself. */
function overloaded(): Error {
  return new Error('the backend is overloaded or unavailable (status 429, 502, 503 or 504)');
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function read(value: unknown, key: string): unknown {
  return isObject(value) ? Reflect.get(value, key) : undefined;
}
