import type { IncomingHttpHeaders } from 'node:http';

/** From the proxy in front, in the order in which they are believed. */
const HEADERS = ['x-request-start', 'x-queue-start'];
/** Digits that are no other field's value, as in `D=123 t=1700000000123456`. */
const TIME = /(?:^|[\s,;])(?:t=)?(\d{10,19}(?:\.\d{0,9})?)(?=$|[\s,;])/;
const LONGEST_SECONDS = 300;

/** How many of the unit are a second, by what a time since 1970 is at least if it is in that unit. */
const UNITS = [
  { least: 1e17, perSecond: 1e9 },
  { least: 1e14, perSecond: 1e6 },
  { least: 1e11, perSecond: 1e3 },
  { least: 0, perSecond: 1 },
] as const;

/**
 * How long ago a proxy took a request, by `t=1700000000.123` (nginx), `1700000000123` (Heroku), `t=1700000000123456`
 * (Apache) and the like: seconds, milliseconds, microseconds or nanoseconds since 1970, which their size tells apart. Of
 * several the first counts.
 *
 * @param now in milliseconds since 1970
 * @returns seconds; undefined if the text has no time, or one that is in the future or more than 300 s ago
 */
export function queuedBefore(text: string, now: number): number | undefined {
  const time = Number(TIME.exec(text)?.[1] ?? Number.NaN);
  const unit = UNITS.find(({ least }) => time >= least);
  if (unit === undefined) return undefined;
  const seconds = now / 1000 - time / unit.perSecond;
  return seconds >= 0 && seconds <= LONGEST_SECONDS ? seconds : undefined;
}

/** As `queuedBefore`, of the headers of a request. */
export function queuedByProxy(headers: IncomingHttpHeaders, now: number): number | undefined {
  for (const name of HEADERS) {
    const text = headers[name];
    const seconds = text === undefined ? undefined : queuedBefore(String(text), now);
    if (seconds !== undefined) return seconds;
  }
  return undefined;
}
