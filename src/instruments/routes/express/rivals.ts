import { labelOfAll } from '../declared-path.ts';
import { isFallback } from './fallback.ts';
import type { Route } from './layer.ts';
import { mountPatternOf } from './mount-pattern.ts';
import { oncePer } from './once-per.ts';
import type { Spot, Tree } from './tree.ts';

/** In a larger tree every route counts as having a rival: comparing costs the square of the number of routes. */
const MAX_COMPARED = 500;
const VARIABLE = /[*?+(){}[\]|\\^$]/;

/** Whether a route that is declared before this one may match the same request. Errs on the side of yes. */
export function hasRival({ spots, routes }: Tree, route: Route): boolean {
  if (spots.length > MAX_COMPARED) return true;
  for (const spot of spots) {
    if (spot.layer.route === route) return false;
    if (routes.get(route)?.some((place) => canFollow(spot, place))) return true;
  }
  return false;
}

/** Whether a request that `first` matches may match `second` as well. */
function canFollow(first: Spot, second: Spot): boolean {
  const a = first.layer.route;
  const b = second.layer.route;
  if (a === undefined || b === undefined || !shareMethod(a, b)) return false;
  if (isFallback(a)) return false;
  const x = segmentsOf(first);
  const y = segmentsOf(second);
  if (x === undefined || y === undefined) return true;
  for (let i = 0; i < Math.max(x.length, y.length); i++) {
    const p = x[i];
    const q = y[i];
    if (isVariable(p) || isVariable(q)) return true;
    if (p === undefined || q === undefined) return false;
    if (p !== q && !p.includes(':') && !q.includes(':')) return false;
  }
  return true;
}

function isVariable(segment: string | undefined): boolean {
  return segment !== undefined && VARIABLE.test(segment);
}

/** In lower case; undefined where the prefix is unknown. */
const segmentsOf = oncePer(({ mounts, layer }: Spot): readonly string[] | undefined => {
  const prefixes = mounts.map((mount) => mountPatternOf(mount).declared);
  const full = [...prefixes, labelOfAll(layer.route?.path ?? '')];
  return full.includes(undefined) ? undefined : full.join('/').toLowerCase().split('/').filter(Boolean);
});

function shareMethod({ methods: a = {} }: Route, { methods: b = {} }: Route): boolean {
  if (a._all === true || b._all === true) return true;
  for (const name in a)
    if (b[name] === true || (name === 'get' && b.head) || (name === 'head' && b.get)) return true;
  return false;
}
