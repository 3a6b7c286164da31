import type { ServerResponse } from 'node:http';
import type { Guard } from '../../../guest/guard.ts';
import { isFallback } from './fallback.ts';
import type { App, ExpressRequest, Route } from './layer.ts';
import { isApp, isRoute } from './layer.ts';

/** The last route that took a request before the response began, and where the request was then. */
export interface Entry {
  /** What the app reads as `req.route`. */
  last: unknown;
  route: Route | undefined;
  base: string;
  url: string;
  app: unknown;
}

export const ENTRY = Symbol('routemeter.express.entry');

export interface WatchedRequest extends ExpressRequest {
  [ENTRY]?: Entry;
  res?: ServerResponse;
}

/** Also where there is nothing to be done. */
const watched = new WeakSet<object>();

/**
 * Notes every route as Express hands it the request: `req.route` becomes an accessor, which the app reads and sets
 * as before, on the object that the requests of the outermost app inherit from, and on each request once it is set.
 * It has returned before a handler runs, so that no frame of ours is in the stack of an error.
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
        // As without us, the request itself has it then: for `Object.keys(req)`, `{ ...req }` and the like.
        Object.defineProperty(this, 'route', accessor);
      } else {
        entry.last = route;
      }
      note(this, route);
    },
  };
  Object.defineProperty(request, 'route', accessor);
}

/** That of this request, and not of what it inherits from, should the app have set a route there. */
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
  // After `res.send(); next()` the route that answered stays, and a fallback answers for the one before it.
  if (entry.route !== undefined && (request.res?.headersSent === true || isFallback(route))) return;
  entry.route = route;
  entry.base = request.baseUrl ?? '';
  entry.url = request.url ?? '';
  entry.app = request.app;
}
