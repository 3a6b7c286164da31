import type { IncomingMessage } from 'node:http';
import { joinPatterns } from '../declared-path.ts';
import type { RouteSource } from '../route-source.ts';
import { patternAround } from './around.ts';
import { followContexts } from './contexts.ts';
import { createMounts } from './mounts.ts';
import { type RoutedContext, routedPattern } from './routed.ts';
import { type ServiceContext, servicePattern } from './service.ts';

type Context = RoutedContext & ServiceContext;
/** The property of Node's request that holds Koa's newest context. */
const CONTEXT = Symbol('routemeter.koa');
/** Of the few requests that have several: the others, the newest first. */
const OLDER = Symbol('routemeter.koa.older');
/** The property of Node's request that holds the pattern of the mount around Koa. */
const AROUND = Symbol('routemeter.koa.around');
type Routed = IncomingMessage & {
  [CONTEXT]?: Context;
  [OLDER]?: readonly Context[];
  [AROUND]?: string;
};

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
      const newest = request[CONTEXT];
      if (newest === context) return;
      if (newest !== undefined) request[OLDER] = [newest, ...(request[OLDER] ?? [])];
      else if ('originalUrl' in request) request[AROUND] = patternAround(request);
      request[CONTEXT] = context;
    });
    const follow = (Application: unknown): boolean => {
      const isKnown = followContexts(Application, remember);
      if (isKnown) found();
      return isKnown;
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
    let context = request[CONTEXT];
    if (context === undefined) return undefined;
    let pattern = patternOf(context);
    if (pattern === undefined) {
      context = request[OLDER]?.find((older) => patternOf(older) !== undefined);
      pattern = context && patternOf(context);
    }
    if (context === undefined || pattern === undefined) return undefined;
    const prefix = mounts.prefixOf(context);
    return prefix === undefined
      ? undefined
      : joinPatterns(request[AROUND] ?? '', joinPatterns(prefix, pattern));
  },
};

function patternOf(context: Context): string | undefined {
  return servicePattern(context) ?? routedPattern(context);
}
