import { OTHER } from '../metric-data/other.ts';

/** In characters; a longer type is cut. */
const LONGEST = 64;
const PLAIN = /^[\w$]{1,64}$/;
/** Characters that would break a line, or that UTF-8 cannot express. */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Surrogate}]/gu;

/**
 * A name or a code as `error.type`, in any alphabet: one line of at most 64 characters, with `_` for each that cannot
 * be printed; `_OTHER` if nothing is left.
 * https://opentelemetry.io/docs/specs/semconv/registry/attributes/error/#error-type
 */
export function errorTypeText(text: string): string {
  if (PLAIN.test(text)) return text;
  // Half of a surrogate pair at the end of the slice lies beyond the 64th character.
  const start = [...text.slice(0, 4 * LONGEST).trim()].slice(0, LONGEST).join('');
  return start.replace(UNPRINTABLE, '_').trim() || OTHER;
}
