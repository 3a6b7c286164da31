import { OTHER } from '../../metric-data/other.ts';

/** An export that failed for a reason found in the backend's answer. */
export class OtlpFailure extends Error {
  /** For `error.type`: a status, or a word. */
  readonly type: string;
  /** The status of the answer, if one came. */
  readonly status: number | undefined;
  /** How long the backend asks us to wait, in milliseconds. */
  readonly retryAfterMillis: number | undefined;

  constructor(
    message: string,
    what: { readonly type: string; readonly status?: number; readonly retryAfterMillis?: number | undefined },
  ) {
    super(message);
    this.type = what.type;
    this.status = what.status;
    this.retryAfterMillis = what.retryAfterMillis;
  }
}

/** The metrics' `error.type`: one of few values, without addresses or times. */
export function failureType(error: unknown): string {
  if (error instanceof OtlpFailure) return error.type;
  const { code, name }: { code?: unknown; name?: unknown } = Object(error);
  if (name === 'TimeoutError') return 'timeout';
  if (typeof code === 'string' && code !== '') return code;
  return typeof name === 'string' && name !== '' && name !== 'Error' ? name : OTHER;
}
