import type { Matcher } from './layer.ts';

/**
 * Before 2.3, router keeps neither a path nor a regular expression, only functions that match. This finds a
 * pattern by asking such a function: every parameter's value in a path that matched is replaced by a token, and it
 * counts as found when that parameter, and no other, takes the token. What is left is literal text, in the case
 * of the path that was asked about.
 */

/** Where a path is declared as a regular expression and nothing of it can be read. */
export const UNKNOWN_MOUNT = '/*';

/** @returns the pattern and whether it is exact; the inexact one names the parameters and has no other text. */
export function probePattern(matcher: Matcher, path: string): { pattern: string; exact: boolean } {
  const match = matcher(path);
  // path-to-regexp gives parameters without a prototype; only router's own matching by a RegExp gives plain ones.
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

/** Where in `text` a decoded value may stand, encoded or not: start and end. */
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

/** Where whole segments that follow one another decode to these values. */
function runs(text: string, values: readonly unknown[], from: number): [number, number][] {
  const found: [number, number][] = [];
  for (let start = text.indexOf('/', Math.max(from - 1, 0)) + 1; start > 0; ) {
    const segments = text.slice(start).split('/', values.length);
    if (segments.length === values.length && segments.every((each, i) => decode(each) === values[i])) {
      found.push([start, start + segments.join('/').length]);
    }
    start = text.indexOf('/', start) + 1;
  }
  return found;
}

function decode(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}
