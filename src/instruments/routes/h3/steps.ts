import type { IncomingMessage, ServerResponse } from 'node:http';
import { decoded } from '../../../guest/shape.ts';
import { joinPatterns } from '../declared-path.ts';
import { expressMountOf } from '../express/index.ts';
import { mountPattern, mountText } from '../mounted.ts';

interface Matched {
  /** The pattern, of h3 1. */
  readonly path?: unknown;
  /** Of h3 1, by method or for `all`. */
  readonly handlers?: { readonly all?: unknown };
  /** The pattern, of h3 2. */
  readonly route?: unknown;
  /** Of h3 2; empty for all. */
  readonly method?: string;
}

/** What h3 knows of a request; apps that are mounted in another share it. */
export interface Context {
  /** What was matched last. */
  readonly matchedRoute?: Matched;
}

/** A request came to a router. */
interface Step {
  readonly context: Context;
  /** The path, with its query. */
  readonly url: string;
  /** As that router sees it: without the places where it is mounted, and without a query. */
  readonly path: string;
  /** The pattern of these places. */
  readonly prefix: string;
  readonly depth: number;
  /** What had been matched before. */
  readonly before: Context['matchedRoute'];
}

/** The property of Node's request that holds its steps. */
const STEPS = Symbol('routemeter.h3');

export type Routed = IncomingMessage & {
  [STEPS]?: Step[];
  /** By h3 1, and by Express. */
  readonly originalUrl?: unknown;
  /** By Express: the part of `originalUrl` where h3 is mounted. */
  baseUrl?: string;
};

/** Notes that a router is about to look for the route of a request, or something else asks for its path. */
export function step(request: Routed, context: Context, url: string): void {
  const steps = request[STEPS];
  const last = steps?.at(-1);
  // Most paths are asked for several times.
  if (last !== undefined && last.url === url && last.context === context) return;
  const path = withoutQuery(url);
  if (steps === undefined) {
    const prefix = expressMountOf(request) + literal(mountOfFirst(request, path));
    request[STEPS] = [{ context, url, path, prefix, depth: 0, before: context.matchedRoute }];
    return;
  }
  if (last === undefined || (last.path === path && last.context === context)) return;
  const before = context.matchedRoute;
  const known = steps.find((each) => each.path === path && each.context === context);
  if (known !== undefined) {
    steps.push({ ...known, url, before });
    return;
  }
  const pattern = last.context.matchedRoute === last.before ? undefined : patternOf(last.context);
  const place =
    pattern === undefined ? literal(mountText(last.path, path)) : mountPattern(pattern, last.path, path);
  steps.push({ context, url, path, prefix: last.prefix + (place ?? ''), depth: last.depth + 1, before });
}

export function routeOf(request: Routed, response: ServerResponse): string | undefined {
  const steps = request[STEPS];
  if (steps === undefined) return undefined;
  const at = steps.findLastIndex(({ context, before }) => context.matchedRoute !== before);
  const matching = steps[at];
  if (matching === undefined) return undefined;
  const pattern = patternOf(matching.context);
  // The route is that in which another app is mounted, and that one has no route for the path.
  const isUnmatchedBelow = steps.slice(at + 1).some(({ depth }) => depth > matching.depth);
  if (pattern === undefined || (isUnmatchedBelow && isNotFound(response))) return undefined;
  if (matching.prefix === '' && isForEvery(matching.context)) return undefined;
  return joinPatterns(matching.prefix, pattern);
}

const isNotFound = ({ statusCode }: ServerResponse): boolean => statusCode === 404 || statusCode === 405;

const withoutQuery = (url: string): string => {
  const end = url.indexOf('?');
  return end < 0 ? url : url.slice(0, end);
};

function patternOf({ matchedRoute }: Context): string | undefined {
  const pattern = matchedRoute?.path ?? matchedRoute?.route;
  return typeof pattern === 'string' ? pattern : undefined;
}

/** Whether it is declared for every method and every path. */
function isForEvery({ matchedRoute }: Context): boolean {
  const { path, handlers, route, method } = matchedRoute ?? {};
  return (path === '/**' && handlers?.all !== undefined) || (route === '/**' && !method);
}

/** Before its first router, an app of h3 1 takes off the prefix of `app.use(prefix, router)`. */
function mountOfFirst({ originalUrl, baseUrl }: Routed, path: string): string | undefined {
  if (typeof originalUrl !== 'string') return undefined;
  const start = typeof baseUrl === 'string' && originalUrl.startsWith(baseUrl) ? baseUrl.length : 0;
  const whole = withoutQuery(originalUrl.slice(start));
  // h3 decodes the path, but for slashes.
  return mountText(whole, path) ?? mountText(decoded(whole) ?? whole, decoded(path) ?? path);
}

/**
 * Prefixes that are no pattern of a route. h3 knows only literal ones; the bound is for apps that make a prefix for
 * each request.
 */
const literals = new Set<string>();
const MAX_LITERALS = 50;

function literal(text: string | undefined): string {
  if (text === undefined || text === '') return '';
  if (literals.size < MAX_LITERALS) literals.add(text);
  return literals.has(text) ? text : '';
}
