import type { IncomingMessage } from 'node:http';
import { replaceMethod } from '../../guest/replace.ts';
import type { RouteSource } from './route-source.ts';
import { takesEverything } from './wildcard.ts';

/** The property of Node's request that holds Hapi's. */
const REQUEST = Symbol('routemeter.hapi');
type Routed = IncomingMessage & { [REQUEST]?: HapiRequest };

interface HapiRequest {
  /** Before a route has matched, and if none does, that of the built-in answer, with a method of its own. */
  readonly route: { readonly method: string; readonly path: string };
}

type Generate = (this: unknown, server: unknown, request: Routed, ...rest: unknown[]) => HapiRequest;

interface RequestClass {
  readonly generate?: Generate;
  readonly prototype?: object;
}

/**
 * Hapi 20 and 21, from 20.1.2, the first that runs on these versions of Node.js. It has the route on its own request.
 * Nothing leads there from Node's request, so that the function that makes it is patched.
 *
 * - The pattern includes the prefixes of plugins, and is known if authentication, validation or an error answers. What an
 *   extension answers at `onRequest` has no route yet.
 * - As with Express, a wildcard for everything does not count as a route if it is declared for every method, nor does one
 *   that answers preflights.
 *
 * https://hapi.dev/api/#request.route
 */
export const hapiRoutes: RouteSource = {
  install(guard, patch, _onPackage, found) {
    const remember = guard('route', (request: Routed, made: HapiRequest) => {
      request[REQUEST] = made;
    });
    patch({
      package: '@hapi/hapi',
      files: ['lib/request.js'],
      versions: '20 and 21',
      bundled: ['_special', '/{p*}'],
      apply(exports) {
        const { generate, prototype = {} } = exports as RequestClass;
        if (generate?.length !== 4 || !('_execute' in prototype && '_lookup' in prototype)) return false;
        replaceMethod<Generate>(
          exports as RequestClass,
          'generate',
          (generate) =>
            function (server, request, ...rest) {
              const made = generate.call(this, server, request, ...rest);
              remember(request, made);
              return made;
            },
        );
        found();
        return true;
      },
    });
  },
  route(request: Routed) {
    const made = request[REQUEST];
    if (made === undefined) return undefined;
    const { method, path } = made.route;
    const isFallback = (method === '*' || method === 'options') && takesEverything(path);
    return method === '_special' || isFallback ? undefined : path;
  },
};
