import type { IncomingMessage } from 'node:http';
import { replaceMethod } from '../../guest/replace.ts';
import { isRecord } from '../../guest/shape.ts';
import { joinPatterns } from './declared-path.ts';
import { expressMountOf } from './express/index.ts';
import { mountPattern } from './mounted.ts';
import type { RouteSource } from './route-source.ts';
import { nodeRequestOf } from './web-request.ts';

/** What an app has declared: https://hono.dev/docs/helpers/route#matchedroutes */
interface Declared {
  readonly path: string;
  /** `ALL` for middleware. */
  readonly method: string;
  readonly handler: Handler;
}

type Handler = ((this: unknown, context: Context, next: unknown) => unknown) & {
  /** The handler that a sub-app with an error handler of its own has put this one around. */
  readonly __COMPOSED_HANDLER?: Handler;
};

interface Context {
  readonly env: unknown;
  readonly req: {
    readonly raw: unknown;
    readonly path: string;
    /** All that match, in the order in which they are called. */
    readonly matchedRoutes: readonly Declared[];
    /** The one that was called last. */
    readonly routeIndex: number;
  };
}

/** What is declared, as routers have it: the handler is taken from here when it is called. */
type Entry = [handler: Handler, declared: Declared];
/** What matches a path, each with its parameters. */
type Matches = readonly (readonly [Entry, unknown])[];

interface Router {
  match?(method: string, path: string): unknown;
  /** Of all methods and paths. Only the router for regular expressions has it: it replaces its `match`. */
  buildAllMatchers?(): unknown;
}

/** The property of Node's request that holds the context of the app that it is in. */
const CONTEXT = Symbol('routemeter.hono');
/** The property of Node's request that holds the pattern of where that app is mounted in another, or in Express. */
const PREFIX = Symbol('routemeter.hono.prefix');
type Routed = IncomingMessage & { [CONTEXT]?: Context; [PREFIX]?: string };

const ROUTERS = [
  'linear-router/router.js',
  'pattern-router/router.js',
  'reg-exp-router/router.js',
  'reg-exp-router/prepared-router.js',
  'trie-router/router.js',
];
const VERSIONS = '3.11 to 4';

/**
 * Hono 3 and 4 on Node.js. Nothing leads from Node's request to Hono's context, so the handlers that routers find first
 * are wrapped: they get the context, and `@hono/node-server` gives it Node's request.
 *
 * - Matching comes before the first middleware: a route has its name even if middleware answers.
 * - Middleware is not a route: what takes `next` and is declared for all methods, as Hono itself tells them apart. Nor
 *   is a handler of all methods and paths.
 * - A route that calls `next()` keeps its name if no other follows.
 *
 * https://hono.dev/docs/api/routing
 */
export const honoRoutes: RouteSource = {
  install(guard, patch, _onPackage, found) {
    const enter = guard('route', (context: Context) => {
      const request = requestOf(context);
      if (request === undefined) return;
      const outer = request[CONTEXT];
      if (outer === context) return;
      const prefix = outer === undefined ? expressMountOf(request) : mountOf(outer, context);
      if (prefix === undefined) return;
      if (prefix !== '') request[PREFIX] = (request[PREFIX] ?? '') + prefix;
      request[CONTEXT] = context;
    });
    const wrappers = new WeakSet<Handler>();
    const wrapFirst = (matches: Matches): void => {
      const entry = matches[0]?.[0];
      if (entry === undefined || wrappers.has(entry[0])) return;
      const [handler] = entry;
      const wrapper: Handler = function (context, next) {
        enter(context);
        return handler.call(this, context, next);
      };
      wrappers.add(wrapper);
      entry[0] = wrapper;
    };
    const matched = guard('route', (result: unknown) => {
      const [matches] = result as [Matches];
      if (isMatches(matches)) wrapFirst(matches);
    });
    const built = guard('route', (matchers: unknown) => {
      for (const matches of allMatches(matchers)) wrapFirst(matches);
    });

    patch({
      package: 'hono',
      files: ROUTERS.flatMap((file) => [`dist/router/${file}`, `dist/cjs/router/${file}`]),
      versions: VERSIONS,
      bundled: ['buildAllMatchers', 'Context is not finalized'],
      apply(exports) {
        const routers = prototypesOf(exports).filter((prototype): prototype is Router => isRouter(prototype));
        for (const router of routers) {
          const { match, buildAllMatchers } = router;
          if (buildAllMatchers !== undefined) {
            lookAfter(router, 'buildAllMatchers', built);
          } else if (match !== undefined) {
            lookAfter(router, 'match', matched);
          }
        }
        if (routers.length > 0) found();
        return routers.length > 0;
      },
    });
    patch({
      package: 'hono',
      files: ['dist/request.js', 'dist/cjs/request.js'],
      versions: VERSIONS,
      apply: (exports) => prototypesOf(exports).some((prototype) => 'matchedRoutes' in prototype),
    });
  },
  route(request: Routed) {
    const context = request[CONTEXT];
    if (context === undefined) return undefined;
    const { matchedRoutes, routeIndex } = context.req;
    const pattern = patternOf(matchedRoutes, routeIndex);
    return pattern === undefined ? undefined : joinPatterns(request[PREFIX] ?? '', pattern);
  },
};

function prototypesOf(exports: unknown): readonly object[] {
  return Object.values(exports as object).flatMap((each) =>
    typeof each === 'function' && isRecord(each.prototype) ? [each.prototype] : [],
  );
}

function isRouter({ match, buildAllMatchers }: Router): boolean {
  return buildAllMatchers === undefined
    ? typeof match === 'function' && match.length === 2
    : typeof buildAllMatchers === 'function' && buildAllMatchers.length === 0;
}

/** The same method, whose result is looked at. */
function lookAfter(
  router: Router,
  name: 'match' | 'buildAllMatchers',
  look: (result: unknown) => void,
): void {
  replaceMethod<(this: Router, ...args: unknown[]) => unknown>(
    router,
    name,
    (method) =>
      function (...args) {
        const result = method.apply(this, args);
        look(result);
        return result;
      },
  );
}

function isMatches(value: unknown): value is Matches {
  if (!Array.isArray(value) || !Array.isArray(value[0])) return false;
  const [entry] = value[0] as unknown[];
  return Array.isArray(entry) && typeof entry[0] === 'function' && isRecord(entry[1]);
}

function allMatches(matchers: unknown): readonly Matches[] {
  if (isMatches(matchers)) return [matchers];
  if (typeof matchers !== 'object' || matchers === null) return [];
  return Object.values(matchers).flatMap(allMatches);
}

/** `@hono/node-server` gives it to the app since 1.9. Where the app calls `fetch` with an `env` of its own, it does not. */
function requestOf(context: Context): Routed | undefined {
  const { env } = context;
  if (isRecord(env) && isRecord(env.incoming)) return env.incoming as unknown as Routed;
  // Its request is made when it is first asked for.
  return nodeRequestOf(context.req.raw);
}

/** The route that was called last; else the one that would have been called next, or one that has called `next()`. */
function patternOf(matched: readonly Declared[], last: number): string | undefined {
  const first = matched[last];
  if (first !== undefined && isRoute(first) && !takesNext(first)) return first.path;
  const rest = matched.slice(last);
  const named = (each: Declared): boolean => isRoute(each) && !isForEvery(each);
  return (rest.find(named) ?? rest.find(isRoute) ?? matched.slice(0, last).findLast(named))?.path;
}

function isRoute(declared: Declared): boolean {
  return declared.method !== 'ALL' || (!takesNext(declared) && !isForEvery(declared));
}

function takesNext({ handler }: Declared): boolean {
  let target = handler;
  while (target.__COMPOSED_HANDLER !== undefined) target = target.__COMPOSED_HANDLER;
  return target.length > 1;
}

function isForEvery({ path }: Declared): boolean {
  return path === '*' || path === '/*';
}

/** Undefined if the inner app is not mounted in the outer one: an app may also call itself, for something else. */
function mountOf(outer: Context, inner: Context): string | undefined {
  const { matchedRoutes, routeIndex, path } = outer.req;
  const pattern = matchedRoutes[routeIndex]?.path;
  return pattern === undefined ? undefined : mountPattern(pattern, path, inner.req.path);
}
