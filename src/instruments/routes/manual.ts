import type { IncomingMessage } from 'node:http';
import { load } from '../../load.ts';
import type { RouteSource } from './route-source.ts';

/**
 * Patterns for apps that route by hand (`ROUTEMETER_ROUTES`), to be asked when no framework knew a route. The
 * best match is that of find-my-way (https://github.com/delvedor/find-my-way), for any method.
 */
export function createManualRoutes(patterns: readonly string[]): RouteSource {
  const { createManualRouter } = load<typeof import('./manual-router.ts')>(
    './instruments/routes/manual-router',
  );
  const find = createManualRouter(patterns);
  return {
    name: 'manual',
    route(request: IncomingMessage & { originalUrl?: unknown }) {
      const { originalUrl, url } = request;
      try {
        return find(typeof originalUrl === 'string' ? originalUrl : (url ?? ''));
      } catch {
        return undefined;
      }
    },
  };
}
