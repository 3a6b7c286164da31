import { OTHER } from '../../metric-data/other.ts';

/** Why an export failed, where the answer of a backend tells it. */
export class OtlpFailure extends Error {
  /** `error.type`: a status, or a word. */
  readonly type: string;
  /** Of the answer, if one came. */
  readonly status: number | undefined;
  /** Milliseconds that the backend asks to be left alone. */
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

/** `error.type` of the metrics: few values, none of which names a place or a time. */
export function failureType(error: unknown): string {
  if (error instanceof OtlpFailure) return error.type;
  const { code, name }: { code?: unknown; name?: unknown } = Object(error);
  if (name === 'TimeoutError') return 'timeout';
  if (typeof code === 'string' && code !== '') return code;
  return typeof name === 'string' && name !== '' && name !== 'Error' ? name : OTHER;
}
