import { takesEverything } from '../wildcard.ts';

/** A router of `trouter`, and what Polka adds to it. */
export interface Router {
  /** Since version 3 the routes themselves; before, what their paths were parsed to. */
  readonly routes: readonly Entry[] | Readonly<Record<string, unknown>>;
  /** Before version 3: by method and path. */
  readonly handlers?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Of Polka 0.5: sub-apps by the first segment of their paths. */
  readonly apps?: Readonly<Record<string, object | undefined>>;
  /** Of Polka 1: the function by which it is mounted. */
  readonly attach?: unknown;
}

/** A route, or middleware, which takes any path that begins with its own. */
export interface Entry {
  /** False if the path is a regular expression. */
  readonly keys: readonly string[] | false;
  readonly pattern: RegExp;
  /** Empty for every method. */
  readonly method: string;
  readonly handlers: readonly unknown[];
}

/** Every method, by version. */
const EVERY = ['', '*'];
const LOOSE = '(?=$|\\/)';
const STRICT = '\\/?$';

/** The pattern of the first route that takes a request; undefined if only middleware does, or a fallback. */
export function matchedPattern(
  router: Router,
  method: string,
  path: string,
  handlers: readonly unknown[],
): string | undefined {
  const route = Array.isArray(router.routes)
    ? firstRoute(router.routes, method, path, handlers)
    : routeByHandlers(router, method, handlers);
  if (route === undefined) return undefined;
  const isFallback = EVERY.includes(route.method) || route.method === 'OPTIONS';
  return isFallback && takesEverything(route.pattern) ? undefined : route.pattern;
}

interface Route {
  readonly method: string;
  readonly pattern: string;
}

function firstRoute(
  entries: readonly Entry[],
  method: string,
  path: string,
  handlers: readonly unknown[],
): Route | undefined {
  const route = entries.find(
    (each) =>
      // Told faster than by its expression, which only a route has to match that shares its handlers.
      handlers.includes(each.handlers[0]) &&
      !isMiddleware(each) &&
      takes(each, method) &&
      attempt(each.pattern, path),
  );
  return route === undefined ? undefined : { method: route.method, pattern: patternOf(route) };
}

function routeByHandlers(
  { handlers: declared }: Router,
  method: string,
  handlers: readonly unknown[],
): Route | undefined {
  for (const each of [method, '*']) {
    const pattern = Object.entries(declared?.[each] ?? {}).find(([, fns]) => fns === handlers)?.[0];
    if (pattern !== undefined)
      return { method: each, pattern: pattern.startsWith('/') ? pattern : `/${pattern}` };
  }
  return undefined;
}

function takes({ method: declared }: Entry, method: string): boolean {
  return declared === '' || declared === method || (method === 'HEAD' && declared === 'GET');
}

/** A regular expression for every method may be either. */
export function isMiddleware({ keys, pattern, method }: Entry): boolean {
  return method === '' && (keys === false || pattern.source.endsWith(LOOSE));
}

function attempt(pattern: RegExp, path: string): boolean {
  const { lastIndex } = pattern;
  const matches = pattern.test(path);
  pattern.lastIndex = lastIndex;
  return matches;
}

/** What `regexparam` makes of a segment, and the segment. */
const SEGMENTS: readonly (readonly [source: string, segment: (key: string) => string])[] = [
  ['(?:\\/(.*))?', () => '/*?'],
  ['\\/(.*)', () => '/*'],
  ['(?:\\/([^/]+?))?', (key) => `/:${key}?`],
  ['\\/([^/]+?)?', (key) => `/:${key}?`],
  ['\\/([^/]+?)', (key) => `/:${key}`],
];

/**
 * The path as it was declared, which only a regular expression is left of; of a path that is one, its source.
 * https://github.com/lukeed/regexparam
 */
export function patternOf({ keys, pattern: { source } }: Entry): string {
  if (keys === false) return source;
  const end = source.length - (source.endsWith(LOOSE) ? LOOSE.length : STRICT.length);
  const names = [...keys];
  let pattern = '';
  for (let at = 1; at < end; ) {
    const segment = SEGMENTS.find(([made]) => source.startsWith(made, at));
    if (segment === undefined) {
      if (source[at] === '\\') at++;
      pattern += source[at++];
    } else {
      pattern += segment[1](names.shift() ?? '');
      at += segment[0].length;
    }
  }
  return pattern === '' ? '/' : pattern;
}
