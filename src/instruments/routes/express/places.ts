import { isBare } from './fallback.ts';
import { type App, isApp, isPlain, type Route } from './layer.ts';
import {
  isMountedWith,
  type MountPattern,
  mountPatternOf,
  mountPatternOfPath,
  takeMounts,
} from './mount-pattern.ts';
import { type Place, placeOf } from './place.ts';
import { mayComeFrom, mayPassOn, type Rival } from './rivals.ts';
import { growTree, type Spot, type Tree } from './tree.ts';

/** The places of one route, the likeliest first. */
export interface RoutePlaces {
  readonly places: readonly Place[];
  /** Each place has one full pattern, and `req.baseUrl` shows which place a request was at. */
  readonly isFixed: boolean;
  /** Full patterns by concrete `req.baseUrl`, as far as they are known. */
  readonly byBase: Map<string, string>;
  /** The path is nothing but a wildcard: the route may be a fallback or a guard. */
  readonly isBare: boolean;
  /** Whether what a request leaves behind may show another place, or the route is not the only one that it enters. */
  readonly isOpen: boolean;
  /** Whether Express may give the same request to another route after this one, apart from a fallback. */
  readonly mayPassOn: boolean;
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

/** One of the places where an app is mounted. */
interface AppPlace {
  readonly mounts: readonly MountPattern[];
  /** What is tried before the app, and after it. */
  readonly before: readonly Rival[];
  readonly after: readonly Rival[];
}

const OUTERMOST: AppPlace = { mounts: [], before: [], after: [] };

interface Found {
  readonly place: Place;
  readonly mayComeFrom: boolean;
  readonly mayPassOn: boolean;
}

/** @param onOpen called with an app whose requests do not all show in the end which route has answered, and where */
export function createPlaces(onOpen: (app: App & object) => void): Places {
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
    // An app that throws, or passes a request on to a fallback, hides where that has been.
    if (app.parent !== undefined || tree.apps.length > 0 || tree.hasFallback) onOpen(app);
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

  const placesInside = (outer: App & object, depth: number): readonly [Spot, AppPlace][] => {
    const { spots, apps: mounted } = of(outer).tree;
    const outerPlaces = appPlaces(outer, depth);
    return mounted.flatMap((spot) => {
      const mounts = spot.mounts.map(mountPatternOf);
      return outerPlaces.map((place): [Spot, AppPlace] => [
        spot,
        { mounts: [...place.mounts, ...mounts], ...around(place, spots, spot) },
      ]);
    });
  };

  /** Where an app is mounted, the likeliest first. */
  const appPlaces = (app: App & object, depth: number): readonly AppPlace[] => {
    const { parent, mountpath } = app;
    if (!isApp(parent) || mountpath === undefined || depth > MAX_DEPTH) return [OUTERMOST];
    const { declared } = mountPatternOfPath(mountpath);
    const inParent = placesInside(parent, depth + 1);
    const isFree = ([{ layer }]: readonly [Spot, unknown]): boolean => (leads.get(layer) ?? app) === app;
    const likely = inParent
      .filter(isFree)
      .filter(([{ layer }]) => (isPlain(layer) ? declared === '' : isMountedWith(layer, mountpath)));
    const [first] = likely;
    if (first === undefined) {
      return appPlaces(parent, depth + 1).map((place) => ({
        ...place,
        mounts: [...place.mounts, mountPatternOfPath(mountpath)],
      }));
    }
    if (likely.length === 1 && leads.get(first[0].layer) !== app) {
      leads.set(first[0].layer, app);
      generation++;
    }
    const elsewhere =
      depth > 0
        ? []
        : othersThan(app).flatMap((each) => (each === parent ? [] : placesInside(each, depth + 1)));
    const possible = [...inParent.filter((each) => !likely.includes(each)), ...elsewhere].filter(isFree);
    return [...likely, ...possible].map(([, place]) => place);
  };

  const placesIn = (app: App & object, route: Route): readonly Found[] => {
    const { routes, spots } = of(app).tree;
    const found = routes.get(route);
    if (found === undefined) return [];
    return appPlaces(app, 0).flatMap((appPlace) =>
      found.map((spot) => {
        const { mounts: above } = appPlace;
        const { before, after } = around(appPlace, spots, spot);
        const own = { above, spot };
        return {
          place: placeOf(above, spot),
          mayComeFrom: mayComeFrom(before, own),
          mayPassOn: mayPassOn(own, after),
        };
      }),
    );
  };

  const placesOf = (app: App & object, route: Route): RoutePlaces | undefined => {
    const entry = of(app);
    if (entry.tree.isTaller()) refresh(app, entry);
    const cached = entry.generation === generation ? entry.places.get(route) : undefined;
    if (cached !== undefined) return cached;
    if (!entry.tree.routes.has(route)) refresh(app, entry);
    const own = placesIn(app, route);
    // `router.use(app)` makes the app's routes part of the tree of another app as well.
    const found = [...own, ...othersThan(app).flatMap((each) => placesIn(each, route))];
    if (found.length === 0) return undefined;
    if (entry.generation !== generation) {
      entry.places = new Map();
      entry.generation = generation;
    }
    const together = join(found, isBare(route));
    if (together.isOpen) onOpen(app);
    entry.places.set(route, together);
    return together;
  };

  return {
    tree: (app) => of(app).tree,
    functionsAt(app, base) {
      const above = appPlaces(app, 0);
      const patterns = of(app).tree.functions.flatMap(({ mounts }) =>
        above.map((place) => takeAll([...place.mounts, ...mounts.map(mountPatternOf)], base)),
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

/** What is tried before and after a spot in an app that is mounted at this place. */
function around({ mounts: above, before, after }: AppPlace, spots: readonly Spot[], spot: Spot) {
  const at = spots.indexOf(spot);
  const rival = (each: Spot): Rival => ({ above, spot: each });
  return {
    before: [...before, ...spots.slice(0, at).map(rival)],
    after: [...spots.slice(at + 1).map(rival), ...after],
  };
}

function join(found: readonly Found[], isBare: boolean): RoutePlaces {
  const places = found.map(({ place }) => place);
  const passesOn = found.some((each) => each.mayPassOn);
  return {
    places,
    isFixed: places.every(
      ({ only, segments }) => only !== undefined && (segments !== undefined || places.length === 1),
    ),
    byBase: new Map(),
    isBare,
    isOpen: passesOn || places.length > 1 || found.some((each) => each.mayComeFrom),
    mayPassOn: passesOn,
  };
}

function takeAll(mounts: readonly MountPattern[], base: string): string | undefined {
  const taken = takeMounts(mounts, base, 0);
  return taken?.length === base.length ? taken.prefix : undefined;
}
