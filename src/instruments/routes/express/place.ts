import { joinPatterns } from '../declared-path.ts';
import { type MountPattern, mountPatternOf, takeMounts } from './mount-pattern.ts';
import { type RoutePattern, routePatternOf } from './route-pattern.ts';
import type { Spot } from './tree.ts';

/** One of the places where a route is declared, seen from the outermost app. */
export interface Place {
  readonly mounts: readonly MountPattern[];
  readonly leaf: RoutePattern;
  /** The full pattern, if it is the same for every path. */
  readonly only: string | undefined;
  /**
   * The segments of the mounts, each with its slash and in lower case, and undefined for one with a parameter; undefined
   * if they are not the same for every path.
   */
  readonly segments: readonly (string | undefined)[] | undefined;
}

/** @param above the mounts of the app in whose tree the spot is */
export function placeOf(above: readonly MountPattern[], spot: Spot): Place {
  const mounts = [...above, ...spot.mounts.map(mountPatternOf)];
  const leaf = routePatternOf(spot.layer);
  return { mounts, leaf, only: onlyPattern(mounts, leaf), segments: segmentsOf(mounts) };
}

/**
 * Whether `req.baseUrl` can be what the mounts of a place have taken. An empty base cannot if there are any: a router
 * has reset it, or was called by a function somewhere else.
 *
 * @param isExact false if a router may have reset a part of the base since the route was entered
 */
export function fits({ segments }: Place, base: string, isExact: boolean): boolean {
  if (segments === undefined) return true;
  let at = 0;
  for (const segment of segments) {
    if (at === base.length) return at > 0 && !isExact;
    const end = base.indexOf('/', at + 1);
    const next = end === -1 ? base.length : end;
    if (segment !== undefined && !isSame(segment, base, at, next)) return false;
    at = next;
  }
  return at === base.length;
}

/** Whether a part of a path is a segment, given in lower case, in whatever case. */
function isSame(segment: string, path: string, start: number, end: number): boolean {
  if (segment.length !== end - start) return false;
  return path.startsWith(segment, start) || path.slice(start, end).toLowerCase() === segment;
}

/**
 * Matches a path as Express did: each mount takes its part, the route the rest.
 *
 * @param base the length that the mounts take together, if that is known
 * @param skip mounts within this length of the path do not count
 */
export function replay(
  place: Place,
  path: string,
  base: number | undefined,
  skip: number,
): string | undefined {
  const taken = takeMounts(place.mounts, path, skip);
  if (taken === undefined || (base !== undefined && taken.length !== base)) return undefined;
  const leaf = place.leaf.match(taken.rest);
  return leaf === undefined ? undefined : joinPatterns(taken.prefix, leaf);
}

/** Like `replay`, but the route may have matched a path other than the rest of this one. */
export function cover(place: Place, path: string, base: number): string | undefined {
  const taken = takeMounts(place.mounts, path, 0);
  return taken?.length === base
    ? joinPatterns(taken.prefix, place.leaf.match(taken.rest) ?? place.leaf.all)
    : undefined;
}

/** The pattern that follows from the declarations alone, with every alternative. */
export function declaredPattern({ mounts, leaf }: Place): string | undefined {
  let prefix = '';
  for (const { declared } of mounts) {
    if (declared === undefined) return undefined;
    prefix = joinPatterns(prefix, declared);
  }
  return joinPatterns(prefix, leaf.all);
}

function onlyPattern(mounts: readonly MountPattern[], leaf: RoutePattern): string | undefined {
  let prefix = '';
  for (const { only } of mounts) {
    if (only === undefined) return undefined;
    prefix = joinPatterns(prefix, only);
  }
  return leaf.only === undefined ? undefined : joinPatterns(prefix, leaf.only);
}

function segmentsOf(mounts: readonly MountPattern[]): Place['segments'] {
  const segments: (string | undefined)[] = [];
  for (const { fixed, only } of mounts) {
    if (fixed === undefined && only !== '') return undefined;
    for (const each of fixed?.pattern.match(/\/[^/]*/g) ?? []) {
      segments.push(each.includes(':') ? undefined : each.toLowerCase());
    }
  }
  return segments;
}
