import { alternativesOf, type DeclaredPath } from './declared-path.ts';

const WILDCARD =
  /^(?:\/?\*{1,2}\w*|\/?\{\/?\*\w+\}|\/?\{\w*\*\}|\/?(?::\w+)?\(\.?\*\)|\/?:\w+\*|\/?:\w+\(\.\*\))\??$/;
const REGEXP = /^(?:\^?(?:\\\/)?\(?\.[*+]\)?\$?|\^?\\\/|\^)$/;

/** Whether a declared path is nothing but a wildcard for every path, in the notation of any framework. */
export function takesEverything(path: DeclaredPath): boolean {
  // Most paths are text without a wildcard, and this is asked in each request.
  if (typeof path === 'string') return path.includes('*') && WILDCARD.test(path);
  return alternativesOf(path).some((each) =>
    typeof each === 'string' ? WILDCARD.test(each) : REGEXP.test(each.source),
  );
}
