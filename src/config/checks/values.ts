import { getBuiltinModule } from '../../guest/builtin.ts';
import type { Check } from '../settings.ts';

const { isIP } = getBuiltinModule('node:net');

/** The longest delay of a timer in milliseconds: https://nodejs.org/api/timers.html */
const LONGEST_DELAY = 2 ** 31 - 1;

/** https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/#boolean */
export const flag: Check<boolean> = ({ value, fromCode, reject }) => {
  if (fromCode && typeof value === 'boolean') return value;
  const text = fromCode ? undefined : String(value).toLowerCase();
  if (text === 'true') return true;
  if (text === 'false') return false;
  return reject('not a boolean', 'true, false');
};

/**
 * One of several words in any case.
 *
 * @param also words that mean one of these
 * @param refused why a word is not accepted
 */
export function choice<const T extends string>(
  words: readonly T[],
  also: Readonly<Record<string, T>> = {},
  refused: Readonly<Record<string, string>> = {},
): Check<T> {
  const meanings = new Map(Object.entries(also));
  const accepted = [...words, ...meanings.keys()].join(', ');
  return ({ value, reject }) => {
    const text = typeof value === 'string' ? value.toLowerCase() : '';
    const what = new Map(Object.entries(refused)).get(text) ?? 'not one of the accepted values';
    return words.find((word) => word === text) ?? meanings.get(text) ?? reject(what, accepted);
  };
}

/** Decimal digits only. */
export function integer(minimum: number, maximum: number): Check<number> {
  return ({ value, fromCode, reject }) => {
    const digits = fromCode ? value : /^\d+$/.test(String(value)) ? Number(value) : undefined;
    const accepted = `an integer from ${minimum} to ${maximum}`;
    if (typeof digits !== 'number' || !Number.isInteger(digits)) return reject('not an integer', accepted);
    return digits < minimum || digits > maximum ? reject('out of range', accepted) : digits;
  };
}

export const port = integer(0, 65535);

/** A time for a timer. */
export const milliseconds = integer(1, LONGEST_DELAY);

export const name: Check<string> = ({ value, reject }) =>
  typeof value === 'string' && value.trim() !== ''
    ? value.trim()
    : reject('must be a non-empty string', 'a name such as shop');

export const host: Check<string> = ({ value, reject }) =>
  typeof value === 'string' && (isIP(value) !== 0 || /^[\w-]+(\.[\w-]+)*\.?$/.test(value))
    ? value
    : reject('not a host', 'a host name or an IP address, without a port');

/** Only the endpoint for all signals gets `/v1/metrics`; the one for metrics is taken as it is. */
export const otlpUrl: Check<string> = ({ name, value, reject }) => {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    return reject('not an http or https URL', 'a URL such as http://localhost:4318');
  }
  if (name === 'OTEL_EXPORTER_OTLP_ENDPOINT') url.pathname = `${url.pathname.replace(/\/+$/, '')}/v1/metrics`;
  return url.href;
};
