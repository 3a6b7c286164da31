import { labelOf } from '../declared-path.ts';
import { takesEverything } from '../wildcard.ts';

/** What the routers leave on Koa's context. */
export interface RoutedContext {
  readonly method: string;
  /** All layers whose path matches, of all routers that were asked, in their order. */
  readonly matched?: readonly Layer[];
  /** The path of the layer that was entered last; before 9.1 that of the last one that matches. */
  readonly _matchedRoute?: Path;
  /** Since 9.1 the same. */
  readonly routerPath?: Path;
  /** What the layer that was entered last has captured. */
  readonly captures?: readonly unknown[];
}

type Path = string | RegExp;

/** A route, or middleware of a router, which has no methods. */
interface Layer {
  readonly path: Path;
  readonly methods: readonly string[];
  readonly paramNames: readonly unknown[];
}

const EVERY = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'PROPFIND'];

/** The pattern of the route, prefixes of routers included; undefined if no route was entered. */
export function routedPattern(context: RoutedContext): string | undefined {
  const last = context._matchedRoute;
  if (typeof last !== 'string' && !(last instanceof RegExp)) return undefined;
  const { matched, method } = context;
  if (!Array.isArray(matched)) return labelOf(last);
  const route =
    context.routerPath === undefined
      ? likelyRoute(candidatesOf(matched, method), last, context.captures)
      : enteredRoute(matched, method, last);
  return route === undefined || isFallback(route) ? undefined : labelOf(route.path);
}

function candidatesOf(matched: readonly Layer[], method: string): readonly Layer[] {
  return matched.filter(({ methods }) => methods.length === 0 || methods.includes(method));
}

function enteredRoute(matched: readonly Layer[], method: string, last: Path): Layer | undefined {
  const entered = matched.findLast(({ path, methods }) => path === last && methods.includes(method));
  return entered ?? routeAfter(candidatesOf(matched, method), last);
}

/** The route for which middleware of a router was entered, which has answered. */
function routeAfter(layers: readonly Layer[], last: Path): Layer | undefined {
  const at = layers.findLastIndex(({ path }) => path === last);
  return layers.slice(at + 1).find(isRoute) ?? layers.findLast(isRoute);
}

/** Without a route of the same shape it is the last one, as the router says. */
function likelyRoute(
  layers: readonly Layer[],
  last: Path,
  captures: readonly unknown[] = [],
): Layer | undefined {
  const routes = layers.filter(isRoute);
  const shaped = routes.filter(({ paramNames }) => paramNames.length === captures.length);
  return shaped.find(({ path }) => path === last) ?? shaped[0] ?? routes.at(-1);
}

const isRoute = ({ methods }: Layer): boolean => methods.length > 0;

function isFallback({ path, methods }: Layer): boolean {
  if (!takesEverything(path)) return false;
  return methods.join() === 'OPTIONS' || EVERY.every((method) => methods.includes(method));
}
