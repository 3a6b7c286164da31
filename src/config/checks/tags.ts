import { isRecord } from '../../guest/shape.ts';
import { quoted } from '../../guest/text.ts';
import type { Given } from '../settings.ts';
import type { TagDeclaration } from '../types.ts';
import { nameFault, sameLabel } from './labels.ts';
import { split } from './lists.ts';

const ACCEPTED = 'name=value,value2 with ; between several, names of letters, digits, _ and .';

/**
 * `plan=free,pro;region=eu,us`, or an object of arrays.
 *
 * @param labels names that no tag can have, since every series has them
 */
export function tags(given: Given, labels: readonly string[]): readonly TagDeclaration[] | undefined {
  const entries = entriesOf(given);
  if (entries === undefined) return undefined;
  const found = new Map<string, readonly string[]>();
  let sound = true;
  for (const [key, values] of entries) {
    const what = found.has(key)
      ? 'is given twice'
      : (nameFault(key) ?? sameLabel(key, found.keys()) ?? valuesFault(values));
    if (what === undefined) found.set(key, values);
    else {
      sound = false;
      given.reject(`${quoted(key)} ${what}`, ACCEPTED);
    }
  }
  if (!sound) return undefined;
  for (const key of found.keys()) {
    const what = labels.includes(key) ? 'is already a label of every series' : sameLabel(key, labels);
    if (what !== undefined) given.reject(`${quoted(key)} ${what}`, 'names that no label has');
  }
  return [...found].map(([key, values]) => ({ key, values }));
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
