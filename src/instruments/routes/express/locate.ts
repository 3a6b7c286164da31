import { cover, declaredPattern, fits, type Place, replay } from './place.ts';
import type { RoutePlaces } from './places.ts';
import { prefixTwice, routedPathOf } from './routed-path.ts';

const MAX_BASES = 32;

/**
 * The full pattern of a route, if it follows from `req.baseUrl` alone, as for almost every request.
 *
 * @param base `req.baseUrl`
 * @param url `req.url`
 * @param isExact false if a router may have reset both since the route was entered
 */
export function patternByBase(
  { places, isFixed, byBase }: RoutePlaces,
  base: string,
  url: string,
  isExact: boolean,
  incomingUrl: string,
): string | undefined {
  if (isLonger(base, url, incomingUrl)) return undefined;
  if (!isFixed) return isExact || places.length === 1 ? byBase.get(base) : undefined;
  // A router that has reset the base may have been at any place.
  const isReset = base === '' && !isExact && places.length > 1;
  let found: string | undefined;
  for (const place of places) {
    if (!isReset && !fits(place, base, isExact)) continue;
    if (found !== undefined && found !== place.only) return undefined;
    found = place.only;
  }
  return found;
}

/**
 * The full pattern of a route by the path. Where its places have different patterns, the path decides between them. The
 * incoming path decides whether a prefix counts, for an app may have put the whole of it back into `req.url` below a
 * mount.
 *
 * @returns no pattern if the request was at none of these places, or if that is not certain
 */
export function locate(
  { places, byBase }: RoutePlaces,
  base: string,
  url: string,
  isExact: boolean,
  incomingUrl: string,
): string | undefined {
  const path = base + routedPathOf(url);
  const incoming = routedPathOf(incomingUrl);
  const isWritten = isLonger(base, url, incomingUrl);
  const twice = isWritten ? prefixTwice(path, incoming) : 0;

  const byIncoming: Find = (place) => replay(place, incoming, undefined, 0);
  const byPath: Find = (place) => replay(place, path, undefined, twice);
  const byBoth: Find = (place) => replay(place, path, base.length, 0);
  const covered: Find = (place) => cover(place, path, base.length);
  const declared: Find = (place) => {
    const isKnown = places.length === 1 || place.segments !== undefined;
    return isKnown && fits(place, base, isExact) ? declaredPattern(place) : undefined;
  };
  const first = (...finds: Find[]): string | undefined => {
    for (const find of finds) {
      for (const place of places) {
        const pattern = find(place);
        if (pattern !== undefined) return pattern;
      }
    }
    return undefined;
  };

  if (twice > 0) return first(byIncoming, byPath, declared);
  if (!isExact && base === '') return first(byIncoming, byPath, declared);
  const pattern = first(byBoth);
  if (pattern === undefined) {
    // At the end the app has written the base itself, so only the incoming path counts.
    return isExact ? first(covered, declared, byIncoming) : first(byIncoming, byPath, covered, declared);
  }
  const isKnownBase = isExact || places.length === 1;
  if (!isWritten && isKnownBase && places.every(({ leaf }) => leaf.only !== undefined)) {
    if (byBase.size < MAX_BASES) byBase.set(base, pattern);
  }
  return pattern;
}

type Find = (place: Place) => string | undefined;

/** Whether the app has written more into `req.url`, or `req.baseUrl`, than has come in. */
function isLonger(base: string, url: string, incomingUrl: string): boolean {
  // Plus one, for Express may have added a slash.
  return base.length + url.length > incomingUrl.length + 1;
}
