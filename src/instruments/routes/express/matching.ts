import type { Matcher } from './layer.ts';

/** What one alternative of a mount takes off a path: the length does not include a trailing slash. */
export interface Taken {
  readonly pattern: string;
  readonly length: number;
}

/** A copy that keeps no `lastIndex`: testing must not advance a `g` expression of the app. */
export function stateless(source: string, flags: string): RegExp {
  return new RegExp(source, flags.replace(/[gy]/g, ''));
}

/** @param boundaries the characters that may follow a mount */
export function takeBy(regexp: RegExp, boundaries: string): (path: string) => number | undefined {
  return (path) => {
    const text = regexp.exec(path)?.[0];
    if (text === undefined || !path.startsWith(text)) return undefined;
    const after = path[text.length];
    if (text !== '' && after !== undefined && !boundaries.includes(after)) return undefined;
    return trimmed(text);
  };
}

function trimmed(text: string): number {
  return text.endsWith('/') ? text.length - 1 : text.length;
}

export function attempt(matcher: Matcher | undefined, path: string): ReturnType<Matcher> {
  try {
    return matcher?.(path) ?? false;
  } catch {
    return false;
  }
}

export function takenLength(match: ReturnType<Matcher>, path: string): number | undefined {
  return match === false || !path.startsWith(match.path) ? undefined : trimmed(match.path);
}
