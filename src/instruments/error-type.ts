import { OTHER } from '../metric-data/other.ts';

/** In characters; a type that is longer is cut. */
const LONGEST = 64;
const PLAIN = /^[\w$]{1,64}$/;
/** What would break a line, or has no place in UTF-8. */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Surrogate}]/gu;

/**
 * A name or a code as `error.type`, in whatever alphabet: one line of 64 characters at most, with `_` for what cannot
 * be printed; `_OTHER` if nothing is left.
 * https://opentelemetry.io/docs/specs/semconv/registry/attributes/error/#error-type
 */
export function errorTypeText(text: string): string {
  if (PLAIN.test(text)) return text;
  // Half of a pair at the end of the slice is beyond the 64th character.
  const start = [...text.slice(0, 4 * LONGEST).trim()].slice(0, LONGEST).join('');
  return start.replace(UNPRINTABLE, '_').trim() || OTHER;
}
