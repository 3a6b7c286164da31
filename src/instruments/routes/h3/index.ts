import { isRecord } from '../../../guest/shape.ts';
import type { RouteSource } from '../route-source.ts';
import { type Context, type Routed, routeOf, step } from './steps.ts';
import { type Router, steppingFind, stepsOfWeb } from './web.ts';

/** Of h3 1. */
interface NodeEvent {
  readonly node: { readonly req: Routed };
  readonly context: Context;
}

const VERSIONS = '1.8 to 2';

/**
 * h3 1 and 2 on Node.js. Both put what has matched on the context of their event, with the pattern that its router
 * knows. Where routers are nested, those of the outer ones come before it, as `mounted.ts` tells them from what each
 * router sees of the path: the path of an event of h3 1 is asked for by every router, and h3 2 has a method that finds
 * the route.
 *
 * - Handlers of `app.use` are middleware, not routes; nor is a handler of all methods and paths.
 * - Matching comes before middleware in h3 2: a route has its name even if middleware answers.
 *
 * https://h3.dev/guide/basics/routing and https://v1.h3.dev/guide/router
 */
export const h3Routes: RouteSource = {
  install(guard, patch, _onPackage, found) {
    const stepOfNode = guard('route', ({ node, context }: NodeEvent, path: unknown) => {
      if (typeof path === 'string') step(node.req, context, path);
    });

    patch({
      package: 'h3',
      files: ['dist/index.mjs', 'dist/index.cjs'],
      versions: VERSIONS,
      bundled: ['__is_handler__', 'Cannot find any path matching'],
      apply(exports) {
        const prototype = prototypeOf(exports, 'H3Event');
        const path = prototype && Object.getOwnPropertyDescriptor(prototype, 'path');
        const get = path?.get;
        // Without a method of its own it is too old to tell what has matched.
        if (prototype === undefined || get === undefined || !('method' in prototype)) return false;
        const replaced = {
          get path(): unknown {
            const value = get.call(this);
            stepOfNode(this as unknown as NodeEvent, value);
            return value;
          },
        };
        Object.defineProperty(prototype, 'path', {
          ...Object.getOwnPropertyDescriptor(replaced, 'path'),
          enumerable: path?.enumerable ?? false,
        });
        found();
        return true;
      },
    });
    patch({
      package: 'h3',
      files: ['dist/_entries/node.mjs', 'dist/_entries/generic.mjs'],
      versions: VERSIONS,
      bundled: ['~findRoute', '~addRoute'],
      apply(exports) {
        const router = prototypeOf(exports, 'H3') as Partial<Router> | undefined;
        const find = router?.['~findRoute'];
        if (router === undefined || find?.length !== 1) return false;
        router['~findRoute'] = steppingFind(find, stepsOfWeb(guard));
        found();
        return true;
      },
    });
  },
  route: routeOf,
};

function prototypeOf(exports: unknown, name: string): object | undefined {
  const value: unknown = Reflect.get(exports as object, name);
  return typeof value === 'function' && isRecord(value.prototype) ? value.prototype : undefined;
}
