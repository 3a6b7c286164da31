import type { IncomingMessage } from 'node:http';
import type { RouteSource } from './route-source.ts';
import { takesEverything } from './wildcard.ts';

/** What Restify leaves on Node's request; Express' route has neither `spec` nor `chain`. */
type Routed = IncomingMessage & {
  readonly route?: {
    readonly path?: unknown;
    readonly spec?: { readonly method?: unknown };
    readonly chain?: unknown;
  };
};

/**
 * Restify, which leaves the route on Node's request. It must be asked before Express, which does so too.
 *
 * - The route is known from when the router has found it: an answer of `pre` has none, one of `use` has the pattern.
 * - As with Express, a wildcard for everything that answers preflights does not count as a route.
 *
 * https://restify.com/docs/request-api/#getroute
 */
export const restifyRoutes: RouteSource = {
  route({ route }: Routed) {
    if (route?.spec === undefined || route.chain === undefined || typeof route.path !== 'string')
      return undefined;
    return route.spec.method === 'OPTIONS' && takesEverything(route.path) ? undefined : route.path;
  },
};
