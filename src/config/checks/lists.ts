import { quoted } from '../../guest/text.ts';
import type { Check, Given } from '../settings.ts';
import { type AttributeRule, EXPORTER_NAMES, type ExporterName } from '../types.ts';

/** `a,b` or an array. */
export function list({ value, fromCode, reject }: Given): readonly string[] | undefined {
  if (!fromCode) return split(String(value));
  if (Array.isArray(value) && value.every((entry) => typeof entry === 'string')) return value;
  return reject('not an array of strings', "an array such as ['a', 'b']");
}

/** The entries between commas, trimmed, without empty ones. */
export function split(text: string): readonly string[] {
  return text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}

/** What is wrong with one entry, if anything. */
type Fault = (entry: string) => string | undefined;

/** A list whose entries are all valid; each one that is not is a problem. */
export function listOf(fault: Fault, accepted: string): (given: Given) => readonly string[] | undefined {
  return (given) => {
    const entries = list(given);
    const faults = (entries ?? []).flatMap((entry) => fault(entry) ?? []);
    for (const what of faults) given.reject(what, accepted);
    return faults.length === 0 ? entries : undefined;
  };
}

/** Exporters in any case and order; without an entry the environment means the default, and code none. */
export const exporterNames: Check<readonly ExporterName[]> = (given) => {
  const words = new Set(list(given)?.map((entry) => entry.toLowerCase()));
  if (words.size === 0 && !given.fromCode) return undefined;
  const known: readonly string[] = EXPORTER_NAMES;
  for (const word of words) {
    if (word === 'none' ? words.size === 1 : known.includes(word)) continue;
    const what =
      word === 'none' ? '"none" cannot be combined with other exporters' : `unknown exporter ${quoted(word)}`;
    given.reject(what, [...known, 'none'].join(', '));
  }
  return EXPORTER_NAMES.filter((name) => words.has(name));
};

/** `/healthz`, `/internal/*`, or `*`. */
export const ignored = listOf(
  (entry) => (entry.startsWith('/') || entry === '*' ? undefined : `${quoted(entry)} does not start with /`),
  'paths such as /healthz,/internal/*, or *',
);

const signed = listOf((entry) => {
  if (!/^[+-]/.test(entry)) return `${quoted(entry)} starts with neither + nor -`;
  return /^.\S+$/.test(entry) ? undefined : `${quoted(entry)} names no attribute`;
}, '+name to keep and -name to drop, * for any text');

/** `+server.address,-url.*` */
export const attributeRules: Check<readonly AttributeRule[]> = (given) =>
  signed(given)?.map((entry) => ({ attribute: entry.slice(1), keep: entry.startsWith('+') }));

/** https://www.rfc-editor.org/rfc/rfc9110#name-tokens */
export const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/;

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
