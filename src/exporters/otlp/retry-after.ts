/** The longest that is waited on a backend's word, in milliseconds: it may have meant something else. */
const LONGEST = 3_600_000;

/**
 * How long a backend asks to be left alone, in milliseconds; undefined if it says nothing that can be understood.
 * https://www.rfc-editor.org/rfc/rfc9110#name-retry-after
 *
 * @param date when the server says that it answered: its clock may be another
 */
export function parseRetryAfter(
  value: string | undefined,
  date: string | undefined,
  now: number,
): number | undefined {
  const text = value?.trim() ?? '';
  if (/^\d+$/.test(text)) return Math.min(Number(text) * 1000, LONGEST);
  const until = httpDate(text);
  if (until === undefined) return undefined;
  return Math.min(Math.max(until - (httpDate(date) ?? now), 0), LONGEST);
}

function httpDate(text = ''): number | undefined {
  const time = /^[A-Z][a-z]+,? .*\d/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}
