import { joinPatterns, labelOfAll } from '../declared-path.ts';
import type { Route } from './layer.ts';
import type { Places } from './places.ts';
import { routedPathOf } from './routed-path.ts';

const PLAIN = /^(?:\/[^*?+(){}[\]|\\^$]*)?$/;

/**
 * For the first request to a route that is in no tree, when nothing was noted on its way: a function at some mount must
 * have called the route's router. If exactly one function's mounts take all of `req.baseUrl`, they give the prefix.
 * Without a base the route must account for the whole incoming path.
 *
 * @param prefixes the patterns of those functions' mounts
 */
export function guessPattern(
  route: Route,
  base: string,
  incomingUrl: string,
  prefixes: ReturnType<Places['functionsAt']>,
): string | undefined {
  const leaf = labelOfAll(route.path);
  if (base === '') return isWhole(leaf, routedPathOf(incomingUrl)) ? leaf : undefined;
  const [prefix] = prefixes;
  return prefixes.length === 1 && prefix !== undefined ? joinPatterns(prefix, leaf) : undefined;
}

function isWhole(pattern: string, path: string): boolean {
  if (!PLAIN.test(pattern)) return false;
  const declared = pattern.toLowerCase().split('/').filter(Boolean);
  const asked = path.toLowerCase().split('/').filter(Boolean);
  return (
    declared.length === asked.length && declared.every((each, i) => each.includes(':') || each === asked[i])
  );
}
