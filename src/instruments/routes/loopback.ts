import type { IncomingMessage } from 'node:http';
import { joinPatterns } from './declared-path.ts';
import { lookAtRouter } from './express/index.ts';
import { type Mounted, mountOf } from './express/mount-of.ts';
import type { RouteSource } from './route-source.ts';

/** A registered symbol of `@loopback/express`: the request's property that holds its context. */
const CONTEXT = Symbol.for('loopback.middleware.context');

interface Context {
  getSync(key: string, options: { readonly optional: true }): unknown;
  readonly serverConfig?: { readonly basePath?: string };
}

type Handled = IncomingMessage & { readonly [CONTEXT]?: Context; readonly app?: Mounted };

interface Found {
  readonly path: string;
  /** What no route of LoopBack takes goes to this router of Express; then `path` is that of the request. */
  readonly _externalRouter?: object;
}

/**
 * LoopBack 4, which is an app of Express with a router of its own. It leaves a context on the request, and in it the
 * route that matched: `/users/{id}`, without the base path of the server, or the mount of its app.
 *
 * https://loopback.io/doc/en/lb4/Routes.html
 */
export const loopbackRoutes: RouteSource = {
  name: 'loopback',
  route(request: Handled) {
    const context = request[CONTEXT];
    if (context === undefined) return undefined;
    const route = context.getSync('rest.operation.route', { optional: true }) as Found | undefined;
    if (route === undefined) return undefined;
    if (route._externalRouter !== undefined) {
      lookAtRouter(route._externalRouter);
      return undefined;
    }
    const base = joinPatterns(mountOf(request.app), context.serverConfig?.basePath ?? '');
    return joinPatterns(base, route.path);
  },
};
