import type { ServerResponse } from 'node:http';
import type { Guard } from '../../../guest/guard.ts';
import { isFallback } from './fallback.ts';
import { type App, type ExpressRequest, isApp, isRoute, type Route } from './layer.ts';

/** The last route that a request entered before its response began, and the state of the request then. */
export interface Entry {
  /** The value that the app reads as `req.route`. */
  last: unknown;
  route: Route | undefined;
  base: string;
  url: string;
  app: unknown;
}

const ENTRY = Symbol('routemeter.express.entry');

export interface WatchedRequest extends ExpressRequest {
  [ENTRY]?: Entry;
  res?: ServerResponse;
}

/** The prototypes of requests that have been dealt with, including those that cannot be watched. */
const watched = new WeakSet<object>();

/**
 * Notes every route that Express gives a request to: `req.route` becomes an accessor, on the prototype of the outermost
 * app's requests and on each request once it is set. The app reads and sets it as before. The accessor returns before a
 * handler runs, so no frame of ours is in the stack of an error.
 */
export function watchRoutes(app: unknown, guard: Guard): void {
  if (!isApp(app)) return;
  const { request } = outermost(app);
  if (request === undefined || watched.has(request)) return;
  watched.add(request);
  if (Object.hasOwn(request, 'route') || !Object.isExtensible(request)) return;
  const note = guard('express.route', noteRoute);
  const accessor: PropertyDescriptor & ThisType<WatchedRequest> = {
    configurable: true,
    enumerable: true,
    get() {
      return this[ENTRY]?.last;
    },
    set(route: unknown) {
      const entry = entryOf(this);
      if (entry === undefined) {
        this[ENTRY] = { last: route, route: undefined, base: '', url: '', app: undefined };
        // Unmeasured, the request has it as its own property: `Object.keys(req)` and `{ ...req }` depend on that.
        Object.defineProperty(this, 'route', accessor);
      } else {
        entry.last = route;
      }
      note(this, route);
    },
  };
  Object.defineProperty(request, 'route', accessor);
}

/** The request's own entry: the app may have set a route on what the request inherits from. */
export function entryOf(request: WatchedRequest): Entry | undefined {
  return Object.hasOwn(request, ENTRY) ? request[ENTRY] : undefined;
}

export function isWatched(app: unknown): boolean {
  const request = isApp(app) ? outermost(app).request : undefined;
  return request !== undefined && watched.has(request);
}

function outermost(app: App): App {
  let outer = app;
  for (let depth = 0; outer.parent !== undefined && depth < 100; depth++) outer = outer.parent;
  return outer;
}

function noteRoute(request: WatchedRequest, route: unknown): void {
  const entry = entryOf(request);
  if (entry === undefined || !isRoute(route)) return;
  // After `res.send(); next()` the route that answered counts; a fallback never replaces the route before it.
  if (entry.route !== undefined && (request.res?.headersSent === true || isFallback(route))) return;
  entry.route = route;
  entry.base = request.baseUrl ?? '';
  entry.url = request.url ?? '';
  entry.app = request.app;
}
