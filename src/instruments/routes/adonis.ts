import type { IncomingMessage } from 'node:http';
import { replaceMethod } from '../../guest/replace.ts';
import type { RouteSource } from './route-source.ts';

/** The property of Node's request that holds the context of AdonisJS. */
const CONTEXT = Symbol('routemeter.adonis');
type Routed = IncomingMessage & { [CONTEXT]?: Context };

interface Context {
  /** Set once a route has matched; with the prefixes of its groups. */
  readonly route?: { readonly pattern?: unknown };
}
/** AdonisJS wraps Node's request. */
interface Wrapper {
  readonly request?: Routed;
}
type CreateContext = (this: unknown, request: Wrapper, response: unknown, resolver: unknown) => Context;

/**
 * AdonisJS 6 and 7, whose context has the route. Nothing leads from Node's request to the context, so that the method that
 * makes it is patched: only 7 publishes it on a channel.
 *
 * https://docs.adonisjs.com/guides/basics/http-context
 */
export const adonisRoutes: RouteSource = {
  install(guard, patch, _onPackage, found) {
    const remember = guard('route', ({ request }: Wrapper, context: Context) => {
      if (request !== undefined) request[CONTEXT] = context;
    });
    patch({
      package: '@adonisjs/http-server',
      files: ['build/index.js'],
      versions: '7 to 9',
      bundled: ['createHttpContext', 'E_ROUTE_NOT_FOUND'],
      apply(exports) {
        const { Server } = exports as {
          Server?: { readonly prototype?: { createHttpContext?: CreateContext } };
        };
        const prototype = Server?.prototype;
        if (prototype?.createHttpContext?.length !== 3) return false;
        replaceMethod<CreateContext>(
          prototype,
          'createHttpContext',
          (create) =>
            function (request, response, resolver) {
              const context = create.call(this, request, response, resolver);
              remember(request, context);
              return context;
            },
        );
        found();
        return true;
      },
    });
  },
  route(request: Routed) {
    const pattern = request[CONTEXT]?.route?.pattern;
    return typeof pattern === 'string' ? pattern : undefined;
  },
};
