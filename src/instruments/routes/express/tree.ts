import { isFallback } from './fallback.ts';
import { isPlain, type Layer, leadsToApp, type Route, stackOf } from './layer.ts';

/** A layer in the routers of an app, with the mounts above it except those at `/`. */
export interface Spot {
  readonly mounts: readonly Layer[];
  readonly layer: Layer;
}

/** What can be reached from an app, without the mounted apps: their layers hide them in a function. */
export interface Tree {
  readonly routes: ReadonlyMap<Route, readonly Spot[]>;
  /** The layers of routes, of mounted apps and of other functions below a path, in the order in which Express tries them. */
  readonly spots: readonly Spot[];
  /** The layers that lead into mounted apps. */
  readonly apps: readonly Spot[];
  /** The layers of other functions that are mounted below a path. */
  readonly functions: readonly Spot[];
  readonly hasFallback: boolean;
  /** One layer of each copy of Express that the app uses. */
  readonly copies: readonly Layer[];
  /** The number of layers visited. */
  readonly size: number;
  /** Whether anything has been mounted or declared on the app itself since. */
  isTaller(): boolean;
  /** Whether that has happened anywhere in its routers. */
  hasGrown(): boolean;
}

/** Routers that are mounted in one another several times are visited more often than there are layers. */
const MAX_LAYERS = 20_000;
const MAX_DEPTH = 20;

export function growTree(app: unknown): Tree {
  const routes = new Map<Route, Spot[]>();
  const inOrder: Spot[] = [];
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
        const known = routes.get(route);
        if (known === undefined) routes.set(route, [spot]);
        else known.push(spot);
        continue;
      }
      const below = stackOf(layer.handle);
      const here = isPlain(layer) ? mounts : [...mounts, layer];
      if (below !== undefined && depth < MAX_DEPTH) collect(below, here, depth + 1);
      else if (leadsToApp(layer) || here.length > 0) inOrder.push({ mounts: here, layer });
    }
  };
  const root = stackOf(app);
  const height = root?.length;
  if (root !== undefined) collect(root, [], 0);

  return {
    routes,
    spots: inOrder,
    apps: inOrder.filter(({ layer }) => layer.route === undefined && leadsToApp(layer)),
    functions: inOrder.filter(({ layer }) => layer.route === undefined && !leadsToApp(layer)),
    hasFallback: inOrder.some(({ layer }) => layer.route !== undefined && isFallback(layer.route)),
    copies: [...copies.values()],
    size,
    isTaller: () => root !== undefined && root.length !== height,
    hasGrown() {
      if (stackOf(app) !== root) return true;
      for (const [stack, length] of stacks) if (stack.length !== length) return true;
      return false;
    },
  };
}
