/** The longest wait that a backend can ask for, in milliseconds: a longer one is probably a mistake. */
const LONGEST = 3_600_000;

/**
 * How long a backend asks us to wait, in milliseconds; undefined if there is no valid value.
 * https://www.rfc-editor.org/rfc/rfc9110#name-retry-after
 *
 * @param date the `Date` header: the server's clock may differ from ours
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
