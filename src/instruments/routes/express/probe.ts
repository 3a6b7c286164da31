import { decoded } from '../../../guest/shape.ts';
import type { Matcher } from './layer.ts';
import { attempt, type Taken, takenAs, takenLength } from './matching.ts';

/**
 * Before 2.3, router keeps neither a path nor a regular expression, only functions that match. This finds the pattern
 * by calling such a function: each parameter's value in a path that matched is replaced by a token, in the place
 * where that parameter, and no other, then takes the token. The rest is literal text, in the case of the given path.
 */

const MAX_PROBED = 32;

/** Stands for a mount that is declared as a regular expression, which cannot be read. */
const UNKNOWN_MOUNT = '/*';

/** Probes once for each shape that a declared path can have, and remembers the result. */
export function probing(matchers: readonly Matcher[]): (path: string) => Taken | undefined {
  const shapes = new Map<string, string>();
  const literals = new Map<string, string>();
  return (path) => {
    for (const [index, matcher] of matchers.entries()) {
      const whole = attempt(matcher, path);
      const end = takenLength(whole, path);
      if (whole === false || end === undefined) continue;
      const { length } = takenAs('', path, end);
      const taken = path.slice(0, length);
      const literal = literals.get(taken);
      if (literal !== undefined) return { pattern: literal, length, end };
      const match = length === path.length ? whole : attempt(matcher, taken);
      if (match === false || takenLength(match, taken) !== length) continue;
      const names = Object.keys(match.params);
      const shape = `${index} ${countSegments(taken, match.params)} ${names.join(' ')}`;
      let pattern = shapes.get(shape);
      if (pattern === undefined) {
        const probed = probePattern(matcher, taken);
        pattern = probed.pattern;
        if (probed.exact && shapes.size < MAX_PROBED) shapes.set(shape, pattern);
      }
      if (names.length === 0 && literals.size < MAX_PROBED) literals.set(taken, pattern);
      return { pattern, length, end };
    }
    return undefined;
  };
}

/** The number of segments outside wildcards, which may take any number. */
function countSegments(path: string, params: Readonly<Record<string, unknown>>): number {
  let segments = 0;
  for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1)) segments++;
  for (const name in params) {
    const value = params[name];
    if (Array.isArray(value)) segments -= value.length;
  }
  return segments;
}

/** @returns the pattern, and whether it is exact; an inexact one consists of the parameters only */
export function probePattern(matcher: Matcher, path: string): { pattern: string; exact: boolean } {
  const match = matcher(path);
  // The parameters of path-to-regexp have no prototype; those of router's own matching by a RegExp have one.
  if (match === false || Object.getPrototypeOf(match.params) !== null) {
    return { pattern: UNKNOWN_MOUNT, exact: true };
  }
  const exact = locate(matcher, path, match.params);
  if (exact !== undefined) return { pattern: exact, exact: true };
  const placeholders = Object.entries(match.params).map(([name, value]) => `/${placeholder(name, value)}`);
  return { pattern: placeholders.join(''), exact: false };
}

function locate(
  matcher: Matcher,
  path: string,
  params: Readonly<Record<string, unknown>>,
): string | undefined {
  let token = 'routemeter';
  while (path.includes(token)) token += '0';
  const expected: Record<string, unknown> = { ...params };
  let text = path;
  let from = 0;
  let pattern = '';
  for (const [name, value] of Object.entries(params)) {
    expected[name] = Array.isArray(value) ? [token] : token;
    const wanted = JSON.stringify(expected);
    const place = places(text, value, from).find(([start, end]) => {
      const probe = text.slice(0, start) + token + text.slice(end);
      const match = matcher(probe);
      return match !== false && match.path === probe && JSON.stringify(match.params) === wanted;
    });
    if (place === undefined) return undefined;
    pattern += text.slice(from, place[0]) + placeholder(name, value);
    text = text.slice(0, place[0]) + token + text.slice(place[1]);
    from = place[0] + token.length;
  }
  return pattern + text.slice(from);
}

function placeholder(name: string, value: unknown): string {
  return (Array.isArray(value) ? '*' : ':') + name;
}

/** Where a decoded value may be in `text`, encoded or not: start and end. */
function places(text: string, value: unknown, from: number): [number, number][] {
  if (Array.isArray(value)) return runs(text, value, from);
  if (typeof value !== 'string' || value === '') return [];
  const found: [number, number][] = runs(text, [value], from);
  for (const written of new Set([value, encodeURIComponent(value)])) {
    for (let at = text.indexOf(written, from); at !== -1; at = text.indexOf(written, at + 1)) {
      found.push([at, at + written.length]);
    }
  }
  return found.sort((a, b) => a[0] - b[0]);
}

/** Where consecutive segments decode to these values. */
function runs(text: string, values: readonly unknown[], from: number): [number, number][] {
  const found: [number, number][] = [];
  for (let start = text.indexOf('/', Math.max(from - 1, 0)) + 1; start > 0; ) {
    const segments = text.slice(start).split('/', values.length);
    if (segments.length === values.length && segments.every((each, i) => decoded(each) === values[i])) {
      found.push([start, start + segments.join('/').length]);
    }
    start = text.indexOf('/', start) + 1;
  }
  return found;
}
