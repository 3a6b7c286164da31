import type { Matcher } from './layer.ts';

/** What one alternative of a mount takes off a path. */
export interface Taken {
  readonly pattern: string;
  /** The length that it adds to `req.baseUrl`: without a trailing slash. */
  readonly length: number;
  /** Where the rest begins: after a trailing slash that it has taken as well. */
  readonly end: number;
}

export function takenAs(pattern: string, path: string, end: number): Taken {
  return { pattern, length: path.endsWith('/', end) ? end - 1 : end, end };
}

/** A copy that keeps no `lastIndex`: testing must not advance a `g` expression of the app. */
export function stateless(source: string, flags: string): RegExp {
  return new RegExp(source, flags.replace(/[gy]/g, ''));
}

/**
 * @param boundaries the characters that may follow a mount
 * @returns gives the length of what is taken
 */
export function takeBy(regexp: RegExp, boundaries: string): (path: string) => number | undefined {
  return (path) => {
    const text = regexp.exec(path)?.[0];
    if (text === undefined || !path.startsWith(text)) return undefined;
    const after = path[text.length];
    return text !== '' && after !== undefined && !boundaries.includes(after) ? undefined : text.length;
  };
}

export function attempt(matcher: Matcher | undefined, path: string): ReturnType<Matcher> {
  try {
    return matcher?.(path) ?? false;
  } catch {
    return false;
  }
}

export function takenLength(match: ReturnType<Matcher>, path: string): number | undefined {
  return match === false || !path.startsWith(match.path) ? undefined : match.path.length;
}
