import { decoded } from '../../guest/shape.ts';
import { quoted } from '../../guest/text.ts';
import type { Check } from '../settings.ts';
import { listOf } from './lists.ts';

/**
 * `/users/:id`, `/files/*`: the part of find-my-way's syntax (https://github.com/delvedor/find-my-way) that it always
 * accepts and that a URL can match, since it compares decoded paths. Expressions, escaped colons and the parameters of
 * other frameworks are not part of it.
 */
export const routePatterns: Check<readonly string[]> = (given) => {
  const declared = new Map<string, string>();
  return listOf((entry) => {
    const what = patternFault(entry) ?? clash(entry, declared);
    return what && `${quoted(entry)} ${what}`;
  }, 'patterns such as /users/:id,/users/:id/posts/:post?,/files/*')(given);
};

/** What is wrong with a pattern by itself, if anything. */
function patternFault(pattern: string): string | undefined {
  if (!pattern.startsWith('/')) return 'does not start with /';
  if (/[{}<>[\]]/.test(pattern)) return bracketFault(pattern);
  if (/[()]/.test(pattern)) return 'has a parenthesis';
  if (pattern.includes('\\')) return 'has a backslash';
  if (pattern.includes('::')) return 'has a double colon';
  if (/\*./s.test(pattern))
    return `has a * before its end${suggestion(pattern, pattern.replace(/\*+\w*$/, '*'))}`;
  if (pattern.includes('#')) return 'has a #, which no path contains';
  if (/%[\da-f]{2}/i.test(pattern))
    return `is percent-encoded${suggestion(pattern, decoded(pattern) ?? pattern)}`;
  const required = withoutOptional(pattern) ?? pattern;
  if (/:\w+\?/.test(required)) return 'has an optional parameter that is not the whole last segment';
  if (required.includes('?')) return 'has a query';
  if (/:[^/]*\*/.test(required)) return 'has a * in the segment of a parameter';
  if (/:(?!\w+([-./]|$))/.test(pattern.replace(/\?$/, ''))) {
    return 'has a parameter whose name contains more than letters, digits and _';
  }
  return undefined;
}

/** Parameters of other frameworks, and how they are written here: `{id}`, `<int:id>`, `[id]`, `[...path]`, `{/:id}`. */
const SPELLINGS: readonly (readonly [RegExp, string])[] = [
  [/\{\/:(\w+)\}$/, '/:$1?'],
  [/\{\*+\w*\}|\{\w+(\.\.\.|:path|:\.\*)\}|\[\[?\.\.\.\w+\]?\]|<path:\w+>/, '*'],
  [/\{(\w+)(?::[^{}]*?)?(\??)\}/g, ':$1$2'],
  [/<(?:[^<>:]+:)?(\w+)>/g, ':$1'],
  [/\[\[?(\w+)\]?\]/g, ':$1'],
];

function bracketFault(pattern: string): string {
  const meant = SPELLINGS.reduce((text, [theirs, ours]) => text.replace(theirs, ours), pattern);
  return `has a bracket, but a parameter is written :name${suggestion(pattern, meant)}`;
}

/** The pattern that was probably meant, if it is valid. */
function suggestion(pattern: string, meant: string): string {
  return meant === pattern || patternFault(meant) !== undefined ? '' : `: ${quoted(meant)}`;
}

/** `/a` for `/a/:b?`; undefined if the last segment is not optional. */
function withoutOptional(pattern: string): string | undefined {
  const start = pattern.search(/\/:\w+\?$/);
  return start < 0 ? undefined : pattern.slice(0, start) || '/';
}

/** Patterns that differ only in the names of their parameters clash. */
function clash(pattern: string, declared: Map<string, string>): string | undefined {
  const shorter = withoutOptional(pattern);
  const all = shorter === undefined ? [pattern] : [pattern.slice(0, -1), shorter];
  const nameless = all.map((each) => each.replace(/:\w+/g, ':'));
  const other = nameless.map((each) => declared.get(each)).find((each) => each !== undefined);
  if (other !== undefined) return other === pattern ? 'is given twice' : `clashes with ${quoted(other)}`;
  for (const each of nameless) declared.set(each, pattern);
  return undefined;
}
