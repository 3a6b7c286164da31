import type { Server } from 'node:http';
import type { Guard } from '../../../guard.ts';
import type { RouteSource } from '../route-source.ts';
import type { Layer, Route } from './layer.ts';
import { stackOf } from './layer.ts';
import type { ExpressRequest } from './patch.ts';
import { patchLayers, TRACE } from './patch.ts';
import { tracedPattern } from './trace.ts';
import { findPattern } from './tree.ts';

/**
 * Express 4 and 5, and the package `router` by itself, without a hook into module loading: the first request
 * shows the app, the app shows the class of its layers, and that class is patched.
 *
 * - A route's pattern is what was declared, mounts included, in the letters that were declared; of a list of
 *   paths it is the one that matched; of a regular expression it is the source.
 * - A route that calls `next()` keeps its name unless another route is entered before the response begins, also
 *   when the built-in 404 answers: "no such user" by `next()` belongs to `/users/:id`.
 * - Middleware is not a route: what it answers has none.
 */
export const expressRoutes: RouteSource = {
  name: 'express',
  install(installed) {
    guard = installed;
  },
  start(_request, _response, server) {
    if (!seen.has(server)) look(server);
  },
  route(request: ExpressRequest) {
    const trace = request[TRACE];
    const last = request.route;
    if (last === undefined || last === trace?.route?.route) return trace && tracedPattern(trace);
    return isRoute(last) ? lateRoute(request, last) : undefined;
  },
};

let guard: Guard = (_place, callback) => callback;
const seen = new WeakSet<Server>();
const found = new WeakMap<Route, string | undefined>();

function look(server: Server): void {
  seen.add(server);
  for (const listener of server.listeners('request')) patchLayers(stackOf(listener)?.[0], guard);
}

/** For a request whose last route was not noted: its layers were not patched yet, or its handlers never ran. */
function lateRoute(request: ExpressRequest, last: Route): string | undefined {
  const trace = request[TRACE];
  const wasUnpatched = patchLayers(last.stack[0], guard);
  if (trace?.route !== undefined && !wasUnpatched) return tracedPattern(trace);
  if (trace !== undefined) return findPattern(request.app, last, trace);
  if (!found.has(last)) found.set(last, findPattern(request.app, last, undefined));
  return found.get(last);
}

function isRoute(candidate: unknown): candidate is Route {
  if (typeof candidate !== 'object' || candidate === null) return false;
  const { stack, path } = candidate as { stack?: readonly Layer[]; path?: unknown };
  return Array.isArray(stack) && path !== undefined;
}
