import { load } from '../../guest/load.ts';
import { pathOf } from './request-path.ts';
import type { RouteSource } from './route-source.ts';

/**
 * Patterns for apps that route by hand (`ROUTEMETER_ROUTES`), used when no framework knows the route. They apply to the
 * incoming URL, with any method; the best match is that of find-my-way (https://github.com/delvedor/find-my-way).
 */
export function createManualRoutes(patterns: readonly string[]): RouteSource {
  const { createManualRouter } = load<typeof import('./manual-router.ts')>(
    './instruments/routes/manual-router',
  );
  const find = createManualRouter(patterns);
  return {
    name: 'manual',
    knows: () => patterns.length > 0,
    route(_request, _response, incomingUrl) {
      const path = pathOf(incomingUrl);
      try {
        return path.startsWith('/') ? find(path) : undefined;
      } catch {
        return undefined;
      }
    },
  };
}
