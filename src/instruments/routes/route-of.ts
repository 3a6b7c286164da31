import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Guard } from '../../guest/guard.ts';
import type { RouteSource } from './route-source.ts';
import type { Sources } from './sources.ts';

/** Finds the route of a request, whichever framework has routed it. */
export interface RouteOf {
  /** Whether any source may route the requests of this server, as far as is known when it listens. */
  knows(server: Server | undefined): boolean;
  /** Must be called before a request reaches the app. */
  start(server: Server | undefined): void;
  /**
   * @param incomingUrl `request.url` as it was before the app
   * @param named what the app's code has named by `route`; null if it has said that there is no route
   */
  route(
    request: IncomingMessage,
    response: ServerResponse,
    incomingUrl: string,
    named: string | null | undefined,
  ): string | undefined;
}

/**
 * The app's code names a request's route, else the first source that knows it. If a source fails, the request has no
 * route.
 *
 * @param last asked if no other source knows the route
 * @param look patches what the app has loaded; called before a request reaches it
 */
export function createRouteOf(
  sources: Pick<Sources, 'asked' | 'look'>,
  last: RouteSource | undefined,
  guard: Guard,
  look: () => void,
): RouteOf {
  const served = new WeakSet<Server>();
  return {
    knows(server) {
      look();
      sources.look();
      return last !== undefined || sources.asked.some(({ knows }) => knows === undefined || knows(server));
    },
    start: guard('route', (server) => {
      look();
      if (server === undefined || served.has(server)) return;
      served.add(server);
      sources.look();
      for (const source of sources.asked) source.serve?.(server);
    }),
    route: guard('route', (request, response, incomingUrl, named) => {
      if (named !== undefined) return named ?? undefined;
      for (const source of sources.asked) {
        const route = source.route(request, response, incomingUrl);
        if (route !== undefined) return route;
      }
      return last?.route(request, response, incomingUrl);
    }),
  };
}
