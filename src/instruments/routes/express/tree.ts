import { isFallback } from './fallback.ts';
import type { Layer, Route } from './layer.ts';
import { isPlain, leadsToApp, stackOf } from './layer.ts';
import { canFollow } from './rivals.ts';

/** A layer in the routers of an app, and the mounts above it, without those at `/`. */
export interface Spot {
  readonly mounts: readonly Layer[];
  readonly layer: Layer;
}

/** What hangs on an app, mounted apps excepted: those are hidden in functions. */
export interface Tree {
  readonly routes: ReadonlyMap<Route, readonly Spot[]>;
  /** The layers that lead into mounted apps. */
  readonly apps: readonly Spot[];
  /** Those of other functions below a path. */
  readonly functions: readonly Spot[];
  readonly hasFallback: boolean;
  /** One layer of each copy of Express that the app is made of. */
  readonly copies: readonly Layer[];
  /** How many layers were looked at. */
  readonly size: number;
  /** True when something has been mounted or declared on the app itself since. */
  isTaller(): boolean;
  /** True when that has happened anywhere in its routers. */
  hasGrown(): boolean;
  /** Another route that is declared before this one can match the same request, or there are very many. */
  hasRival(route: Route): boolean;
}

/** Routers that are mounted in each other several times make more places than layers. */
const MAX_LAYERS = 20_000;
const MAX_DEPTH = 20;
/** With more routes than these it is not worked out which of them can match the same request. */
const MAX_COMPARED = 500;

export function growTree(app: unknown): Tree {
  const routes = new Map<Route, Spot[]>();
  const inOrder: Spot[] = [];
  const apps: Spot[] = [];
  const functions: Spot[] = [];
  const stacks = new Map<readonly Layer[], number>();
  const copies = new Map<object | null, Layer>();
  let size = 0;

  const collect = (stack: readonly Layer[], mounts: readonly Layer[], depth: number): void => {
    stacks.set(stack, stack.length);
    for (const layer of stack) {
      if (++size > MAX_LAYERS) return;
      const prototype: object | null = Object.getPrototypeOf(layer);
      if (!copies.has(prototype)) copies.set(prototype, layer);
      const { route } = layer;
      if (route !== undefined) {
        const spot = { mounts, layer };
        inOrder.push(spot);
        const spots = routes.get(route);
        if (spots === undefined) routes.set(route, [spot]);
        else spots.push(spot);
        continue;
      }
      const below = stackOf(layer.handle);
      const here = isPlain(layer) ? mounts : [...mounts, layer];
      if (below !== undefined && depth < MAX_DEPTH) collect(below, here, depth + 1);
      else if (leadsToApp(layer)) apps.push({ mounts: here, layer });
      else if (here.length > 0) functions.push({ mounts: here, layer });
    }
  };
  const root = stackOf(app);
  const height = root?.length;
  if (root !== undefined) collect(root, [], 0);

  return {
    routes,
    apps,
    functions,
    hasFallback: inOrder.some(({ layer }) => layer.route !== undefined && isFallback(layer.route)),
    copies: [...copies.values()],
    size,
    isTaller: () => root !== undefined && root.length !== height,
    hasGrown() {
      if (stackOf(app) !== root) return true;
      for (const [stack, length] of stacks) if (stack.length !== length) return true;
      return false;
    },
    hasRival(route) {
      if (inOrder.length > MAX_COMPARED) return true;
      for (const spot of inOrder) {
        if (spot.layer.route === route) return false;
        if (routes.get(route)?.some((place) => canFollow(spot, place))) return true;
      }
      return false;
    },
  };
}
