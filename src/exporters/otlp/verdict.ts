import { type Answer, acceptance, ownWords } from './answer.ts';
import { OtlpFailure } from './failure.ts';
import type { PartialSuccess } from './protobuf-answer.ts';
import { parseRetryAfter } from './retry-after.ts';
import type { Quote } from './words.ts';

/** What an answer means for the export. */
export type Verdict =
  | { readonly status: 'success'; readonly partial: PartialSuccess | undefined }
  | { readonly status: 'failure' | 'retryable'; readonly error: OtlpFailure };

/** https://opentelemetry.io/docs/specs/otlp/#retryable-response-codes */
const RETRYABLE: readonly number[] = [429, 502, 503, 504];

/** @param now milliseconds since the epoch */
export function verdictOf(answer: Answer, quote: Quote, now: number): Verdict {
  const { status, statusText } = answer;
  if (status >= 200 && status < 300) {
    const accepted = acceptance(answer);
    if (accepted.otlp) return { status: 'success', partial: accepted.partial };
    const type = answer.contentType === undefined ? '' : `, of type ${quote(answer.contentType)},`;
    const message = `status ${status}, but the response${type} is not OTLP${saying(answer, quote)}`;
    return { status: 'failure', error: new OtlpFailure(message, { type: 'not_otlp', status }) };
  }
  const retryable = RETRYABLE.includes(status);
  const retryAfterMillis = retryable ? parseRetryAfter(answer.retryAfter, answer.date, now) : undefined;
  const message = [
    `status ${status}`,
    statusText === '' ? '' : ` ${quote(statusText)}`,
    status >= 300 && status < 400 ? redirection(answer.location) : '',
    saying(answer, quote),
    retryAfterMillis ? ` (it asks to wait ${Math.ceil(retryAfterMillis / 1000)} s)` : '',
  ].join('');
  const error = new OtlpFailure(message, { type: String(status), status, retryAfterMillis });
  return { status: retryable ? 'retryable' : 'failure', error };
}

function saying(answer: Answer, quote: Quote): string {
  const words = quote(ownWords(answer));
  return words === '' || words === answer.statusText ? '' : `: ${words}`;
}

/** Without its query, which may carry a token. */
function redirection(location: string | undefined): string {
  if (location === undefined || !URL.canParse(location)) return '';
  const { origin, pathname } = new URL(location);
  return ` to ${origin}${pathname}`;
}
