import type { App, Layer, Route } from './layer.ts';
import { alternativesOf, isPlain, joinPatterns, labelOf, stackOf } from './layer.ts';
import type { Trace } from './trace.ts';
import { cachedMountPattern, mountedAt, patternUnder } from './trace.ts';

const MAX_DEPTH = 20;

/**
 * Finds `req.route` in the routers that hang on an app: for a request that was routed before the layers were
 * patched, and for one that a `router.param` callback ended before its route was entered. It sees neither routers
 * that are called inside a function nor, from outside, mounted apps.
 *
 * @returns undefined if the route is not found, or is found in several places and nothing tells which
 */
export function findPattern(app: unknown, route: Route, trace: Trace | undefined): string | undefined {
  const stack = stackOf(app);
  if (stack === undefined) return undefined;
  const found: Layer[][] = [];
  collect(stack, route, [], found);
  if (trace !== undefined && trace.mounts.length > 0) {
    for (const chain of found) {
      const prefix = visitedPrefix(chain, trace);
      if (prefix !== undefined) return patternAt(prefix, chain);
    }
  }
  const above = appPrefix(app as App, 0);
  const patterns = new Set(found.map((chain) => patternAt(declaredPrefix(above, chain), chain)));
  return patterns.size === 1 ? [...patterns][0] : undefined;
}

function collect(stack: readonly Layer[], route: Route, mounts: readonly Layer[], found: Layer[][]): void {
  if (mounts.length > MAX_DEPTH) return;
  for (const layer of stack) {
    if (layer.route === route) found.push([...mounts, layer]);
    const below = layer.route === undefined ? stackOf(layer.handle) : undefined;
    if (below !== undefined) collect(below, route, [...mounts, layer], found);
  }
}

/** The pattern of the innermost mount, if this request was there. */
function visitedPrefix(chain: readonly Layer[], trace: Trace): string | undefined {
  const mount = chain.slice(0, -1).findLast((layer) => !isPlain(layer));
  const at = mount === undefined ? -1 : trace.mounts.lastIndexOf(mount);
  const base = trace.mounts[at - 1];
  return typeof base === 'string' ? mountedAt(trace, base, at + 1) : undefined;
}

function declaredPrefix(above: string | undefined, chain: readonly Layer[]): string | undefined {
  return chain.slice(0, -1).reduce<string | undefined>((prefix, layer) => {
    if (prefix === undefined || isPlain(layer)) return prefix;
    const { declared } = cachedMountPattern(layer);
    return declared === undefined ? undefined : joinPatterns(prefix, declared);
  }, above);
}

function patternAt(prefix: string | undefined, chain: readonly Layer[]): string | undefined {
  const layer = chain.at(-1);
  return prefix === undefined || layer === undefined ? undefined : patternUnder(prefix, layer, undefined);
}

/** Where an app is mounted; empty for the outermost. */
function appPrefix(app: App, depth: number): string | undefined {
  if (app.parent === undefined || app.mountpath === undefined) return '';
  const above = depth < MAX_DEPTH ? appPrefix(app.parent, depth + 1) : undefined;
  return above === undefined
    ? undefined
    : joinPatterns(above, alternativesOf(app.mountpath).map(labelOf).join('|'));
}
