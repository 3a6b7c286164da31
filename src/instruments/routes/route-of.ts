import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Guard } from '../../guest/guard.ts';
import type { RouteSource } from './route-source.ts';

/** Finds the route of a request, whichever framework has routed it. */
export interface RouteOf {
  /** Whether any source may route the requests of this server, as far as is known when it listens. */
  knows(server: Server | undefined): boolean;
  start(request: IncomingMessage, response: ServerResponse, server: Server): void;
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
 * @param look patches what the app has loaded; called before a request reaches it
 */
export function createRouteOf(sources: readonly RouteSource[], guard: Guard, look: () => void): RouteOf {
  const starting = sources.filter((source) => source.start !== undefined);
  return {
    knows(server) {
      look();
      return sources.some((source) => source.knows?.(server) === true);
    },
    start: guard('route', (request, response, server) => {
      look();
      for (const source of starting) source.start?.(request, response, server);
    }),
    route: guard('route', (request, response, incomingUrl, named) => {
      if (named !== undefined) return named ?? undefined;
      for (const source of sources) {
        const route = source.route(request, response, incomingUrl);
        if (route !== undefined) return route;
      }
      return undefined;
    }),
  };
}
