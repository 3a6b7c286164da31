import { quoted } from '../../guest/text.ts';
import type { Check } from '../settings.ts';
import { listOf } from './lists.ts';

/**
 * The methods of RFC 9110, PATCH of RFC 5789 and QUERY:
 * https://opentelemetry.io/docs/specs/semconv/http/http-metrics/#metric-httpserverrequestduration
 */
export const KNOWN_METHODS: readonly string[] = [
  'CONNECT',
  'DELETE',
  'GET',
  'HEAD',
  'OPTIONS',
  'PATCH',
  'POST',
  'PUT',
  'QUERY',
  'TRACE',
];

/** https://www.rfc-editor.org/rfc/rfc9110#name-tokens */
const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/;

const METHODS = 'all methods to count separately, such as GET,HEAD,POST,PURGE';

const tokens = listOf(
  (entry) => (TOKEN.test(entry) ? undefined : `${quoted(entry)} is not a method`),
  METHODS,
);

/** `GET,POST,PURGE`, in the case in which requests have them. From code the list may be empty. */
export const methods: Check<readonly string[]> = (given) => {
  const entries = tokens(given);
  return entries?.length === 0 && !given.fromCode ? given.reject('names no method', METHODS) : entries;
};
