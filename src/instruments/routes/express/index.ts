import type { Server, ServerResponse } from 'node:http';
import type { Guard } from '../../../guest/guard.ts';
import type { RouteSource } from '../route-source.ts';
import { loadedLayers } from './copies.ts';
import { hasPassedOn, isFallback } from './fallback.ts';
import { guessPattern } from './guess.ts';
import type { Route } from './layer.ts';
import { isApp, isRoute, pathOf, prefixTwice } from './layer.ts';
import { locate } from './locate.ts';
import { patchLayers, TRACE, type TracedRequest } from './patch.ts';
import { createPlaces } from './places.ts';
import { tracedPattern } from './trace.ts';
import type { Tree } from './tree.ts';
import { entryOf, isWatched, type WatchedRequest, watchRoutes } from './watch.ts';

/**
 * Express 4 and 5, and the package `router` by itself, without a hook into module loading. What the app has
 * declared is read: the tree of its routers shows where `req.route` is, once for each route. Where that leaves
 * something open the routes of that app are noted as they are entered, and where a router hangs on no tree the
 * layers of Express are patched.
 *
 * - A route's pattern is what was declared, mounts included, in the letters that were declared; of a list of
 *   paths it is the one that matched; of a regular expression it is the source.
 * - A route that calls `next()` keeps its name unless another route is entered before the response begins, also
 *   when the built-in 404 answers: "no such user" by `next()` belongs to `/users/:id`.
 * - Middleware is not a route, nor is what an app declares for whatever it has no route for.
 */
export const expressRoutes: RouteSource = {
  name: 'express',
  install(installed) {
    guard = installed;
  },
  knows: (server) => server?.listeners('request').some(isApp) === true || loadedLayers().length > 0,
  start(_request, _response, server) {
    if (!seen.has(server)) look(server);
  },
  route(request: WatchedRequest & TracedRequest, response, incomingUrl) {
    const noted = entryOf(request);
    // Another route than the last was set where we did not watch.
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
  },
};

let guard: Guard = (_place, callback) => callback;
const seen = new WeakSet<Server>();
const places = createPlaces((app, tree, route, found = []) => {
  if (isWatched(app)) return;
  // Which of two routes answered shows only at the time, and so does where a mounted app throws.
  const isOpen = app.parent !== undefined || tree.apps.length > 0 || tree.hasFallback || found.length > 1;
  if (isOpen || (route !== undefined && tree.hasRival(route))) watchRoutes(app, guard);
});

function look(server: Server): void {
  seen.add(server);
  for (const listener of server.listeners('request')) if (isApp(listener)) places.tree(listener);
}

/** For a route that no tree shows where the request was: it is noted from now on how a request gets there. */
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
    // Perhaps it is in a mounted app that has thrown: the next request shows which.
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
  // Below a mount that the app has undone by hand.
  const above = base.slice(prefixTwice(base + pathOf(url), pathOf(incomingUrl)));
  return guessPattern(route, above, incomingUrl, isApp(app) ? places.functionsAt(app, above) : []);
}

/** How many requests to routes of one copy of Express had no pattern when they were over. */
const losses = new WeakMap<object, number>();

/** Looks for copies that were loaded since, each time after twice as many requests: it costs some time. */
function patchCopies(route: Route, tree: Tree | undefined): void {
  const copy: object | null = Object.getPrototypeOf(route);
  if (copy === null) return;
  const count = (losses.get(copy) ?? 0) + 1;
  losses.set(copy, count);
  if (!Number.isInteger(Math.log2(count))) return;
  patchLayers([...route.stack.slice(0, 1), ...(tree?.copies ?? []), ...loadedLayers()], guard);
}

function isNoRoute(route: Route, request: WatchedRequest, response: ServerResponse): boolean {
  return isFallback(route) || hasPassedOn(route, request, response);
}

/** `req.baseUrl`, if it is Express': Sails writes the host into it. */
function baseOf(base: string): string {
  return base.startsWith('/') ? base : '';
}
