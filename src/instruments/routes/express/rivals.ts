import { isFallback } from './fallback.ts';
import type { Route } from './layer.ts';
import { labelOfAll } from './layer.ts';
import { cachedMountPattern } from './mount-pattern.ts';
import type { Spot } from './tree.ts';

const VARIABLE = /[*?+(){}[\]|\\^$]/;

const segments = new WeakMap<Spot, readonly string[] | undefined>();

/** Whether a request that `first` matches may match `second` as well. Errs on the side of yes. */
export function canFollow(first: Spot, second: Spot): boolean {
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
function segmentsOf(spot: Spot): readonly string[] | undefined {
  if (!segments.has(spot)) {
    const prefixes = spot.mounts.map((layer) => cachedMountPattern(layer).declared);
    const full = [...prefixes, labelOfAll(spot.layer.route?.path ?? '')];
    segments.set(
      spot,
      full.includes(undefined) ? undefined : full.join('/').toLowerCase().split('/').filter(Boolean),
    );
  }
  return segments.get(spot);
}

function shareMethod({ methods: a = {} }: Route, { methods: b = {} }: Route): boolean {
  if (a._all === true || b._all === true) return true;
  for (const name in a)
    if (b[name] === true || (name === 'get' && b.head) || (name === 'head' && b.get)) return true;
  return false;
}
