/** Random trees of routers, which know themselves what the route of a request is. */
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import fc from '../../../property.ts';
import type { ExpressLike } from './copies.ts';

type Does = 'answers' | 'passes' | 'throws' | 'fails later' | 'answers and passes';
type Path = string | readonly string[];

type Item =
  | { readonly is: 'route'; readonly path: Path; readonly verb: 'get' | 'post' | 'all'; readonly does: Does }
  | { readonly is: 'mount'; readonly path: Path; readonly as: Mounted; readonly items: readonly Item[] }
  /** One of the routers that have been made before is mounted once more. */
  | { readonly is: 'again'; readonly path: Path; readonly which: number }
  | { readonly is: 'middleware'; readonly path: string; readonly does: 'passes' | 'denies' | 'rewrites' }
  /** Takes everything, for every method. */
  | { readonly is: 'fallback'; readonly does: 'answers' | 'passes' }
  | { readonly is: 'handles errors' };
type Mounted = 'router' | 'app' | 'called' | 'called later';

export type Tree = readonly Item[];

const PATHS: readonly Path[] = ['/', '/a', '/b', '/:p', '/a/:p', '/:p/b', '/:p/:q', ['/a', '/b']];
const MOUNTS: readonly Path[] = ['/', '/a', '/b', '/:m', '/a/:m', '/a/b', ['/a', '/b']];

const pathOf = fc.constantFrom(...PATHS);
const mountOf = fc.constantFrom(...MOUNTS);

/** The likelier, the more often they are there. */
interface Parts {
  readonly mounted: readonly Mounted[];
  readonly does: readonly Does[];
  readonly others: readonly ('again' | 'middleware' | 'fallback' | 'handles errors')[];
}

export const DECLARED: Parts = {
  mounted: ['router', 'router', 'app'],
  does: ['answers', 'answers', 'answers', 'passes', 'throws', 'fails later', 'answers and passes'],
  others: ['again', 'middleware', 'fallback', 'handles errors'],
};

/**
 * Functions call some of the routers. What no tree shows is learned from a router's first answer, so that no request
 * that one has answered, or has passed to a fallback, is among these.
 */
export const CALLED: Parts = {
  mounted: ['router', 'router', 'app', 'called', 'called later'],
  does: ['answers', 'answers', 'answers', 'passes', 'throws', 'fails later'],
  others: ['middleware', 'handles errors'],
};

export function treesOf({ mounted, does, others }: Parts): fc.Arbitrary<Tree> {
  const route = fc.record({
    is: fc.constant('route' as const),
    path: pathOf,
    verb: fc.constantFrom('get', 'get', 'get', 'post', 'all'),
    does: fc.constantFrom(...does),
  });
  const other = {
    again: fc.record({ is: fc.constant('again' as const), path: mountOf, which: fc.nat(9) }),
    middleware: fc.record({
      is: fc.constant('middleware' as const),
      path: fc.constantFrom('/', '/a', '/:m', '/b/:m'),
      does: fc.constantFrom('passes', 'passes', 'denies', 'rewrites'),
    }),
    fallback: fc.record({
      is: fc.constant('fallback' as const),
      does: fc.constantFrom('answers', 'passes'),
    }),
    'handles errors': fc.constant({ is: 'handles errors' as const }),
  } satisfies Record<string, fc.Arbitrary<Item>>;
  const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
    tree: fc.array(
      fc.oneof(
        { depthSize: 'small', maxDepth: 4 },
        { arbitrary: route, weight: 5 },
        {
          arbitrary: fc.record({
            is: fc.constant('mount' as const),
            path: mountOf,
            as: fc.constantFrom(...mounted),
            items: tie('tree'),
          }),
          weight: 4,
        },
        ...others.map((kind) => ({ arbitrary: other[kind] as fc.Arbitrary<Item>, weight: 1 })),
      ),
      { minLength: 1, maxLength: 5 },
    ),
  }));
  return tree;
}

export const requests: fc.Arbitrary<readonly [method: string, path: string]> = fc.tuple(
  fc.constantFrom('GET', 'GET', 'GET', 'POST', 'OPTIONS', 'DELETE'),
  fc
    .tuple(
      fc.array(fc.constantFrom('a', 'b', 'A', 'c', 'x%20y', ''), { maxLength: 5 }),
      fc.constantFrom('', '', '?q=/a'),
    )
    .map(([segments, query]) => `/${segments.join('/')}${query}`),
);

interface Walk {
  /** The patterns of the mounts that have left each `req.baseUrl`. */
  readonly prefixes: Map<string, string>;
  route: Item | undefined;
  /** Its pattern; several if it was entered at several places, which nothing tells apart. */
  patterns: (string | undefined)[];
}

/** An app, and the route of the last request that it got. */
export interface Built {
  readonly app: ReturnType<ExpressLike>;
  patternsOfLast(): readonly (string | undefined)[];
}

/** @param areAppsIn whether routers, and not only apps, may have apps mounted in them; else these are routers */
export function build(express: ExpressLike, tree: Tree, areAppsIn: boolean): Built {
  const walks = new WeakMap<Request, Walk>();
  const wildcard = 'lazyrouter' in express() ? '*' : '/{*any}';
  const made: RequestHandler[] = [];
  let last: Walk | undefined;

  const enter = (request: Request, response: Response, route: Item & { readonly path: Path }): void => {
    const walk = walks.get(request);
    if (walk === undefined || (walk.route !== undefined && response.headersSent)) return;
    const leaf = matched(route.path, request.path);
    const prefix = walk.prefixes.get(request.baseUrl) ?? '';
    const pattern = leaf === '/' ? prefix || '/' : prefix + leaf;
    walk.patterns = walk.route === route ? [...walk.patterns, pattern] : [pattern];
    walk.route = route;
  };

  const mark =
    (path: Path): RequestHandler =>
    (request, _response, next) => {
      const taken = matched(path, '');
      const segments = request.baseUrl.split('/');
      const above = segments.slice(0, segments.length - taken.split('/').length + 1).join('/');
      const own = matched(path, request.baseUrl.slice(above.length));
      const { prefixes } = walks.get(request) ?? {};
      prefixes?.set(request.baseUrl, (prefixes.get(above) ?? '') + own);
      next();
    };

  const use = (on: ReturnType<ExpressLike['Router']>, path: Path, handler: RequestHandler): void => {
    if (path === '/') on.use(handler);
    else on.use(path as string, mark(path), handler);
  };

  const fill = <Router extends ReturnType<ExpressLike['Router']>>(on: Router, items: Tree): Router => {
    const isApp = areAppsIn || 'engine' in on;
    for (const item of items) {
      if (item.is === 'route') {
        on[item.verb](item.path as string, (request, response, next) => {
          enter(request, response, item);
          act(item.does, response, next);
        });
      } else if (item.is === 'mount') {
        const as = item.as === 'app' && !isApp ? 'router' : item.as;
        const inner = as === 'app' ? fill(express(), item.items) : fill(express.Router(), item.items);
        if (as === 'router') made.push(inner);
        use(on, item.path, mountedAs(as, inner));
      } else if (item.is === 'again') {
        const again = made[item.which % made.length];
        if (again !== undefined) use(on, item.path, again);
      } else if (item.is === 'middleware') {
        on.use(item.path, (request, response, next) => {
          if (item.does === 'denies' && request.url.includes('b')) return void response.sendStatus(401);
          if (item.does === 'rewrites') request.url = request.url.replace(/^\/c/, '/a');
          next();
        });
      } else if (item.is === 'fallback') {
        on.all(wildcard, (_request, response, next) => {
          if (item.does === 'passes' || response.headersSent) next();
          else response.sendStatus(404);
        });
      } else {
        on.use((_error: unknown, _request: Request, response: Response, next: NextFunction) => {
          if (response.headersSent) next();
          else response.sendStatus(500);
        });
      }
    }
    return on;
  };

  const app = express().set('env', 'test');
  app.use((request, _response, next) => {
    last = { prefixes: new Map(), route: undefined, patterns: [undefined] };
    walks.set(request, last);
    next();
  });
  return { app: fill(app, tree), patternsOfLast: () => last?.patterns ?? [] };
}

function mountedAs(as: Mounted, inner: RequestHandler): RequestHandler {
  if (as === 'called') return (request, response, next) => inner(request, response, next);
  if (as === 'called later') {
    return (request, response, next) => void setImmediate(() => inner(request, response, next));
  }
  return inner;
}

function act(does: Does, response: Response, next: NextFunction): void {
  const { headersSent } = response;
  if (does.startsWith('answers') && !headersSent) response.send('ok');
  if (does === 'throws' && !headersSent) throw new Error('thrown');
  if (does === 'fails later' && !headersSent) setImmediate(() => next(new Error('later')));
  if (does.endsWith('passes')) next();
}

/** Of the alternatives of a path the one that took this text; all of them have as many segments. */
function matched(path: Path, text: string): string {
  if (typeof path === 'string') return path;
  return path.find((each) => text.toLowerCase().startsWith(each)) ?? path[0] ?? '';
}
