import type { IncomingMessage } from 'node:http';

/**
 * What Express keeps in memory, as far as routes need it: the layers of its routers. Express 4 has its own
 * router; Express 5 has the package `router`, whose layers hold the declared path from 2.3 on.
 */

/** A path as an app writes it: text, a regular expression, or a list of them. */
export type DeclaredPath = string | RegExp | readonly DeclaredPath[];

/** How router 2 matches one alternative of a path; a malformed escape makes it throw. */
export type Matcher = (
  path: string,
) => false | { readonly path: string; readonly params: Readonly<Record<string, unknown>> };

export interface Route {
  readonly path: DeclaredPath;
  readonly stack: readonly Layer[];
  /** By name, in lower case; `_all` where all were declared at once. */
  readonly methods?: Readonly<Record<string, boolean | undefined>>;
}

export interface Layer {
  /** Set on a layer that leads to a route, undefined on middleware, absent on a handler inside a route. */
  readonly route?: Route | undefined;
  readonly handle?: unknown;
  /** That of the function, also where an instrumentation has put another one in its place. */
  readonly name?: string;
  /** Router 2: mounted at `/`, so that it matches everything. */
  readonly slash?: boolean;
  /** Router 2.3 and later. */
  readonly rawPath?: DeclaredPath;
  /** Router 2: one for each alternative. */
  readonly matchers?: readonly Matcher[];
  /** Express 4; `fast_slash` is what `slash` is in router 2. */
  readonly regexp?: RegExp & { readonly fast_slash?: boolean };
  /** Express 4: the capturing groups of `regexp`. */
  readonly keys?: readonly { readonly name: string | number }[];
}

export interface App {
  readonly parent?: App;
  /** Where it was mounted last. */
  readonly mountpath?: DeclaredPath;
  /** What its requests inherit from; that of a mounted app inherits from its parent's. */
  readonly request?: object;
}

export interface ExpressRequest extends IncomingMessage {
  /** The text that mounts have taken off the URL; it is put back when a router gives up the request. */
  baseUrl?: string;
  /** The app that has the request at the moment. */
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

/** A layer that leads into a mounted app, which it does not show. */
export function leadsToApp(layer: Layer): boolean {
  return layer.name === 'mounted_app';
}

/** The layers of an Express app, or of a router; undefined for anything else. */
export function stackOf(candidate: unknown): readonly Layer[] | undefined {
  if (typeof candidate !== 'function') return undefined;
  const { stack, handle, set, lazyrouter } = candidate as unknown as Record<string, unknown>;
  if (Array.isArray(stack)) return stack.every(isLayer) ? stack : undefined;
  if (typeof handle !== 'function' || typeof set !== 'function') return undefined;
  // Reading `router` throws on Express 4.
  const router: unknown = Reflect.get(candidate, typeof lazyrouter === 'function' ? '_router' : 'router');
  return typeof router === 'function' ? stackOf(router) : undefined;
}

/** False for what others keep in a `stack`, such as connect, whose `route` is a text. */
function isLayer(candidate: unknown): candidate is Layer {
  if (typeof candidate !== 'object' || candidate === null) return false;
  const { regexp, matchers, route } = candidate as { [Name in keyof Layer]?: unknown };
  return (regexp instanceof RegExp || Array.isArray(matchers)) && (route === undefined || isRoute(route));
}

/** True for a layer that takes nothing off the path: middleware without a path, or mounted at `/`. */
export function isPlain(layer: Layer): boolean {
  return layer.slash === true || layer.regexp?.fast_slash === true;
}

/** Joins a mount's pattern and what is declared below it: no double slash, `/` below a mount adds nothing. */
export function joinPatterns(mount: string, leaf: string): string {
  if (leaf === '' || leaf === '/') return mount === '' ? '/' : mount;
  return mount.endsWith('/') && leaf.startsWith('/') ? mount + leaf.slice(1) : mount + leaf;
}

/** The alternatives of a declared path, flat. */
export function alternativesOf(path: DeclaredPath): readonly (string | RegExp)[] {
  if (typeof path === 'string' || path instanceof RegExp) return [path];
  return path.flatMap((alternative) => alternativesOf(alternative));
}

/** A declared alternative as a label: text as it is written, a regular expression's source. */
export function labelOf(alternative: string | RegExp): string {
  return typeof alternative === 'string' ? alternative : alternative.source;
}

/** All alternatives of a declared path in one label. */
export function labelOfAll(path: DeclaredPath): string {
  return alternativesOf(path).map(labelOf).join('|');
}

/** The path in `req.url`, without its query, and without the host of the absolute form. */
export function pathOf(url: string): string {
  const end = url.indexOf('?');
  const path = end === -1 ? url : url.slice(0, end);
  return path.startsWith('/') ? path : path.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/]*/i, '');
}

/** How much of `path` (base and URL) stands before the whole path that came in, which begins with the same text. */
export function prefixTwice(path: string, incoming: string): number {
  const length = path.length - incoming.length;
  return length > 0 && path.endsWith(incoming) && incoming.startsWith(path.slice(0, length)) ? length : 0;
}
