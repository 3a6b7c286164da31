import { joinPatterns, labelOfAll } from '../declared-path.ts';
import type { Route } from './layer.ts';
import { mountPatternOf } from './mount-pattern.ts';
import type { Notes } from './notes.ts';
import { matchedPatternOf } from './route-pattern.ts';
import { prefixTwice, routedPathOf } from './routed-path.ts';

/** Joined patterns by prefix and leaf, so that a label is always the same string. */
const joined = new Map<string, Map<string, string>>();
/** A bound for apps that declare a route for each request. */
const MAX_JOINED = 10_000;
let size = 0;

/**
 * The pattern of a route by the layers that a request has met on its way.
 *
 * @param base `req.baseUrl` at `route`; used if that route matched without being entered, because a `router.param`
 *   callback answered
 * @returns undefined if the prefix of the route is unknown
 */
export function tracedPattern(
  notes: Notes,
  route: Route,
  base: string,
  incomingUrl: string,
): string | undefined {
  const { layer, mounts, url } = notes;
  if (layer?.route !== route) {
    const prefix = mountedAt(mounts, base, mounts.length);
    return prefix === undefined ? undefined : joinOnce(prefix, labelOfAll(route.path));
  }
  const prefix = prefixOf(notes, incomingUrl);
  return prefix === undefined ? undefined : joinOnce(prefix, matchedPatternOf(layer, routedPathOf(url)));
}

function prefixOf({ mounts, base: written, url, depth }: Notes, incomingUrl: string): string | undefined {
  const base = written.startsWith('/') ? written : '';
  const prefix = mountedAt(mounts, base, depth);
  const twice = prefixTwice(base + routedPathOf(url), routedPathOf(incomingUrl));
  if (twice === 0 || prefix === undefined) return prefix;
  const outer = mountedAt(mounts, base.slice(0, twice), depth);
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
function mountedAt(mounts: Notes['mounts'], base: string, depth: number): string | undefined {
  if (base === '') return '';
  for (let at = depth - 2; at >= 0; at -= 2) {
    if (mounts[at] !== base) continue;
    const layer = mounts[at + 1];
    if (layer === undefined || typeof layer === 'string') return undefined;
    const { fixed, match } = mountPatternOf(layer);
    if (fixed !== undefined) {
      const parent = mountedAt(mounts, dropSegments(base, fixed.segments), at);
      return parent === undefined ? undefined : joinOnce(parent, fixed.pattern);
    }
    for (let before = at - 2; before >= -2; before -= 2) {
      const parent = before < 0 ? '' : mounts[before];
      if (typeof parent !== 'string' || !base.startsWith(`${parent}/`)) continue;
      const pattern = match(base.slice(parent.length));
      const above = pattern === undefined ? undefined : mountedAt(mounts, parent, at);
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
