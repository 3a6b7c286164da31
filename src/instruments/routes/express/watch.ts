import type { Guard } from '../../../guest/guard.ts';
import { type App, isApp, isRoute, type Route } from './layer.ts';
import { lastSeen, type NotedRequest, type Notes, noteRoute, notesOf, startNotes } from './notes.ts';

/** The prototypes of requests that have been dealt with, including those that cannot be watched. */
const watched = new WeakSet<object>();

/**
 * Notes the routes that Express gives a request to: `req.route` becomes an accessor on the prototype of the outermost
 * app's requests. A request gets it as a property of its own once it is set, as it has without us: `Object.keys(req)`
 * and `{ ...req }` depend on that. That is plain data if no other route can follow, else again an accessor. Accessors
 * return before a handler runs, so no frame of ours is in the stack of an error.
 *
 * @param mayPassOn whether Express may give a request to another route after this one, other than a fallback
 */
export function watchRoutes(
  app: unknown,
  guard: Guard,
  mayPassOn: (app: unknown, route: Route) => boolean,
): void {
  if (!isApp(app)) return;
  const { request: prototype } = outermost(app);
  if (prototype === undefined || watched.has(prototype)) return;
  watched.add(prototype);
  if (Object.hasOwn(prototype, 'route') || !Object.isExtensible(prototype)) return;
  const note = guard('express.route', (request: NotedRequest, route: unknown): boolean => {
    if (!isRoute(route)) return false;
    noteRoute(keepLast(request, route), request, request.res, route);
    return mayPassOn(request.app, route);
  });
  const own: PropertyDescriptor & ThisType<NotedRequest> = {
    configurable: true,
    enumerable: true,
    get() {
      return lastSeen(this);
    },
    set(route: unknown) {
      if (!Object.hasOwn(this, 'route')) Object.defineProperty(this, 'route', own);
      keepLast(this, route);
      note(this, route);
    },
  };
  const first: PropertyDescriptor & ThisType<NotedRequest> = {
    configurable: true,
    get: () => undefined,
    set(route: unknown) {
      if (note(this, route) === true) Object.defineProperty(this, 'route', own);
      else new OwnRoute(this, route);
    },
  };
  Object.defineProperty(prototype, 'route', first);
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

function keepLast(request: NotedRequest, route: unknown): Notes {
  const notes = notesOf(request) ?? startNotes(request);
  notes.last = route;
  return notes;
}

/** The fields of what extends it become properties of what is given. */
class Given {
  constructor(given: object) {
    // biome-ignore lint/correctness/noConstructorReturn: that is what makes it so
    return given;
  }
}

/** Gives a request `route` as plain data: the same as `Object.defineProperty`, in a tenth of the time. */
class OwnRoute extends Given {
  route: unknown;

  constructor(request: object, route: unknown) {
    super(request);
    this.route = route;
  }
}
