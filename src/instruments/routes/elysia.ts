import type { IncomingMessage } from 'node:http';
import type { RouteSource } from './route-source.ts';
import { nodeRequestOf } from './web-request.ts';

type Handler = (this: unknown, context: { readonly request: unknown }) => unknown;

/** A route without parameters, in the table by which the app's code finds it. */
interface Entry {
  readonly method: string;
  readonly path: string;
  composed?: Handler | null;
}

/** A route with parameters: compiled when it is first needed. */
interface Store {
  handler?: Handler;
  compile?(): Handler;
}

interface App {
  readonly router: {
    readonly history: readonly Entry[];
    /** What it does not yet have in its tree. */
    readonly http: { readonly deferred: readonly (readonly [method: string, path: string, Store])[] };
  };
}

interface Prototype {
  readonly fetch: unknown;
  compile(this: App): unknown;
}

/** The property of Node's request that holds the pattern of the route that matched. */
const ROUTE = Symbol('routemeter.elysia');
type Routed = IncomingMessage & { [ROUTE]?: string };

/**
 * Elysia 1.4 (from 1.4.19) on `@elysiajs/node`. What an app compiles its routes to is called with the request: it is
 * wrapped where the compiled code looks for it, when the app is asked for its `fetch`, just before its server listens.
 * Hooks of Elysia's own would change what it compiles.
 *
 * - The pattern includes prefixes and groups, and is known even if a hook answers, but for `onRequest`.
 * - A route for all methods and paths is none.
 * - Without ahead-of-time compilation (`aot: false`) routes are not known.
 *
 * https://elysiajs.com/essential/route
 */
export const elysiaRoutes: RouteSource = {
  install(guard, patch, _onPackage, found) {
    const remember = guard('route', (path: string, request: unknown) => {
      const node: Routed | undefined = nodeRequestOf(request);
      if (node !== undefined) node[ROUTE] = path;
    });
    const wrapped = (path: string, handler: Handler): Handler =>
      function (context) {
        remember(path, context.request);
        return handler.call(this, context);
      };
    const known = new WeakSet<object>();
    const attach = guard('route', ({ router }: App) => {
      for (const entry of router.history) {
        if (known.has(entry) || (entry.path === '/*' && entry.method === 'ALL')) continue;
        known.add(entry);
        wrapProperty(entry, 'composed', (handler) => wrapped(entry.path, handler));
      }
      for (const [method, path, store] of router.http.deferred) {
        if (known.has(store) || (path === '/*' && method === 'ALL')) continue;
        known.add(store);
        wrapProperty(store, 'handler', (handler) => wrapped(path, handler));
        const { compile } = store;
        if (compile === undefined) continue;
        store.compile = function () {
          const compiled = compile.call(this);
          return this.handler ?? compiled;
        };
      }
    });

    patch({
      package: 'elysia',
      files: ['dist/index.mjs', 'dist/index.js', 'dist/cjs/index.js'],
      versions: '1.4.19 and later 1.4',
      bundled: ['app.extender.higherOrderFunctions', '~adapter'],
      early: true,
      apply(exports) {
        const { Elysia } = exports as { Elysia?: { prototype?: Prototype } };
        const prototype = Elysia?.prototype;
        const fetch = prototype && Object.getOwnPropertyDescriptor(prototype, 'fetch');
        const get = fetch?.get;
        if (prototype === undefined || get === undefined || prototype.compile?.length !== 0) return false;
        const { compile } = prototype;
        const replaced = {
          get fetch(): unknown {
            attach(this as unknown as App);
            return get.call(this);
          },
          compile(this: App): unknown {
            attach(this);
            return compile.call(this);
          },
        };
        prototype.compile = replaced.compile;
        Object.defineProperty(prototype, 'fetch', {
          ...Object.getOwnPropertyDescriptor(replaced, 'fetch'),
          enumerable: fetch?.enumerable ?? false,
        });
        found();
        return true;
      },
    });
  },
  route: (request: Routed) => request[ROUTE],
};

/** Whatever Elysia puts there is wrapped. */
function wrapProperty<Key extends string>(
  owner: { [key in Key]?: Handler | null },
  key: Key,
  wrap: (handler: Handler) => Handler,
): void {
  const wrapIfAny = (value: Handler | null | undefined) =>
    typeof value === 'function' ? wrap(value) : value;
  let current = wrapIfAny(owner[key]);
  Object.defineProperty(owner, key, {
    configurable: true,
    enumerable: true,
    get: () => current,
    set(value: Handler | null | undefined) {
      current = wrapIfAny(value);
    },
  });
}
