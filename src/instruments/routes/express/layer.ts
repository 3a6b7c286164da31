import type { IncomingMessage } from 'node:http';
import type { DeclaredPath } from '../declared-path.ts';

/**
 * The parts of Express' memory that hold routes: the layers of its routers. Express 4 has a router of its own;
 * Express 5 uses the package `router`, whose layers keep the declared path from 2.3 on.
 */

/** How router 2 matches one alternative of a path. Throws at a malformed escape. */
export type Matcher = (
  path: string,
) => false | { readonly path: string; readonly params: Readonly<Record<string, unknown>> };

export interface Route {
  readonly path: DeclaredPath;
  readonly stack: readonly Layer[];
  /** By name, in lower case; `_all` for a route that was declared for every method at once. */
  readonly methods?: Readonly<Record<string, boolean | undefined>>;
}

export interface Layer {
  /** Set on the layer of a route, undefined on that of middleware, absent on that of a handler inside a route. */
  readonly route?: Route | undefined;
  readonly handle?: unknown;
  /** The name of the function, even if an instrumentation has replaced it since. */
  readonly name?: string;
  /** Router 2: mounted at `/`, which matches everything. */
  readonly slash?: boolean;
  /** Router 2.3 and later. */
  readonly rawPath?: DeclaredPath;
  /** Router 2: one for each alternative of the path. */
  readonly matchers?: readonly Matcher[];
  /** Express 4; `fast_slash` corresponds to `slash` of router 2. */
  readonly regexp?: RegExp & { readonly fast_slash?: boolean };
  /** Express 4: the capturing groups of `regexp`. */
  readonly keys?: readonly { readonly name: string | number }[];
}

export interface App {
  readonly parent?: App;
  /** Where the app was mounted last. */
  readonly mountpath?: DeclaredPath;
  /** The prototype of the app's requests; that of a mounted app inherits from its parent's. */
  readonly request?: object;
}

export interface ExpressRequest extends IncomingMessage {
  /** What mounts have taken off the URL; put back when a router passes the request on. */
  baseUrl?: string;
  /** The app that is handling the request at the moment. */
  app?: unknown;
  /** The route that matched last. */
  route?: unknown;
  params?: unknown;
}

export function isRoute(candidate: unknown): candidate is Route {
  if (typeof candidate !== 'object' || candidate === null) return false;
  const { stack, path } = candidate as { stack?: readonly Layer[]; path?: unknown };
  return Array.isArray(stack) && path !== undefined;
}

export function isApp(candidate: unknown): candidate is App & object {
  return typeof candidate === 'function' && typeof (candidate as { set?: unknown }).set === 'function';
}

/** Whether a layer leads to a mounted app, which it hides in a function. */
export function leadsToApp(layer: Layer): boolean {
  return layer.name === 'mounted_app';
}

/** The layers of an Express app or a router; undefined for anything else. */
export function stackOf(candidate: unknown): readonly Layer[] | undefined {
  if (typeof candidate !== 'function') return undefined;
  const { stack, handle, set, lazyrouter } = candidate as unknown as Record<string, unknown>;
  if (Array.isArray(stack)) return stack.every(isLayer) ? stack : undefined;
  if (typeof handle !== 'function' || typeof set !== 'function') return undefined;
  // Reading `router` throws on Express 4.
  const router: unknown = Reflect.get(candidate, typeof lazyrouter === 'function' ? '_router' : 'router');
  return typeof router === 'function' ? stackOf(router) : undefined;
}

/** False for what others keep in a `stack`: connect does, with a string as `route`. */
function isLayer(candidate: unknown): candidate is Layer {
  if (typeof candidate !== 'object' || candidate === null) return false;
  const { regexp, matchers, route } = candidate as { [Name in keyof Layer]?: unknown };
  return (regexp instanceof RegExp || Array.isArray(matchers)) && (route === undefined || isRoute(route));
}

/** Whether a layer takes nothing off the path: it was mounted without a path, or at `/`. */
export function isPlain(layer: Layer): boolean {
  return layer.slash === true || layer.regexp?.fast_slash === true;
}
