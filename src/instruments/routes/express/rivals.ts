import { labelOfAll } from '../declared-path.ts';
import { isFallback } from './fallback.ts';
import { leadsToApp, type Route } from './layer.ts';
import { type MountPattern, mountPatternOf } from './mount-pattern.ts';
import { oncePer } from './once-per.ts';
import type { Spot } from './tree.ts';

/** What Express may give a request to before or after it gives it to a route. */
export interface Rival {
  /** The mounts of the app in whose tree the spot is. */
  readonly above: readonly MountPattern[];
  readonly spot: Spot;
}

/** Beside more than so many all count: comparing costs the square of the number of routes. */
const MAX_COMPARED = 500;
const VARIABLE = /[*?+(){}[\]|\\^$]/;

/** Whether a route or app that is tried before a route may match the same request. Errs on the side of yes. */
export function mayComeFrom(before: readonly Rival[], route: Rival): boolean {
  return before.length > MAX_COMPARED || before.some((each) => !isFunction(each) && canFollow(each, route));
}

/**
 * Whether something that is tried after a route may match the same request, apart from a fallback. Errs on the side of
 * yes.
 */
export function mayPassOn(route: Rival, after: readonly Rival[]): boolean {
  return (
    after.length > MAX_COMPARED || after.some((each) => !leadsToFallback(each) && canFollow(route, each))
  );
}

/** Most functions before a route are middleware of it. */
function isFunction({ spot: { layer } }: Rival): boolean {
  return layer.route === undefined && !leadsToApp(layer);
}

function leadsToFallback({ spot }: Rival): boolean {
  return spot.layer.route !== undefined && isFallback(spot.layer.route);
}

/**
 * Whether a request that `first` matches may match `second` as well. A mounted app may have any routes, and a
 * function may call any routers.
 */
function canFollow(first: Rival, second: Rival): boolean {
  const a = first.spot.layer.route;
  const b = second.spot.layer.route;
  if (a !== undefined && b !== undefined && !shareMethod(a, b)) return false;
  const x = segmentsOf(first);
  const y = segmentsOf(second);
  return x === undefined || y === undefined || canMatch(x, a === undefined, y, b === undefined);
}

/**
 * Whether two declared patterns may match the same path, by their segments.
 *
 * @param isOpenX whether the path may go on after the first pattern
 */
function canMatch(x: readonly string[], isOpenX: boolean, y: readonly string[], isOpenY: boolean): boolean {
  for (let i = 0; i < Math.max(x.length, y.length); i++) {
    const p = x[i];
    const q = y[i];
    if (isVariable(p) || isVariable(q)) return true;
    if (p === undefined) return isOpenX;
    if (q === undefined) return isOpenY;
    if (p !== q && !p.includes(':') && !q.includes(':')) return false;
  }
  return true;
}

function isVariable(segment: string | undefined): boolean {
  return segment !== undefined && VARIABLE.test(segment);
}

/** In lower case; undefined where a part of the prefix is unknown. */
function segmentsOf({ above, spot }: Rival): readonly string[] | undefined {
  const own = segmentsIn(spot);
  if (above.length === 0 || own === undefined) return own;
  const prefix = joined(above, '');
  return prefix && [...prefix, ...own];
}

const segmentsIn = oncePer(({ mounts, layer }: Spot) =>
  joined(mounts.map(mountPatternOf), labelOfAll(layer.route?.path ?? '')),
);

function joined(mounts: readonly MountPattern[], leaf: string): readonly string[] | undefined {
  const full = [...mounts.map(({ declared }) => declared), leaf];
  return full.includes(undefined) ? undefined : full.join('/').toLowerCase().split('/').filter(Boolean);
}

function shareMethod({ methods: a = {} }: Route, { methods: b = {} }: Route): boolean {
  if (a._all === true || b._all === true) return true;
  for (const name in a)
    if (b[name] === true || (name === 'get' && b.head) || (name === 'head' && b.get)) return true;
  return false;
}
