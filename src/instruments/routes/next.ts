import type { IncomingMessage } from 'node:http';
import type { RouteSource } from './route-source.ts';

/** The property of Node's request that holds what Next.js knows of it. */
const META = Symbol.for('NextInternalRequestMeta');
type Routed = IncomingMessage & { [META]?: Meta };

interface Match {
  readonly definition?: { readonly pathname?: unknown };
}
interface Meta {
  /** Since 14.2.7: the pattern of what is invoked, empty if that is the middleware. */
  readonly invokeOutput?: unknown;
  /** What is rendered, which may be the page of an error. */
  readonly match?: Match;
  /** The same in 13. */
  readonly _nextMatch?: Match;
}

/** What Next.js renders if there is no page, or none that could be rendered. */
const ERRORS: ReadonlySet<unknown> = new Set(['/404', '/500', '/_error', '/_not-found']);

let seen = false;

/**
 * Next.js 13.5 to 16, which leaves on Node's request the page or the handler that it invokes: `/users/[id]`.
 *
 * - What a page or a handler throws, or answers with 404, has its route. Before 14.2.7 not so in the pages router, where
 *   the page of the error takes the place of the page.
 * - Files, redirects and what the middleware answers have none. A rewrite has the route that it leads to.
 * - A `basePath` and locales are not part of the pattern.
 *
 * Source: `server/request-meta` and `server/lib/router-server` of `next`.
 */
export const nextRoutes: RouteSource = {
  install(_guard, patch) {
    patch({
      package: 'next',
      // Of `next start` and the standalone output, and of a server that the app makes.
      files: ['dist/server/lib/start-server.js', 'dist/server/next.js'],
      versions: '13.5 to 16',
      apply() {
        seen = true;
        return true;
      },
    });
  },
  knows: () => seen,
  route(request: Routed) {
    const meta = request[META];
    if (meta === undefined) return undefined;
    const page = meta.invokeOutput ?? (meta.match ?? meta._nextMatch)?.definition?.pathname;
    return typeof page === 'string' && page !== '' && !ERRORS.has(page) ? page : undefined;
  },
};
