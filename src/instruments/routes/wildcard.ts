import { alternativesOf, type DeclaredPath } from './declared-path.ts';

const WILDCARD =
  /^(?:\/?\*{1,2}\w*|\/?\{\/?\*\w+\}|\/?\{\w*\*\}|\/?(?::\w+)?\(\.?\*\)|\/?:\w+\*|\/?:\w+\(\.\*\))\??$/;
const REGEXP = /^(?:\^?(?:\\\/)?\(?\.[*+]\)?\$?|\^?\\\/|\^)$/;

/** Whether a declared path is nothing but a wildcard for every path, in the notation of any framework. */
export function takesEverything(path: DeclaredPath): boolean {
  return alternativesOf(path).some((each) =>
    typeof each === 'string' ? WILDCARD.test(each) : REGEXP.test(each.source),
  );
}
