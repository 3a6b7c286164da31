import { quoted } from '../guest/text.ts';
import { list } from './lists.ts';
import type { Check } from './settings.ts';

/**
 * Those of RFC 9110, with PATCH of RFC 5789 and QUERY:
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

/** `GET,POST,PURGE`, in the case in which requests have them; all that are not in it are `_OTHER`. */
export const methods: Check<readonly string[]> = (given) => {
  const accepted = 'all methods to be told apart, such as GET,HEAD,POST,PURGE';
  const entries = list(given);
  if (entries?.length === 0 && !given.fromCode) return given.reject('names no method', accepted);
  const wrong = entries?.filter((entry) => !TOKEN.test(entry)) ?? [];
  for (const entry of wrong) given.reject(`${quoted(entry)} is not a method`, accepted);
  return wrong.length === 0 ? entries : undefined;
};
