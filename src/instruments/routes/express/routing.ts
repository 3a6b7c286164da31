import type { ServerResponse } from 'node:http';
import type { Guard } from '../../../guest/guard.ts';
import { loadedLayers } from './copies.ts';
import { hasPassedOn, isFallback } from './fallback.ts';
import { guessPattern } from './guess.ts';
import { type App, isApp, isRoute, type Route } from './layer.ts';
import { locate } from './locate.ts';
import { patchLayer, TRACE, type TracedRequest } from './patch.ts';
import { createPlaces } from './places.ts';
import { hasRival } from './rivals.ts';
import { prefixTwice, routedPathOf } from './routed-path.ts';
import { tracedPattern } from './trace.ts';
import type { Tree } from './tree.ts';
import { entryOf, isWatched, type WatchedRequest, watchRoutes } from './watch.ts';

let guard: Guard = (_place, callback) => callback;

/** @param given wraps what Express will call */
export function useGuard(given: Guard): void {
  guard = given;
}

const places = createPlaces((app, tree, route, found = []) => {
  if (isWatched(app)) return;
  // Which of two routes answers, and which mounted app throws, can be seen only while a request is handled.
  const isOpen = app.parent !== undefined || tree.apps.length > 0 || tree.hasFallback || found.length > 1;
  if (isOpen || (route !== undefined && hasRival(tree, route))) watchRoutes(app, guard);
});

/** Reads the tree of an app before its first request. */
export function look(app: App & object): void {
  places.tree(app);
}

/** The pattern of the route that answered, as `index.ts` describes. */
export function routeOf(
  request: WatchedRequest & TracedRequest,
  response: ServerResponse,
  incomingUrl: string,
): string | undefined {
  const noted = entryOf(request);
  // A route that we did not see being entered makes the entry obsolete.
  const entry = noted?.route !== undefined && noted.last === request.route ? noted : undefined;
  const route = entry?.route ?? request.route;
  if (route === undefined) return undefined;
  const app = entry?.app ?? request.app;
  const known = isApp(app) ? places.of(app, route as Route) : undefined;
  if (known === undefined) {
    return isRoute(route) ? lost(request, response, route, app, incomingUrl) : undefined;
  }
  if (known.isBare && isNoRoute(route as Route, request, response)) return undefined;
  const written = entry?.base ?? request.baseUrl ?? '';
  const base = baseOf(written);
  const isExact = entry !== undefined && base === written;
  const url = entry?.url ?? request.url ?? '';
  const pattern = locate(known, base, url, isExact, incomingUrl);
  if (pattern !== undefined) return pattern;
  const grown = isApp(app) ? places.again(app, route as Route) : undefined;
  return (
    (grown && locate(grown, base, url, isExact, incomingUrl)) ??
    lost(request, response, route as Route, app, incomingUrl)
  );
}

/** For a route that is in no known tree: from now on, how requests get there is noted. */
function lost(
  request: WatchedRequest & TracedRequest,
  response: ServerResponse,
  route: Route,
  app: unknown,
  incomingUrl: string,
): string | undefined {
  if (isNoRoute(route, request, response)) return undefined;
  const tree = isApp(app) ? places.tree(app) : undefined;
  if (isApp(app) && !isWatched(app)) {
    watchRoutes(app, guard);
    // It may belong to a mounted app that has thrown; the next request will show which.
    if (tree !== undefined && tree.apps.length > 0) return undefined;
  }
  const entry = entryOf(request);
  const base = baseOf(entry?.base ?? request.baseUrl ?? '');
  const trace = request[TRACE];
  const pattern = trace && tracedPattern(trace, route, base, incomingUrl);
  if (pattern !== undefined) return pattern;
  patchCopies(route, tree);
  if (trace !== undefined) return undefined;
  const url = entry?.url ?? request.url ?? '';
  // Leaves out mounts that the app has undone by hand.
  const above = base.slice(prefixTwice(base + routedPathOf(url), routedPathOf(incomingUrl)));
  return guessPattern(route, above, incomingUrl, isApp(app) ? places.functionsAt(app, above) : []);
}

/** The pattern of the mount of a function, if only one in the app takes all of `base`. */
export function mountOfFunction(app: unknown, base: string): string | undefined {
  const patterns = isApp(app) ? places.functionsAt(app, base) : [];
  return patterns.length === 1 ? patterns[0] : undefined;
}

/** For each copy of Express, how many requests ended without a pattern for their route. */
const losses = new WeakMap<object, number>();

/** Looks for copies that were loaded since. That takes time, so each search waits for twice as many such requests. */
function patchCopies(route: Route, tree: Tree | undefined): void {
  const copy: object | null = Object.getPrototypeOf(route);
  if (copy === null) return;
  const count = (losses.get(copy) ?? 0) + 1;
  losses.set(copy, count);
  if (!Number.isInteger(Math.log2(count))) return;
  const layers = [...route.stack.slice(0, 1), ...(tree?.copies ?? []), ...loadedLayers()];
  for (const layer of layers) patchLayer(layer, guard);
}

function isNoRoute(route: Route, request: WatchedRequest, response: ServerResponse): boolean {
  return isFallback(route) || hasPassedOn(route, request, response);
}

/** `req.baseUrl` where Express has written it; Sails writes the host into it. */
function baseOf(base: string): string {
  return base.startsWith('/') ? base : '';
}
