import type { IncomingMessage } from 'node:http';
import { replaceMethod } from '../../../guest/replace.ts';
import { joinPatterns } from '../declared-path.ts';
import { pathOf } from '../request-path.ts';
import type { RouteSource } from '../route-source.ts';
import { noteMounts, prefixOf } from './mounts.ts';
import { matchedPattern, type Router } from './trouter.ts';

interface Found {
  readonly router: Router;
  readonly method: string;
  readonly path: string;
  readonly handlers: readonly unknown[];
}

type Find = (
  this: Router,
  method: string,
  path: string,
) => { readonly params: object; readonly handlers: readonly unknown[] } | false;

interface RouterClass {
  readonly prototype?: { readonly find?: Find; readonly add?: unknown };
  readonly Trouter?: RouterClass;
}

/** By the parameters that its router has found, which Polka puts on the request. */
const results = new WeakMap<object, Found>();

/**
 * Polka 0.5 and 1.0, by what its router, `trouter`, has found: nothing leads from Node's request to Polka, so that the
 * function that finds is patched. A sub-app has its own router; where it is mounted is noted when a router is asked.
 *
 * - A route is found before middleware runs, which may answer then.
 * - As with Express, a wildcard for everything does not count as a route if it is declared for every method, nor does one
 *   that answers preflights.
 *
 * https://github.com/lukeed/polka
 */
export const polkaRoutes: RouteSource = {
  install(guard, patch, _onPackage, found) {
    const note = guard('route', (router: Router, method: string, path: string, result: ReturnType<Find>) => {
      noteMounts(router, path, result === false);
      if (result !== false) results.set(result.params, { router, method, path, handlers: result.handlers });
    });
    patch({
      package: 'polka',
      files: ['index.js', 'build.js', 'build.mjs'],
      versions: '0.5 and 1.0',
      bundled: ['onNoMatch', 'onError', 'originalUrl'],
      apply(exports) {
        if (typeof ((exports as { default?: unknown }).default ?? exports) !== 'function') return false;
        found();
        return true;
      },
    });
    patch({
      package: 'trouter',
      files: ['index.js', 'index.mjs'],
      versions: '2 to 4',
      apply(exports) {
        const { prototype } = (exports as RouterClass).Trouter ?? (exports as RouterClass);
        if (prototype?.find?.length !== 2 || typeof prototype.add !== 'function') return false;
        replaceMethod<Find>(
          prototype,
          'find',
          (find) =>
            function (method, path) {
              const result = find.call(this, method, path);
              note(this, method, path, result);
              return result;
            },
        );
        found();
        return true;
      },
    });
  },
  route(request: IncomingMessage & { readonly params?: unknown }, _response, incomingUrl) {
    const { params } = request;
    const match = typeof params === 'object' && params !== null ? results.get(params) : undefined;
    if (match === undefined) return undefined;
    const pattern = matchedPattern(match.router, match.method, match.path, match.handlers);
    return pattern === undefined
      ? undefined
      : joinPatterns(prefixOf(match.router, match.path, pathOf(incomingUrl)), pattern);
  },
};
