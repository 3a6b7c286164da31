import type { IncomingMessage } from 'node:http';
import { joinPatterns } from './declared-path.ts';
import { lookAtRouter } from './express/index.ts';
import { type Mounted, mountOf } from './express/mount-of.ts';
import type { RouteSource } from './route-source.ts';

/** A registered symbol of `@loopback/express`: the request's property that holds its context. */
const CONTEXT = Symbol.for('loopback.middleware.context');

interface Context {
  getSync(key: string, options: { readonly optional: true }): unknown;
  findByTag(tag: string): readonly { readonly key: string }[];
  readonly serverConfig?: { readonly basePath?: string };
}

type Handled = IncomingMessage & { readonly [CONTEXT]?: Context; readonly app?: Mounted };

interface Found {
  readonly path: string;
  readonly spec?: unknown;
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
  route(request: Handled) {
    const context = request[CONTEXT];
    if (context === undefined) return undefined;
    const route =
      (context.getSync('rest.operation.route', { optional: true }) as Found | undefined) ??
      ofActions(context);
    if (route === undefined) return undefined;
    if (route._externalRouter !== undefined) {
      lookAtRouter(route._externalRouter);
      return undefined;
    }
    const base = joinPatterns(mountOf(request.app), context.serverConfig?.basePath ?? '');
    return joinPatterns(base, route.path);
  },
};

const bySpec = new WeakMap<object, Found | undefined>();

/** A sequence of actions, which older apps have, leaves no route on the context, but what is specified for it. */
function ofActions(context: Context): Found | undefined {
  const spec = context.getSync('rest.operationSpec.current', { optional: true });
  if (typeof spec !== 'object' || spec === null) return undefined;
  if (bySpec.has(spec)) return bySpec.get(spec);
  const route = context
    .findByTag('restRoute')
    .map(({ key }) => context.getSync(key, { optional: true }) as Found | undefined)
    .find((each) => each?.spec === spec);
  bySpec.set(spec, route);
  return route;
}
