import type { Layer } from './layer.ts';
import { joinPatterns } from './layer.ts';
import type { MountPattern } from './mount-pattern.ts';
import { mountPatternOf, routePatternOf } from './mount-pattern.ts';

/**
 * What one request met on its way through Express's routers. Written for every request, so it is kept raw; the
 * patterns are worked out once, when the response is over.
 */
export interface Trace {
  /** Where each mounted layer left `req.baseUrl`, and the layer, in turn. */
  readonly mounts: (string | Layer)[];
  /** The last route that was entered before the response began. */
  route: Layer | undefined;
  /** `req.baseUrl`, `req.url` and the length of `mounts` at that moment. */
  base: string;
  url: string;
  depth: number;
}

export function createTrace(): Trace {
  return { mounts: [], route: undefined, base: '', url: '', depth: 0 };
}

const mountPatterns = new WeakMap<Layer, MountPattern>();
/** Every pattern below every mount's, so that one label is always the same string; as many as are declared. */
const joined = new Map<string, Map<string, string>>();

export function cachedMountPattern(layer: Layer): MountPattern {
  let pattern = mountPatterns.get(layer);
  if (pattern === undefined) {
    pattern = mountPatternOf(layer);
    mountPatterns.set(layer, pattern);
  }
  return pattern;
}

/** @returns the pattern of the route that was met; undefined if none was, or if it lies under an unknown prefix. */
export function tracedPattern(trace: Trace): string | undefined {
  const { route } = trace;
  if (route === undefined) return undefined;
  const prefix = mountedAt(trace, trace.base, trace.depth);
  return prefix === undefined ? undefined : patternUnder(prefix, route, trace.url);
}

/** @param url what the route was matched against, query included; undefined when that is gone. */
export function patternUnder(prefix: string, route: Layer, url: string | undefined): string {
  const path = route.route?.path;
  return joinOnce(prefix, typeof path === 'string' ? path : routePatternOf(route, pathOf(url ?? '')));
}

function joinOnce(prefix: string, leaf: string): string {
  let below = joined.get(prefix);
  if (below === undefined) {
    below = new Map();
    joined.set(prefix, below);
  }
  let full = below.get(leaf);
  if (full === undefined) {
    full = joinPatterns(prefix, leaf);
    below.set(leaf, full);
  }
  return full;
}

/**
 * The pattern of a concrete `req.baseUrl`: the layer that left it there, under the pattern of what it was mounted
 * on.
 *
 * @param depth how much of `mounts` had been met
 */
export function mountedAt(trace: Trace, base: string, depth: number): string | undefined {
  if (base === '') return '';
  const { mounts } = trace;
  for (let at = depth - 2; at >= 0; at -= 2) {
    if (mounts[at] !== base) continue;
    const layer = mounts[at + 1];
    if (layer === undefined || typeof layer === 'string') return undefined;
    const { fixed, match } = cachedMountPattern(layer);
    if (fixed !== undefined) {
      const parent = mountedAt(trace, dropSegments(base, fixed.segments), at);
      return parent === undefined ? undefined : joinOnce(parent, fixed.pattern);
    }
    for (let before = at - 2; before >= -2; before -= 2) {
      const parent = before < 0 ? '' : mounts[before];
      if (typeof parent !== 'string' || !base.startsWith(`${parent}/`)) continue;
      const pattern = match(base.slice(parent.length));
      const above = pattern === undefined ? undefined : mountedAt(trace, parent, at);
      if (pattern !== undefined && above !== undefined) return joinOnce(above, pattern);
    }
    // A layer that matched the empty path took nothing: who was here before counts.
  }
  return undefined;
}

function dropSegments(base: string, segments: number): string {
  let end = base.length;
  for (let left = segments; left > 0 && end > 0; left--) end = base.lastIndexOf('/', end - 1);
  return end > 0 ? base.slice(0, end) : '';
}

function pathOf(url: string): string {
  const end = url.indexOf('?');
  const path = end === -1 ? url : url.slice(0, end);
  return path.startsWith('/') ? path : path.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/]*/i, '');
}
