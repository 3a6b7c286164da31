import { isBare } from './fallback.ts';
import type { App, Layer, Route } from './layer.ts';
import { isApp, isPlain, joinPatterns } from './layer.ts';
import type { MountPattern } from './mount-pattern.ts';
import { cachedMountPattern, mountPatternOfPath, takeMounts } from './mount-pattern.ts';
import type { RoutePattern } from './route-pattern.ts';
import { cachedRoutePattern } from './route-pattern.ts';
import type { Spot, Tree } from './tree.ts';
import { growTree } from './tree.ts';

/** One of the places that a route has, from the outermost app down. */
export interface Place {
  readonly mounts: readonly MountPattern[];
  readonly leaf: RoutePattern;
}

/** The places of one route; the likeliest comes first. */
export interface RoutePlaces {
  readonly places: readonly Place[];
  /** The full pattern, where it is the same whichever path was asked for. */
  readonly pattern: string | undefined;
  /** The mounts' patterns, where they are the same whichever path was asked for and take as many segments. */
  readonly prefix: string | undefined;
  /** What was found out for a concrete `req.baseUrl`. */
  readonly byBase: Map<string, string>;
  /** Perhaps no route but a fallback or a guard. */
  readonly isBare: boolean;
}

/** Where the routes of apps are. */
export interface Places {
  tree(app: App & object): Tree;
  /** @returns undefined if no tree shows the route */
  of(app: App & object, route: Route): RoutePlaces | undefined;
  /** As `of`, if the app has grown since: a request was at none of the places that were known. */
  again(app: App & object, route: Route): RoutePlaces | undefined;
  /** The patterns of functions whose mounts take all of `base`. */
  functionsAt(app: App & object, base: string): readonly string[];
}

/** So many layers may be looked at anew for each request whose route is not found, and so many at once. */
const ALLOWED = 200;
const MOST_ALLOWED = 50_000;
const MAX_APPS = 64;
const MAX_DEPTH = 20;

interface Known {
  tree: Tree;
  /** Layers that may be looked at, should the tree grow. */
  allowed: number;
  places: Map<Route, RoutePlaces>;
  /** When `places` was begun: what an app is mounted in may be seen later. */
  generation: number;
}

/** @param onGrown an app has been looked at; with a route, it has been found where that is */
export function createPlaces(
  onGrown: (app: App & object, tree: Tree, route?: Route, places?: readonly Place[]) => void,
): Places {
  const known = new WeakMap<object, Known>();
  /** The latest ones, since an app knows only where it was mounted last. */
  const apps: WeakRef<App & object>[] = [];
  /** Which app a layer leads to. */
  const leads = new WeakMap<object, object>();
  let generation = 0;

  const grow = (app: App & object): Tree => {
    const tree = growTree(app);
    generation++;
    if (!apps.some((ref) => ref.deref() === app)) {
      apps.push(new WeakRef(app));
      if (apps.length > MAX_APPS) apps.shift();
    }
    onGrown(app, tree);
    return tree;
  };

  const of = (app: App & object): Known => {
    let entry = known.get(app);
    if (entry === undefined) {
      entry = { tree: grow(app), allowed: MOST_ALLOWED, places: new Map(), generation };
      known.set(app, entry);
    }
    return entry;
  };

  /** Looks at an app again that has grown; at a price that an app which grows with every request can bear. */
  const refresh = (app: App & object, entry: Known): void => {
    entry.allowed = Math.min(entry.allowed + ALLOWED, MOST_ALLOWED);
    if (entry.allowed < entry.tree.size || !entry.tree.hasGrown()) return;
    entry.tree = grow(app);
    entry.allowed -= entry.tree.size;
  };

  const othersThan = (app: object): (App & object)[] =>
    apps.map((ref) => ref.deref()).filter((each) => each !== undefined && each !== app) as (App & object)[];

  /** The mounts above an app, for each of its places; without any for an outermost app. */
  const above = (app: App & object, depth: number): (readonly MountPattern[])[] => {
    const { parent, mountpath } = app;
    if (!isApp(parent) || mountpath === undefined || depth > MAX_DEPTH) return [[]];
    const { declared } = mountPatternOfPath(mountpath);
    const spotsIn = (outer: App & object): [Spot, readonly MountPattern[]][] => {
      const chains = above(outer, depth + 1);
      return of(outer).tree.apps.flatMap((spot) =>
        chains.map((chain): [Spot, readonly MountPattern[]] => [
          spot,
          [...chain, ...spot.mounts.map(cachedMountPattern)],
        ]),
      );
    };
    const inParent = spotsIn(parent);
    const isFree = ([{ layer }]: [Spot, unknown]): boolean => (leads.get(layer) ?? app) === app;
    const likely = inParent
      .filter(isFree)
      .filter(([{ layer }]) => [declared, undefined].includes(declaredMount(layer)));
    const [first] = likely;
    if (first === undefined) {
      return above(parent, depth + 1).map((chain) => [...chain, mountPatternOfPath(mountpath)]);
    }
    if (likely.length === 1 && leads.get(first[0].layer) !== app) {
      leads.set(first[0].layer, app);
      generation++;
    }
    const elsewhere =
      depth > 0 ? [] : othersThan(app).flatMap((each) => (each === parent ? [] : spotsIn(each)));
    const possible = [...inParent.filter((each) => !likely.includes(each)), ...elsewhere].filter(isFree);
    return [...likely, ...possible].map(([, chain]) => chain);
  };

  const placesIn = (app: App & object, route: Route): Place[] => {
    const spots = of(app).tree.routes.get(route);
    if (spots === undefined) return [];
    return above(app, 0).flatMap((chain) => spots.map((spot) => placeOf(chain, spot)));
  };

  const placesOf = (app: App & object, route: Route): RoutePlaces | undefined => {
    const entry = of(app);
    if (entry.tree.isTaller()) refresh(app, entry);
    const cached = entry.generation === generation ? entry.places.get(route) : undefined;
    if (cached !== undefined) return cached;
    if (!entry.tree.routes.has(route)) refresh(app, entry);
    const own = placesIn(app, route);
    // An app that is mounted on a router by `router.use` hangs on that tree as well.
    const places = [...own, ...othersThan(app).flatMap((each) => placesIn(each, route))];
    if (places.length === 0) return undefined;
    onGrown(app, entry.tree, route, places);
    if (entry.generation !== generation) {
      entry.places = new Map();
      entry.generation = generation;
    }
    const together = join(places, isBare(route));
    entry.places.set(route, together);
    return together;
  };

  return {
    tree: (app) => of(app).tree,
    functionsAt(app, base) {
      const chains = above(app, 0);
      const patterns = of(app).tree.functions.flatMap(({ mounts }) =>
        chains.map((chain) => takeAll([...chain, ...mounts.map(cachedMountPattern)], base)),
      );
      return [...new Set(patterns.filter((each) => each !== undefined))];
    },
    of: placesOf,
    again(app, route) {
      const entry = of(app);
      const before = entry.tree;
      refresh(app, entry);
      return entry.tree === before ? undefined : placesOf(app, route);
    },
  };
}

function declaredMount(layer: Layer): string | undefined {
  return isPlain(layer) ? '' : cachedMountPattern(layer).declared;
}

function placeOf(chain: readonly MountPattern[], { mounts, layer }: Spot): Place {
  return { mounts: [...chain, ...mounts.map(cachedMountPattern)], leaf: cachedRoutePattern(layer) };
}

function join(places: readonly Place[], isBare: boolean): RoutePlaces {
  const patterns = new Set(places.map(onlyPattern));
  const prefixes = new Set(places.map(({ mounts }) => fixedPrefix(mounts)));
  return {
    places,
    pattern: patterns.size === 1 ? [...patterns][0] : undefined,
    prefix: prefixes.size === 1 ? [...prefixes][0] : undefined,
    byBase: new Map(),
    isBare,
  };
}

function onlyPattern({ mounts, leaf }: Place): string | undefined {
  let prefix = '';
  for (const { only } of mounts) {
    if (only === undefined) return undefined;
    prefix = joinPatterns(prefix, only);
  }
  return leaf.only === undefined ? undefined : joinPatterns(prefix, leaf.only);
}

function fixedPrefix(mounts: readonly MountPattern[]): string | undefined {
  let prefix = '';
  for (const { fixed, only } of mounts) {
    if (fixed === undefined && only !== '') return undefined;
    if (fixed !== undefined) prefix = joinPatterns(prefix, fixed.pattern);
  }
  return prefix;
}

function takeAll(mounts: readonly MountPattern[], base: string): string | undefined {
  const taken = takeMounts(mounts, base, 0);
  return taken?.length === base.length ? taken.prefix : undefined;
}
