import { joinPatterns } from '../declared-path.ts';
import { takeMounts } from './mount-pattern.ts';
import type { Place, RoutePlaces } from './places.ts';
import { prefixTwice, routedPathOf } from './routed-path.ts';

const MAX_BASES = 32;

/**
 * The full pattern of a route. Where its places have different patterns, the path decides between them. The incoming
 * path decides whether a prefix counts, for an app may have put the whole of it back into `req.url` below a mount.
 *
 * @param base `req.baseUrl`
 * @param url `req.url`
 * @param isExact false if a router may have reset both since the route was entered
 * @returns undefined if the request was at none of these places, or if that is not certain
 */
export function locate(
  route: RoutePlaces,
  base: string,
  url: string,
  isExact: boolean,
  incomingUrl: string,
): string | undefined {
  // Plus one, for Express may have added a slash.
  const isLonger = base.length + url.length > incomingUrl.length + 1;
  if (!isLonger && route.pattern !== undefined && fits(route, base, isExact)) return route.pattern;
  const isKnownBase = isExact || route.places.length === 1;
  if (!isLonger && isKnownBase) {
    const remembered = route.byBase.get(base);
    if (remembered !== undefined) return remembered;
  }
  const path = base + routedPathOf(url);
  const incoming = routedPathOf(incomingUrl);
  const twice = isLonger ? prefixTwice(path, incoming) : 0;
  if (twice > 0) {
    return (
      first(route, (place) => replay(place, incoming, undefined, 0)) ??
      first(route, (place) => replay(place, path, undefined, twice)) ??
      (fits(route, base, isExact) ? declaredPattern(route) : undefined)
    );
  }
  if (isExact || base !== '') {
    const found = first(route, (place) => replay(place, path, base.length, 0));
    if (found !== undefined) {
      if (!isLonger && isKnownBase && isSimple(route) && route.byBase.size < MAX_BASES) {
        route.byBase.set(base, found);
      }
      return found;
    }
  }
  if (!isExact) {
    const found =
      first(route, (place) => replay(place, incoming, undefined, 0)) ??
      first(route, (place) => replay(place, path, undefined, 0));
    if (found !== undefined) return found;
  }
  const covered =
    isExact || base !== '' ? first(route, (place) => cover(place, path, base.length)) : undefined;
  return (
    covered ??
    (fits(route, base, isExact) ? declaredPattern(route) : undefined) ??
    // The app has written the base itself, so only the incoming path counts.
    first(route, (place) => replay(place, incoming, undefined, 0))
  );
}

/**
 * Whether mounts with a fixed number of segments can have left this base. An empty base does not fit: a router has
 * reset it, or was called by a function somewhere else.
 */
function fits({ prefix }: RoutePlaces, base: string, isExact: boolean): boolean {
  if (prefix === undefined || prefix === base) return true;
  if (base === '') return false;
  let from = 0;
  let at = 0;
  while (from < prefix.length && at < base.length) {
    const end = endOfSegment(prefix, from);
    const baseEnd = endOfSegment(base, at);
    const declared = prefix.slice(from, end);
    if (!declared.includes(':') && !sameLetters(declared, base.slice(at, baseEnd))) return false;
    from = end;
    at = baseEnd;
  }
  return at === base.length && (from === prefix.length || !isExact);
}

function endOfSegment(path: string, start: number): number {
  const end = path.indexOf('/', start + 1);
  return end === -1 ? path.length : end;
}

function sameLetters(one: string, other: string): boolean {
  return one === other || one.toLowerCase() === other.toLowerCase();
}

/** The pattern that follows from the declarations alone, with every alternative; only for a single place. */
function declaredPattern({ places, pattern }: RoutePlaces): string | undefined {
  const [place] = places;
  if (pattern !== undefined || place === undefined || places.length > 1) return pattern;
  let prefix = '';
  for (const { declared } of place.mounts) {
    if (declared === undefined) return undefined;
    prefix = joinPatterns(prefix, declared);
  }
  return joinPatterns(prefix, place.leaf.all);
}

function isSimple({ places }: RoutePlaces): boolean {
  return places.every(({ leaf }) => leaf.only !== undefined);
}

function first({ places }: RoutePlaces, find: (place: Place) => string | undefined): string | undefined {
  for (const place of places) {
    const found = find(place);
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * Matches a path as Express did: each mount takes its part, the route the rest.
 *
 * @param base the length that the mounts take together, if that is known
 * @param skip mounts within this length of the path do not count
 */
function replay(place: Place, path: string, base: number | undefined, skip: number): string | undefined {
  const taken = takeMounts(place.mounts, path, skip);
  if (taken === undefined || (base !== undefined && taken.length !== base)) return undefined;
  const leaf = place.leaf.match(taken.rest);
  return leaf === undefined ? undefined : joinPatterns(taken.prefix, leaf);
}

/** Like `replay`, but the route may have matched a path other than the rest of this one. */
function cover(place: Place, path: string, base: number): string | undefined {
  const taken = takeMounts(place.mounts, path, 0);
  return taken?.length === base
    ? joinPatterns(taken.prefix, place.leaf.match(taken.rest) ?? place.leaf.all)
    : undefined;
}
