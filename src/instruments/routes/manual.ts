import type { IncomingMessage } from 'node:http';
import { load } from '../../load.ts';
import type { Log } from '../../log.ts';
import type { RouteSource } from './route-source.ts';

/**
 * Patterns for apps that route by hand (`ROUTEMETER_ROUTES`), to be asked when no framework knew a route. The
 * syntax and the best match are those of find-my-way (https://github.com/delvedor/find-my-way), for any method.
 *
 * @param patterns one the library refuses is said once and left out
 */
export function createManualRoutes(patterns: readonly string[], log: Log): RouteSource {
  if (patterns.length === 0) return { name: 'manual', route: () => undefined };
  const { createManualRouter } = load<typeof import('./manual-router.ts')>(
    './instruments/routes/manual-router',
  );
  const find = createManualRouter(patterns, (pattern, reason) => {
    log.once(`route:${pattern}`, 'warn', `ROUTEMETER_ROUTES: "${pattern}" is left out: ${reason}`);
  });
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
