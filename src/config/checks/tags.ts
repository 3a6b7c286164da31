import { isRecord } from '../../guest/shape.ts';
import { quoted } from '../../guest/text.ts';
import type { Given } from '../settings.ts';
import type { TagDeclaration, TagHeader } from '../types.ts';
import { nameFault, sameLabel } from './labels.ts';
import { split, TOKEN } from './lists.ts';

const ACCEPTED =
  'name=value,value2 or name@header=value,value2 with ; between several, names of letters, digits, _ and .';

/**
 * `plan=free,pro;region=eu,us`, or an object of arrays. After an `@` comes the header of the request that has the value,
 * `plan@x-plan=free,pro`, or that of the response, `plan@response:x-plan=free,pro`.
 *
 * @param labels names that no tag can have, since every series has them
 */
export function tags(given: Given, labels: readonly string[]): readonly TagDeclaration[] | undefined {
  const entries = entriesOf(given);
  if (entries === undefined) return undefined;
  const found = new Map<string, TagDeclaration>();
  let sound = true;
  for (const [text, values] of entries) {
    const [key, header] = sourceOf(text);
    const what = found.has(key)
      ? 'is given twice'
      : (nameFault(key) ?? sameLabel(key, found.keys()) ?? headerFault(header) ?? valuesFault(values));
    if (what === undefined) found.set(key, { key, values, ...(header instanceof Object && { header }) });
    else {
      sound = false;
      given.reject(`${quoted(text)} ${what}`, ACCEPTED);
    }
  }
  if (!sound) return undefined;
  for (const key of found.keys()) {
    const what = labels.includes(key) ? 'is already a label of every series' : sameLabel(key, labels);
    if (what !== undefined) given.reject(`${quoted(key)} ${what}`, 'names that no label has');
  }
  return [...found.values()];
}

/** The key and its header; undefined if it has none, and the text that names none if it should have one. */
function sourceOf(text: string): readonly [key: string, header: TagHeader | string | undefined] {
  const at = text.indexOf('@');
  if (at < 0) return [text, undefined];
  const source = text.slice(at + 1).trim();
  const [, of = 'request', name = ''] = /^(?:(request|response):)?(.*)$/s.exec(source) ?? [];
  const isSound = TOKEN.test(name);
  return [
    text.slice(0, at).trim(),
    isSound ? { of: of === 'response' ? of : 'request', name: name.toLowerCase() } : source,
  ];
}

function headerFault(header: TagHeader | string | undefined): string | undefined {
  return typeof header === 'string' ? 'names no header, such as x-plan or response:x-plan' : undefined;
}

function entriesOf(given: Given): readonly (readonly [string, readonly string[]])[] | undefined {
  const { value, fromCode, reject } = given;
  if (!fromCode) {
    return String(value)
      .split(';')
      .filter((entry) => entry.trim() !== '')
      .map((entry) => {
        const equals = entry.indexOf('=');
        return equals < 0
          ? [entry.trim(), []]
          : [entry.slice(0, equals).trim(), split(entry.slice(equals + 1))];
      });
  }
  if (!isRecord(value))
    return reject('not an object', "an object of arrays such as { plan: ['free', 'pro'] }");
  return Object.entries(value).map(([key, values]) => [
    key,
    Array.isArray(values) && values.every((each) => typeof each === 'string') ? values : [],
  ]);
}

function valuesFault(values: readonly string[]): string | undefined {
  if (values.length === 0 || values.includes('')) return 'has no values, or an empty one';
  return new Set(values).size < values.length ? 'has the same value twice' : undefined;
}
