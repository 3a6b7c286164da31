import findMyWay from 'find-my-way';
import { pathOf } from './request-path.ts';
import type { RouteSource } from './route-source.ts';

/**
 * Patterns for apps that route by hand (`ROUTEMETER_ROUTES`), used when no framework knows the route. They apply to the
 * incoming URL, with any method; the best match is that of find-my-way (https://github.com/delvedor/find-my-way).
 */
export function createManualRoutes(patterns: readonly string[]): RouteSource {
  const find = createManualRouter(patterns);
  return {
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

/** In characters: more than the longest URL that Node.js accepts by default. */
const MAX_PARAMETER_LENGTH = 1 << 20;

/**
 * @param patterns checked by the configuration; the library throws at malformed ones
 * @returns finds the declared pattern of a path; undefined if none matches or the path is malformed
 */
export function createManualRouter(patterns: readonly string[]): (path: string) => string | undefined {
  const router = findMyWay({ maxParamLength: MAX_PARAMETER_LENGTH });
  for (const pattern of patterns) router.on('GET', pattern, () => {}, pattern);
  return (path) => {
    const store: unknown = router.find('GET', path)?.store;
    return typeof store === 'string' ? store : undefined;
  };
}
