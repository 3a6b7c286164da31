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
}

export interface Layer {
  /** Set on a layer that leads to a route, undefined on middleware, absent on a handler inside a route. */
  readonly route?: Route | undefined;
  readonly handle?: unknown;
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
  readonly mountpath?: DeclaredPath;
}

/** The layers of an Express app, or of a router; undefined for anything else. */
export function stackOf(candidate: unknown): readonly Layer[] | undefined {
  if (typeof candidate !== 'function') return undefined;
  const { stack, handle, set, lazyrouter } = candidate as unknown as Record<string, unknown>;
  if (Array.isArray(stack)) return stack;
  if (typeof handle !== 'function' || typeof set !== 'function') return undefined;
  // Reading `router` throws on Express 4.
  const router: unknown = Reflect.get(candidate, typeof lazyrouter === 'function' ? '_router' : 'router');
  return typeof router === 'function' ? stackOf(router) : undefined;
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
