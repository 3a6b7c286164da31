import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RouteSource } from './route-source.ts';

/** The property of Node's request that holds Koa's context. */
const CONTEXT = Symbol('routemeter.koa');
type Routed = IncomingMessage & { [CONTEXT]?: { readonly _matchedRoute?: unknown } };

type CreateContext = (this: unknown, request: Routed, response: ServerResponse) => object;

let seen = false;

/**
 * Koa 2 and 3 with `@koa/router`, which puts the pattern of the route that matched on the context; nested prefixes
 * included. Nothing leads from Node's request to the context, so that the method that makes it is patched.
 *
 * https://github.com/koajs/router
 */
export const koaRoutes: RouteSource = {
  name: 'koa',
  install(guard, patch) {
    const remember = guard('route', (request: Routed, context: object) => {
      request[CONTEXT] = context;
    });
    patch({
      package: 'koa',
      files: ['lib/application.js'],
      versions: '2 and 3',
      apply(exports) {
        const { prototype } = exports as { prototype?: { createContext?: CreateContext } };
        const createContext = prototype?.createContext;
        if (prototype === undefined || createContext?.length !== 2) return false;
        prototype.createContext = function (request, response) {
          const context = createContext.call(this, request, response);
          remember(request, context);
          return context;
        };
        seen = true;
        return true;
      },
    });
  },
  knows: () => seen,
  route(request: Routed) {
    const route = request[CONTEXT]?._matchedRoute;
    return typeof route === 'string' ? route : route instanceof RegExp ? route.source : undefined;
  },
};
