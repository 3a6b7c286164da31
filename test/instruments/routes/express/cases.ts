import type { Express, NextFunction, Request, Response } from 'express';
import { type ExpressLike, ok } from './copies.ts';

/** By route, or `none`: the paths that are asked for, without their method if it is GET. */
type Asked = Readonly<Record<string, string>>;

/** An app, and what is asked of it. */
export interface Case {
  readonly only?: 4 | 5;
  declare(app: Express, express: ExpressLike): unknown;
  readonly expect: Asked;
  /** Where router 2.0 to 2.2 is known to say something else, since it keeps no declared path. */
  readonly withoutRawPath?: Asked;
}

/** `METHOD path` with its route. */
export function linesOf(asked: Asked = {}): [line: string, route: string | undefined][] {
  return Object.entries(asked).flatMap(([route, paths]) =>
    paths
      .split(' ')
      .map((path): [string, string | undefined] => [
        path.startsWith('/') ? `GET ${path}` : path.replace(':', ' '),
        route === 'none' ? undefined : route,
      ]),
  );
}

const pass = (_req: Request, _res: Response, next: NextFunction): void => next();
const fail = (): never => {
  throw new Error('thrown');
};
const failOrOk = (req: Request, res: Response): void => (req.query.fail ? fail() : ok(req, res));
const again = (req: Request, _res: Response, next: NextFunction): void => {
  req.url = req.originalUrl;
  next();
};
const deny = (_req: Request, res: Response): void => void res.sendStatus(401);
const answerError = (_error: unknown, _req: Request, res: Response, _next: NextFunction): void => {
  res.status(500).send('error');
};

/** Declares routes that answer GET. */
function gets(app: Express, ...paths: (string | RegExp | string[])[]): Express {
  for (const path of paths) app.get(path, ok);
  return app;
}

function router(express: ExpressLike, ...paths: (string | RegExp)[]): ReturnType<ExpressLike['Router']> {
  const made = express.Router();
  for (const path of paths) made.get(path, ok);
  return made;
}

export const cases: Readonly<Record<string, Case>> = {
  'routes of the app itself': {
    declare: (app) => gets(app, '/users', '/files/:name.:ext', '/list/'),
    expect: { '/users': '/USERS/', '/files/:name.:ext': '/files/a.txt', '/list/': '/list' },
  },
  methods: {
    declare(app) {
      app.post('/post/:id', ok).all('/all/:id', ok);
      app.route('/route/:id').get(ok).put(ok);
    },
    expect: {
      '/post/:id': 'POST:/post/1',
      '/all/:id': 'DELETE:/all/1 OPTIONS:/all/1',
      '/route/:id': 'PUT:/route/1 HEAD:/route/1',
      none: 'DELETE:/route/1',
    },
  },
  'mounted routers': {
    declare(app, express) {
      const posts = router(express, '/', '/:post', '/:post/');
      const user = router(express, '/', '/settings').use('/posts', posts);
      app.use('/users/:user', user);
      app.use('/plain/', router(express, '/x'));
      app.use(router(express, '/root/:id'));
      app.use('/', router(express, '/slash/:id'));
    },
    expect: {
      '/users/:user': '/users/7 /users/7/',
      '/users/:user/settings': '/users/7/settings /users/users/settings',
      '/users/:user/posts/:post':
        '/users/posts/posts/posts /users/7/posts/9?q=1 /USERS/7/Posts/9 /users/%2F%20x/posts/9',
      '/users/:user/posts': '/users/7/posts',
      '/plain/x': '/plain/x',
      '/root/:id': '/root/1',
      '/slash/:id': '/slash/1',
      none: '/users/7/none',
    },
  },
  'mounted apps, several deep': {
    declare(app, express) {
      const child = gets(express(), '/', '/leaf/:id');
      const inner = gets(express(), '/leaf');
      inner.get('/throws', fail);
      child.use('/deep/:deep', inner);
      app.use('/child/:child', child);
    },
    expect: {
      '/child/:child': '/child/1',
      '/child/:child/leaf/:id': '/child/1/leaf/2',
      '/child/:child/deep/:deep/leaf': '/child/1/deep/2/leaf',
      '/child/:child/deep/:deep/throws': '/child/1/deep/2/throws',
    },
  },
  'routers and apps called inside a function': {
    declare(app, express) {
      const inner = router(express, '/x/:id').get('/throw/:id', fail);
      const child = gets(express(), '/y/:id').get('/throw/:id', fail);
      app.use('/wrapped/:w', (req, res, next) => inner(req, res, next));
      app.use('/called/:c', (req, res, next) => child(req, res, next));
      app.use('/later/:l', (req, res, next) => setImmediate(() => child(req, res, next)));
      app.get('/handler/x/:id', (req, res, next) => {
        req.url = req.url.slice('/handler'.length);
        inner(req, res, next);
      });
    },
    expect: {
      '/wrapped/:w/x/:id': '/wrapped/1/x/2',
      '/wrapped/:w/throw/:id': '/wrapped/1/throw/2',
      '/called/:c/y/:id': '/called/1/y/2',
      '/called/:c/throw/:id': '/called/1/throw/2',
      '/later/:l/y/:id': '/later/1/y/2',
      '/x/:id': '/handler/x/2',
    },
  },
  'rewritten URLs': {
    declare(app, express) {
      gets(app, '/new/:id');
      app.use((req, _res, next) => {
        if (req.url.startsWith('/old/')) req.url = req.url.replace('old', 'new');
        next();
      });
      app.get('/new/:id/again', ok);
      const rewrite = (req: Request, _res: Response, next: NextFunction): void => {
        req.url = '/inner/1';
        next();
      };
      app.use('/mount/:m', rewrite, router(express, '/inner/:id'));
    },
    expect: { '/new/:id/again': '/old/1/again', '/mount/:m/inner/:id': '/mount/5/whatever' },
  },
  'an error that a router answers itself keeps the route and its mount': {
    declare(app, express) {
      const inner = express.Router();
      inner.get('/own/:id', fail).use('/own', answerError);
      return app.use('/users/:user', inner);
    },
    expect: { '/users/:user/own/:id': '/users/1/own/2' },
  },
  'a router mounted in several places': {
    declare(app, express) {
      const shared = router(express, '/', '/item/:item').get('/throw/:id', fail).get('/pass/:id', pass);
      const outer = express.Router().use('/inner/:inner', shared);
      app.use('/v1', shared).use('/v2/:two', shared).use('/a/:a', outer).use('/b', outer);
      app.use((req, res, next) => shared(req, res, next));
      app.use('/late', pass, shared);
    },
    expect: {
      '/v1': '/v1',
      '/v1/item/:item': '/v1/item/1?x=/v2 /V1/item/1',
      '/v2/:two/item/:item': '/v2/2/item/1',
      '/v2/:two/throw/:id': '/v2/2/throw/1',
      '/v2/:two/pass/:id': '/v2/2/pass/1',
      '/a/:a/inner/:inner/item/:item': '/a/1/inner/2/item/3',
      '/b/inner/:inner/throw/:id': '/b/inner/2/throw/3',
      '/late/item/:item': '/late/item/1',
    },
  },
  'an app mounted in several places': {
    declare(app, express) {
      const other = gets(express(), '/x/:id');
      const child = gets(express(), '/leaf/:id').get('/throw/:id', fail);
      app.use('/one', child).use('/other', other).use('/two/:two', child);
      app.use(express.Router().use('/three/:three', express.Router().use('/deep', child)));
    },
    expect: {
      '/one/leaf/:id': '/one/leaf/1',
      '/two/:two/leaf/:id': '/two/2/leaf/1',
      '/three/:three/deep/leaf/:id': '/three/3/deep/leaf/1',
      '/other/x/:id': '/other/x/1',
      '/two/:two/throw/:id': '/two/2/throw/1',
      '/one/throw/:id': '/one/throw/1',
    },
  },
  'a wildcard for every method is no route': {
    declare(app, express) {
      const star = 'lazyrouter' in express() ? '*' : '/*any';
      gets(app, '/users/:id');
      app.get('/missing/:id', pass);
      const api = router(express, '/items/:id');
      api.all(star, deny);
      app.use('/api/v1', api);
      const inner = router(express, '/inner/:id');
      app.all(star, (req, res, next) => inner(req, res, next));
      app.options(star, ok);
      app.all(star, deny);
    },
    expect: {
      '/users/:id': '/users/1',
      '/missing/:id': '/missing/1',
      none: 'POST:/users/1 /api/v1/none/1 POST:/api/v1/items/1 /none OPTIONS:/files/1',
      '/api/v1/items/:id': '/api/v1/items/1',
      '/inner/:id': '/inner/1',
    },
  },
  'a wildcard that passes the request on is no route, one that answers is': {
    declare(app, express) {
      const star = 'lazyrouter' in express() ? '*' : '/{*any}';
      app.get(star, pass);
      app.get('/users/:id', ok);
    },
    expect: { '/users/:id': '/users/1', none: '/none' },
  },
  'a prefix counts once when the whole URL is put back below it': {
    declare(app, express) {
      app.use('/again', again, router(express, '/again/:id').get('/again/throw/:id', fail));
      const called = router(express, '/called/:id');
      app.use('/called', again, (req, res, next) => called(req, res, next));
      const answered = express.Router();
      answered.get('/x/:id', (req, res) => {
        req.url = req.originalUrl;
        res.send('ok');
      });
      app.use('/answered/:a', answered);
      app.use('/internal', router(express, '/y/:id'));
      app.use('/y/:y', (req, res, next) => {
        req.url = `/internal${req.originalUrl}`;
        req.baseUrl = '';
        app(req, res, next);
      });
    },
    expect: {
      '/again/:id': '/again/1?q=/again',
      '/again/throw/:id': '/again/throw/1',
      '/called/:id': '/called/1',
      '/answered/:a/x/:id': '/answered/1/x/2',
      '/internal/y/:id': '/y/1',
    },
  },
  'a req.baseUrl that the app writes, or puts a prefix before': {
    declare(app, express) {
      const write = (req: Request, _res: Response, next: NextFunction): void => {
        req.baseUrl = req.url.includes('behind') ? `/behind${req.baseUrl}` : 'http://localhost:1';
        next();
      };
      app.use(write);
      app.get('/x/:x', pass).get('/x/:y', ok);
      app.use('/m/:m', express.Router().use(write).get('/y/:y', ok));
    },
    expect: { '/x/:y': '/x/1 /x/behind', '/m/:m/y/:y': '/m/1/y/1 /m/1/y/behind' },
  },
  'next()': {
    declare(app, express) {
      app.all('/guarded/:any', pass);
      app.get('/guarded/:id', ok);
      app.get('/missing/:id', pass);
      app.get(
        '/skipped/:a',
        (_req, _res, next) => next('route'),
        () => fail(),
      );
      app.get('/skipped/:b', ok);
      app.get('/sent/:id', (_req, res, next) => {
        res.send('sent');
        next();
      });
      const inner = express.Router();
      inner.get('/:id', pass);
      app.use('/mounted/:m', inner);
      app.get('/mounted/:x/:y', ok);
      app.use('/sent', (_req, _res, next) => next());
      app.get('/sent/:fallback', () => undefined);
    },
    expect: {
      '/guarded/:id': '/guarded/1',
      '/guarded/:any': 'DELETE:/guarded/1',
      '/missing/:id': '/missing/1',
      '/skipped/:b': '/skipped/1',
      '/sent/:id': '/sent/1',
      '/mounted/:x/:y': '/mounted/1/2',
    },
  },
  'middleware is not a route': {
    declare(app) {
      app.use('/half/:id', pass);
      app.get('/half/:id/open', ok);
      app.use('/served', (_req, res) => {
        res.end('static');
      });
    },
    expect: { '/half/:id/open': '/half/1/open', none: '/half/1/closed /served/file.css' },
  },
  'middleware mounted on part of a path does not shift the mounts after it': {
    declare(app, express) {
      app.use('/a', pass);
      app.use('/:x/:y', pass);
      app.use('/a/:p', pass);
      app.use('/a/b', router(express, '/c/:id'));
      app.use('/:p/:q', router(express, '/d/:id'));
      app.use('/a', router(express, '/e/f/:id'));
    },
    expect: { '/a/b/c/:id': '/a/b/c/1', '/:p/:q/d/:id': '/a/b/d/1', '/a/e/f/:id': '/a/e/f/1' },
  },
  'router.param': {
    declare(app, express) {
      const inner = router(express, '/:post');
      inner.param('post', (_req, res, next, post) => {
        if (post === 'gone') res.status(404).send('gone');
        else if (post === 'bad') next(new Error('bad'));
        else setImmediate(next);
      });
      app.use('/users/:user', inner);
      app.use('/people/:person', inner);
    },
    expect: {
      '/users/:user/:post': '/users/1/2 /users/1/gone',
      '/people/:person/:post': '/people/1/2 /people/1/gone /people/1/bad',
    },
  },
  'a list of paths gives the one that matched': {
    declare(app, express) {
      gets(app, ['/a/:id', '/b/:id', '/c']);
      app.use(['/mixed/:m', /^\/[0-9]+/], router(express, '/leaf/:id'));
      app.use(['/m/:m', '/n/:n/:o', '/k'], router(express, '/leaf', '/leaf/:id'));
    },
    expect: {
      '/a/:id': '/a/1',
      '/b/:id': '/b/1?x',
      '/c': '/C',
      '/m/:m/leaf': '/m/1/leaf',
      '/n/:n/:o/leaf/:id': '/n/1/2/leaf/3',
      '/k/leaf': '/k/leaf',
      '/mixed/:m/leaf/:id': '/mixed/1/leaf/2',
      '^\\/[0-9]+/leaf/:id': '/42/leaf/2',
    },
    withoutRawPath: { '/*/leaf/:id': '/42/leaf/2' },
  },
  'regular expressions give their source': {
    declare(app, express) {
      gets(app, /^\/commits\/(\w+)(?:\.\.(\w+))?$/);
      app.use(/^\/v(\d+)/, router(express, '/ping/:id'));
      app.use(/^\/(?:x|y)\/[^/]+/, router(express, /^\/z(\d+)$/));
    },
    expect: {
      '^\\/commits\\/(\\w+)(?:\\.\\.(\\w+))?$': '/commits/71dbb9c..4c084f9',
      '^\\/v(\\d+)/ping/:id': '/v2/ping/1',
      '^\\/(?:x|y)\\/[^/]+^\\/z(\\d+)$': '/x/secret/z42',
    },
    withoutRawPath: { '/*/ping/:id': '/v2/ping/1', '/*^\\/z(\\d+)$': '/x/secret/z42' },
  },
  'wildcards and optional parts of Express 5': {
    only: 5,
    declare(app, express) {
      gets(app, '/files/*path', '/opt{/:maybe}/end');
      app.use('/tree/*branch', pass);
      app.use('/o{/:lang}/m', router(express, '/x'));
      app.use('/w/*rest', router(express, '/'));
      app.use('/api', router(express, '{/*any}'));
      app.use('/page', express.Router().get('/{*any}', failOrOk)).all('/all/*path', ok);
      app.get('/{*splat}', ok);
    },
    expect: {
      '/files/*path': '/files/a/b/c',
      '/opt{/:maybe}/end': '/opt/end /opt/1/end',
      '/o{/:lang}/m/x': '/o/m/x /o/en/m/x',
      '/w/*rest': '/w/1/2/3 /w/w/w',
      '/api{/*any}': '/api/1/2 /api',
      '/page/{*any}': '/page/x/y /page/x?fail=1',
      '/all/*path': 'DELETE:/all/1/2',
      '/{*splat}': '/tree/1/2 /',
    },
    withoutRawPath: { '/o/m/x': '/o/m/x', '/o/:lang/m/x': '/o/en/m/x' },
  },
  'wildcards, optional parts and constraints of Express 4': {
    only: 4,
    declare(app, express) {
      gets(app, '/files/*', '/opt/:maybe?', '/n/:n(\\d+)');
      app.use('/o/:lang?', router(express, '/in/m'));
      app.use('/api', router(express, '*'));
      app.use('/page', express.Router().get('*', failOrOk)).all('/all/*', ok);
      app.get('*', ok);
    },
    expect: {
      '/files/*': '/files/a/b/c',
      '/opt/:maybe?': '/opt/1',
      '/n/:n(\\d+)': '/n/42',
      '/o/:lang?/in/m': '/o/en/in/m',
      '/api*': '/api/1/2',
      '/page*': '/page/x/y /page/x?fail=1',
      '/all/*': 'DELETE:/all/1/2',
      '*': '/else/where',
    },
  },
};
