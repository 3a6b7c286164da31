import { joinPatterns, labelOfAll } from '../declared-path.ts';
import type { Layer, Route } from './layer.ts';
import { mountPatternOf } from './mount-pattern.ts';
import { matchedPatternOf } from './route-pattern.ts';
import { prefixTwice, routedPathOf } from './routed-path.ts';

/**
 * What one request met on its way through Express' routers. It is written for every request, so it is kept raw; the
 * pattern is worked out when the response is over.
 */
export interface Trace {
  /** Alternately what `req.baseUrl` was at a mounted layer, and the layer. */
  readonly mounts: (string | Layer)[];
  /** The last route that was entered before the response began. */
  route: Layer | undefined;
  /** `req.baseUrl`, `req.url` and the length of `mounts` when that route was entered. */
  base: string;
  url: string;
  depth: number;
}

export function createTrace(): Trace {
  return { mounts: [], route: undefined, base: '', url: '', depth: 0 };
}

/** Joined patterns by prefix and leaf, so that a label is always the same string. */
const joined = new Map<string, Map<string, string>>();
/** A bound for apps that declare a route for each request. */
const MAX_JOINED = 10_000;
let size = 0;

/**
 * @param base `req.baseUrl` at `last`; used if that route matched without being entered, because a `router.param`
 *   callback answered
 * @returns the pattern of the route; undefined if its prefix is unknown
 */
export function tracedPattern(
  trace: Trace,
  last: Route,
  base: string,
  incomingUrl: string,
): string | undefined {
  const layer = trace.route;
  if (layer === undefined) {
    const prefix = mountedAt(trace, base, trace.mounts.length);
    return prefix === undefined ? undefined : joinOnce(prefix, labelOfAll(last.path));
  }
  const prefix = prefixOf(trace, incomingUrl);
  return prefix === undefined
    ? undefined
    : joinOnce(prefix, matchedPatternOf(layer, routedPathOf(trace.url)));
}

function prefixOf(trace: Trace, incomingUrl: string): string | undefined {
  const base = trace.base.startsWith('/') ? trace.base : '';
  const prefix = mountedAt(trace, base, trace.depth);
  const twice = prefixTwice(base + routedPathOf(trace.url), routedPathOf(incomingUrl));
  if (twice === 0 || prefix === undefined) return prefix;
  const outer = mountedAt(trace, base.slice(0, twice), trace.depth);
  return outer !== undefined && prefix.startsWith(outer) ? prefix.slice(outer.length) : prefix;
}

function joinOnce(prefix: string, leaf: string): string {
  let below = joined.get(prefix);
  const known = below?.get(leaf);
  if (known !== undefined) return known;
  const full = joinPatterns(prefix, leaf);
  if (++size > MAX_JOINED) return full;
  if (below === undefined) {
    below = new Map();
    joined.set(prefix, below);
  }
  below.set(leaf, full);
  return full;
}

/**
 * The pattern of a concrete `req.baseUrl`: that of the layer at which it was seen, below the pattern of what that layer
 * was mounted on.
 *
 * @param depth the part of `mounts` that counts
 */
function mountedAt(trace: Trace, base: string, depth: number): string | undefined {
  if (base === '') return '';
  const { mounts } = trace;
  for (let at = depth - 2; at >= 0; at -= 2) {
    if (mounts[at] !== base) continue;
    const layer = mounts[at + 1];
    if (layer === undefined || typeof layer === 'string') return undefined;
    const { fixed, match } = mountPatternOf(layer);
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
    // A layer that matched the empty path took nothing, so an earlier one has left this base.
  }
  return undefined;
}

function dropSegments(base: string, segments: number): string {
  let end = base.length;
  for (let left = segments; left > 0 && end > 0; left--) end = base.lastIndexOf('/', end - 1);
  return end > 0 ? base.slice(0, end) : '';
}
