import type { IncomingMessage, ServerResponse } from 'node:http';
import { replaceMethod } from '../../../guest/replace.ts';
import { joinPatterns } from '../declared-path.ts';
import type { RouteSource } from '../route-source.ts';
import { patternAround } from './around.ts';
import { createMounts } from './mounts.ts';
import { type RoutedContext, routedPattern } from './routed.ts';
import { type ServiceContext, servicePattern } from './service.ts';

/** The property of Node's request that holds Koa's contexts, the newest first. */
const CONTEXTS = Symbol('routemeter.koa');
type Context = RoutedContext & ServiceContext;
/** The property of Node's request that holds the pattern of the mount around Koa. */
const AROUND = Symbol('routemeter.koa.around');
type Routed = IncomingMessage & { [CONTEXTS]?: readonly Context[]; [AROUND]?: string };

type CreateContext = (this: unknown, request: Routed, response: ServerResponse) => Context;
type HandleRequest = (
  this: unknown,
  context: Context & { readonly req: Routed },
  ...rest: unknown[]
) => unknown;

interface Methods {
  readonly createContext: CreateContext;
  readonly handleRequest: HandleRequest;
}

const followed = new WeakSet<object>();
const mounts = createMounts();

/**
 * Koa 2 and 3 with `@koa/router` or `koa-router`, which leave on the context what has matched, `koa-mount` and Feathers.
 * Nothing leads from Node's request to the context, so that the method that makes it is patched.
 *
 * - Of several routes that match, the one that was entered last names the request, even if it calls `next()` and a 404
 *   follows: "no such user" belongs to `/users/:id`.
 * - A middleware of a router runs only if a route of it matches; if it answers, that route names the request.
 * - A request has several contexts if one app passes it on to another, or makes one by itself, such as for its cookies.
 *   The newest that has a route names the request.
 * - If Koa is mounted in an app of Express or Connect, the pattern begins with that of the mount (`around.ts`).
 * - As with Express, a wildcard for everything does not count as a route if it is declared for every method, nor does one
 *   that answers preflights.
 *
 * https://github.com/koajs/router
 */
export const koaRoutes: RouteSource = {
  install(guard, patch, _onPackage, found) {
    const remember = guard('route', (request: Routed, context: Context) => {
      const older = request[CONTEXTS];
      if (older?.[0] === context) return;
      if (older === undefined && 'originalUrl' in request) request[AROUND] = patternAround(request);
      request[CONTEXTS] = older === undefined ? [context] : [context, ...older];
    });
    const follow = (Application: unknown): boolean => {
      const { prototype } = Application as { prototype?: Partial<Methods> };
      if (prototype?.createContext?.length !== 2) return false;
      found();
      if (followed.has(prototype)) return true;
      followed.add(prototype);
      replaceMethod<CreateContext>(
        prototype,
        'createContext',
        (createContext) =>
          function (request, response) {
            const context = createContext.call(this, request, response);
            remember(request, context);
            return context;
          },
      );
      // Egg makes its contexts by itself. Koa before 2.2 has no such method.
      if (prototype.handleRequest?.length !== 2) return true;
      replaceMethod<HandleRequest>(
        prototype,
        'handleRequest',
        (handleRequest) =>
          function (context, ...rest) {
            remember(context.req, context);
            return handleRequest.call(this, context, ...rest);
          },
      );
      return true;
    };
    patch({
      package: '@feathersjs/koa',
      files: ['lib/index.js'],
      versions: '5',
      bundled: ['@feathersjs/koa requires a valid Feathers application instance'],
      // It copies the methods of Koa when an app is made.
      early: true,
      apply: (exports) => follow((exports as { Koa?: unknown }).Koa ?? {}),
    });
    patch({
      package: 'koa',
      files: ['lib/application.js'],
      versions: '2 and 3',
      bundled: ['createContext', 'middleware must be a function!'],
      apply: follow,
    });
    mounts.install(guard, patch);
  },
  route(request: Routed) {
    for (const context of request[CONTEXTS] ?? []) {
      const pattern = servicePattern(context) ?? routedPattern(context);
      if (pattern === undefined) continue;
      const prefix = mounts.prefixOf(context);
      return prefix === undefined
        ? undefined
        : joinPatterns(request[AROUND] ?? '', joinPatterns(prefix, pattern));
    }
    return undefined;
  },
};
