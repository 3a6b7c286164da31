import { joinPatterns } from '../declared-path.ts';
import { isBare } from './fallback.ts';
import { type App, isApp, isPlain, type Layer, type Route } from './layer.ts';
import { type MountPattern, mountPatternOf, mountPatternOfPath, takeMounts } from './mount-pattern.ts';
import { type RoutePattern, routePatternOf } from './route-pattern.ts';
import { growTree, type Spot, type Tree } from './tree.ts';

/** One of the places where a route is declared, seen from the outermost app. */
export interface Place {
  readonly mounts: readonly MountPattern[];
  readonly leaf: RoutePattern;
}

/** The places of one route, the likeliest first. */
export interface RoutePlaces {
  readonly places: readonly Place[];
  /** The full pattern, if it is the same for every path. */
  readonly pattern: string | undefined;
  /** The mounts' patterns, if they are the same for every path and span a fixed number of segments. */
  readonly prefix: string | undefined;
  /** Full patterns by concrete `req.baseUrl`, as far as they are known. */
  readonly byBase: Map<string, string>;
  /** The path is nothing but a wildcard: the route may be a fallback or a guard. */
  readonly isBare: boolean;
}

/** Finds the places of routes in the apps that have been seen. */
export interface Places {
  tree(app: App & object): Tree;
  /** @returns undefined if the route is in no tree */
  of(app: App & object, route: Route): RoutePlaces | undefined;
  /**
   * Like `of` after another look at the app; undefined if it has not grown. For a request that was at no known place.
   */
  again(app: App & object, route: Route): RoutePlaces | undefined;
  /** The patterns of the mounts of functions, as far as they take all of `base`. */
  functionsAt(app: App & object, base: string): readonly string[];
}

/** How many more layers may be visited again for each request whose route is not found. */
const ALLOWED = 200;
/** The most that may be saved up. */
const MOST_ALLOWED = 50_000;
const MAX_APPS = 64;
const MAX_DEPTH = 20;

interface Known {
  tree: Tree;
  /** How many layers may be visited if the tree grows. */
  allowed: number;
  places: Map<Route, RoutePlaces>;
  /** The generation of `places`, which is obsolete when another app has been seen since. */
  generation: number;
}

/** @param onGrown called when an app has been visited; with a route, when the places of that have been found */
export function createPlaces(
  onGrown: (app: App & object, tree: Tree, route?: Route, places?: readonly Place[]) => void,
): Places {
  const known = new WeakMap<object, Known>();
  /** The most recently seen apps: an app knows only where it was mounted last. */
  const apps: WeakRef<App & object>[] = [];
  /** The app that a layer leads to, as far as known. */
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

  /** Visits an app again that has grown, within an allowance: some apps grow with every request. */
  const refresh = (app: App & object, entry: Known): void => {
    entry.allowed = Math.min(entry.allowed + ALLOWED, MOST_ALLOWED);
    if (entry.allowed < entry.tree.size || !entry.tree.hasGrown()) return;
    entry.tree = grow(app);
    entry.allowed -= entry.tree.size;
  };

  const othersThan = (app: object): (App & object)[] =>
    apps.map((ref) => ref.deref()).filter((each) => each !== undefined && each !== app) as (App & object)[];

  /** The mounts above an app, for each of its places; a single empty list for an outermost app. */
  const above = (app: App & object, depth: number): (readonly MountPattern[])[] => {
    const { parent, mountpath } = app;
    if (!isApp(parent) || mountpath === undefined || depth > MAX_DEPTH) return [[]];
    const { declared } = mountPatternOfPath(mountpath);
    const spotsIn = (outer: App & object): [Spot, readonly MountPattern[]][] => {
      const chains = above(outer, depth + 1);
      return of(outer).tree.apps.flatMap((spot) =>
        chains.map((chain): [Spot, readonly MountPattern[]] => [
          spot,
          [...chain, ...spot.mounts.map(mountPatternOf)],
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
    // `router.use(app)` makes the app's routes part of the tree of another app as well.
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
        chains.map((chain) => takeAll([...chain, ...mounts.map(mountPatternOf)], base)),
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
  return isPlain(layer) ? '' : mountPatternOf(layer).declared;
}

function placeOf(chain: readonly MountPattern[], { mounts, layer }: Spot): Place {
  return { mounts: [...chain, ...mounts.map(mountPatternOf)], leaf: routePatternOf(layer) };
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
