import type { Route } from './layer.ts';
import { joinPatterns, labelOfAll, pathOf } from './layer.ts';
import type { Places } from './places.ts';

const PLAIN = /^(?:\/[^*?+(){}[\]|\\^$]*)?$/;

/**
 * The first time that a route shows up which hangs on no tree, nobody has noted how the request got there. A
 * function at a mount has called its router: the functions whose mounts take all of `req.baseUrl` tell its pattern,
 * if it is one. Without a base the route must explain the whole path that came in.
 */
export function guessPattern(
  route: Route,
  base: string,
  incomingUrl: string,
  prefixes: ReturnType<Places['functionsAt']>,
): string | undefined {
  const leaf = labelOfAll(route.path);
  if (base === '') return isWhole(leaf, pathOf(incomingUrl)) ? leaf : undefined;
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
