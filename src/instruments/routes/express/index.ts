import type { Guard } from '../../../guest/guard.ts';
import { load } from '../../../guest/load.ts';
import type { RouteSource } from '../route-source.ts';
import { loadedLayers } from './copies.ts';
import { type ExpressRequest, isApp } from './layer.ts';
import { declaredForWebSocket } from './websocket.ts';

/**
 * Express 4 and 5, and the package `router` by itself, without a hook into module loading. It reads what the app has
 * declared: the tree of its routers shows where `req.route` is mounted, once for each route. Where the tree is
 * ambiguous, the app's routes are noted as they are entered (`watch.ts`); where a router is part of no tree, the layers
 * of Express are patched (`patch.ts`).
 *
 * - A route's pattern is what was declared, mounts included, in the declared case; of a list of paths, the one that
 *   matched; of a regular expression, the source.
 * - A route that calls `next()` keeps its name unless another route is entered before the response begins, even when
 *   the built-in 404 answers: "no such user" by `next()` belongs to `/users/:id`.
 * - Middleware is not a route, nor is a handler that an app declares for everything that it has no route for.
 */
export const expressRoutes: RouteSource = {
  install(installed) {
    guard = installed;
  },
  knows(server) {
    const isUsed = server?.listeners('request').some(isApp) === true || loadedLayers().length > 0;
    // Now rather than at the first request.
    if (isUsed) routing();
    return isUsed;
  },
  serve(server) {
    for (const listener of server.listeners('request')) if (isApp(listener)) routing().look(listener);
  },
  route(request: ExpressRequest, response, incomingUrl) {
    if (loaded === undefined && request.route === undefined) return undefined;
    const pattern = routing().routeOf(request, response, incomingUrl);
    return pattern && declaredForWebSocket(pattern, request);
  },
};

/** Makes a router known that a framework of Express keeps out of the tree of its app. */
export function lookAtRouter(router: object): void {
  routing().look(router);
}

/** The pattern of where Express has mounted the function that is handling the request, if it has and that is certain. */
export function expressMountOf({ app, baseUrl }: ExpressRequest): string {
  if (typeof baseUrl !== 'string' || baseUrl === '' || !isApp(app)) return '';
  return routing().mountOfFunction(app, baseUrl) ?? '';
}

let guard: Guard = (_place, callback) => callback;
let loaded: typeof import('./routing.ts') | undefined;

/** Most processes do not use Express: for them nothing more is loaded. */
function routing(): typeof import('./routing.ts') {
  if (loaded === undefined) {
    loaded = load<typeof import('./routing.ts')>('./instruments/routes/express/routing');
    loaded.useGuard(guard);
  }
  return loaded;
}
