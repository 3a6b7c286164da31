import type { ServerResponse } from 'node:http';
import type { Guard } from '../../../guest/guard.ts';
import { loadedLayers } from './copies.ts';
import { hasPassedOn, isFallback } from './fallback.ts';
import { guessPattern } from './guess.ts';
import { type App, isApp, isRoute, type Route } from './layer.ts';
import { locate, patternByBase } from './locate.ts';
import { isTraced, type NotedRequest, type Notes, notesOf } from './notes.ts';
import { patchLayer } from './patch.ts';
import { createPlaces } from './places.ts';
import { prefixTwice, routedPathOf } from './routed-path.ts';
import { tracedPattern } from './trace.ts';
import type { Tree } from './tree.ts';
import { isWatched, watchRoutes } from './watch.ts';

let guard: Guard = (_place, callback) => callback;

/** @param given wraps what Express will call */
export function useGuard(given: Guard): void {
  guard = given;
}

const places = createPlaces((app) => watchRoutes(app, guard, mayPassOn));

/** Routes after which requests were seen at another one, though what they declare does not tell. */
const passing = new WeakSet<object>();

function mayPassOn(app: unknown, route: Route): boolean {
  if (passing.has(route) || !isApp(app)) return true;
  return places.of(app, route)?.mayPassOn !== false;
}

/** Reads the tree of an app before its first request. */
export function look(app: App & object): void {
  places.tree(app);
}

/** The pattern of the route that answered, as `index.ts` describes. */
export function routeOf(
  request: NotedRequest,
  response: ServerResponse,
  incomingUrl: string,
): string | undefined {
  const noted = validNotes(request);
  const route = (noted?.route ?? request.route) as Route | undefined;
  if (route === undefined) return undefined;
  const app = noted === undefined ? request.app : noted.app;
  const known = isApp(app) ? places.of(app, route) : undefined;
  if (known === undefined || !isApp(app)) {
    return isRoute(route) ? lost(request, response, route, incomingUrl, noted) : undefined;
  }
  if (known.isBare && isNoRoute(route, request, response)) return undefined;
  const written = (noted === undefined ? request.baseUrl : noted.base) ?? '';
  const base = baseOf(written);
  const isExact = noted !== undefined && base === written;
  const url = (noted === undefined ? request.url : noted.url) ?? '';
  const pattern =
    patternByBase(known, base, url, isExact, incomingUrl) ?? locate(known, base, url, isExact, incomingUrl);
  if (pattern !== undefined) return pattern;
  const grown = places.again(app, route);
  return (
    (grown && locate(grown, base, url, isExact, incomingUrl)) ??
    lost(request, response, route, incomingUrl, noted)
  );
}

/** The notes on the route that counts. One that was not seen being entered makes them obsolete, unless it is a fallback. */
function validNotes(request: NotedRequest): Notes | undefined {
  const notes = notesOf(request);
  if (notes?.route === undefined) return undefined;
  if (notes.last === request.route) return notes;
  if (isRoute(request.route) && isFallback(request.route)) return notes;
  passing.add(notes.route);
  return undefined;
}

/** For a route that is in no known tree: from now on, how requests get there is noted. */
function lost(
  request: NotedRequest,
  response: ServerResponse,
  route: Route,
  incomingUrl: string,
  noted: Notes | undefined,
): string | undefined {
  const { app, url } = noted ?? request;
  const tree = isApp(app) ? places.tree(app) : undefined;
  if (isNoRoute(route, request, response)) {
    // What has passed a request on to it is in no tree either.
    if (noted === undefined && isFallback(route)) patchCopies(route, tree);
    return undefined;
  }
  // It may belong to a mounted app that has thrown; the next request will show which.
  if (tree !== undefined && tree.apps.length > 0 && !isWatched(app)) {
    watchRoutes(app, guard, mayPassOn);
    return undefined;
  }
  const base = baseOf((noted === undefined ? request.baseUrl : noted.base) ?? '');
  const notes = notesOf(request);
  const trace = notes !== undefined && isTraced(notes) ? notes : undefined;
  const pattern = trace && tracedPattern(trace, route, base, incomingUrl);
  if (pattern !== undefined) return pattern;
  patchCopies(route, tree);
  if (trace !== undefined) return undefined;
  // Leaves out mounts that the app has undone by hand.
  const above = base.slice(prefixTwice(base + routedPathOf(url ?? ''), routedPathOf(incomingUrl)));
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

function isNoRoute(route: Route, request: NotedRequest, response: ServerResponse): boolean {
  return isFallback(route) || hasPassedOn(route, request, response);
}

/** `req.baseUrl` where Express has written it; Sails writes the host into it. */
function baseOf(base: string): string {
  return base.startsWith('/') ? base : '';
}
