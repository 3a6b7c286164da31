import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Express, NextFunction, Request, Response } from 'express';
import { type ExpressLike, ok } from './copies.ts';

/** An app, and what is asked of it: method and path, then the route that is to be named. */
export interface Case {
  readonly title: string;
  readonly only?: 4 | 5;
  readonly app: (express: ExpressLike) => Express | RequestListener;
  readonly expect: Readonly<Record<string, string | undefined>>;
  /** Where router 2.0 to 2.2 is known to say something else, since it keeps no declared path. */
  readonly withoutRawPath?: Readonly<Record<string, string | undefined>>;
}

const pass = (_req: Request, _res: Response, next: NextFunction): void => next();
const fail = (): never => {
  throw new Error('thrown');
};
const deny = (_req: Request, res: Response): void => void res.sendStatus(401);
const answerError = (_error: unknown, _req: Request, res: Response, _next: NextFunction): void => {
  res.status(500).send('error');
};

/** An app with routes that answer GET. */
function gets(express: ExpressLike, ...paths: (string | RegExp | string[])[]): Express {
  const app = express();
  for (const path of paths) app.get(path, ok);
  return app;
}

function router(express: ExpressLike, ...paths: (string | RegExp)[]): ReturnType<ExpressLike['Router']> {
  const made = express.Router();
  for (const path of paths) made.get(path, ok);
  return made;
}

export const cases: readonly Case[] = [
  {
    title: 'routes of the app itself',
    app: (express) => gets(express, '/users', '/files/:name.:ext', '/list/'),
    expect: {
      'GET /USERS/': '/users',
      'GET /files/a.txt': '/files/:name.:ext',
      'GET /list': '/list/',
    },
  },
  {
    title: 'methods',
    app: (express) => {
      const app = express().post('/post/:id', ok).all('/all/:id', ok);
      app.route('/route/:id').get(ok).put(ok);
      return app;
    },
    expect: {
      'POST /post/1': '/post/:id',
      'DELETE /all/1': '/all/:id',
      'OPTIONS /all/1': '/all/:id',
      'PUT /route/1': '/route/:id',
      'HEAD /route/1': '/route/:id',
      'DELETE /route/1': undefined,
    },
  },
  {
    title: 'nothing matches',
    app: (express) => gets(express, '/users/:id'),
    expect: { 'GET /users/1/2': undefined, 'GET //': undefined },
  },
  {
    title: 'mounted routers',
    app: (express) => {
      const app = express();
      const posts = router(express, '/', '/:post', '/:post/');
      const user = router(express, '/', '/settings').use('/posts', posts);
      app.use('/users/:user', user);
      app.use('/plain/', router(express, '/x'));
      app.use(router(express, '/root/:id'));
      app.use('/', router(express, '/slash/:id'));
      return app;
    },
    expect: {
      'GET /users/7': '/users/:user',
      'GET /users/7/': '/users/:user',
      'GET /users/7/settings': '/users/:user/settings',
      'GET /users/users/settings': '/users/:user/settings',
      'GET /users/posts/posts/posts': '/users/:user/posts/:post',
      'GET /users/7/posts': '/users/:user/posts',
      'GET /users/7/posts/9?q=1': '/users/:user/posts/:post',
      'GET /USERS/7/Posts/9': '/users/:user/posts/:post',
      'GET /users/%2F%20x/posts/9': '/users/:user/posts/:post',
      'GET /plain/x': '/plain/x',
      'GET /root/1': '/root/:id',
      'GET /slash/1': '/slash/:id',
      'GET /users/7/none': undefined,
    },
  },
  {
    title: 'mounts with several parameters, and parameters inside a segment',
    app: (express) => {
      const app = express();
      app.use('/o/:org/r/:repo', router(express, '/i/:issue'));
      app.use('/v:version', router(express, '/ping'));
      app.use('/d/:from-:to', router(express, '/range'));
      return app;
    },
    expect: {
      'GET /o/r/r/o/i/1': '/o/:org/r/:repo/i/:issue',
      'GET /o/a%2Fb/r/a%2Fb/i/1': '/o/:org/r/:repo/i/:issue',
      'GET /v2/ping': '/v:version/ping',
      'GET /vv/ping': '/v:version/ping',
      'GET /d/1-2/range': '/d/:from-:to/range',
    },
  },
  {
    title: 'mounted apps, several deep',
    app: (express) => {
      const app = express();
      const child = gets(express, '/', '/leaf/:id');
      const inner = gets(express, '/leaf');
      inner.get('/throws', fail);
      child.use('/deep/:deep', inner);
      app.use('/child/:child', child);
      app.use(answerError);
      return app;
    },
    expect: {
      'GET /child/1': '/child/:child',
      'GET /child/1/leaf/2': '/child/:child/leaf/:id',
      'GET /child/1/deep/2/leaf': '/child/:child/deep/:deep/leaf',
      'GET /child/1/deep/2/throws': '/child/:child/deep/:deep/throws',
    },
  },
  {
    title: 'routers and apps called inside a function',
    app: (express) => {
      const app = express();
      const inner = router(express, '/x/:id');
      const child = gets(express, '/y/:id');
      app.use('/wrapped/:w', (req, res, next) => inner(req, res, next));
      app.use('/later/:l', (req, res, next) => setImmediate(() => child(req, res, next)));
      app.get('/handler/x/:id', (req, res, next) => {
        req.url = req.url.slice('/handler'.length);
        inner(req, res, next);
      });
      return app;
    },
    expect: {
      'GET /wrapped/1/x/2': '/wrapped/:w/x/:id',
      'GET /later/1/y/2': '/later/:l/y/:id',
      'GET /handler/x/2': '/x/:id',
    },
  },
  {
    title: 'a server whose listener is a function around the app',
    app: (express) => {
      const app = gets(express, '/first/:id');
      app.use('/users/:user', router(express, '/posts/:post'));
      return (req: IncomingMessage, res: ServerResponse) => app(req as Request, res as Response);
    },
    expect: {
      'GET /users/1/posts/2': '/users/:user/posts/:post',
      'GET /users/3/posts/4': '/users/:user/posts/:post',
      'GET /first/1': '/first/:id',
      'GET /none': undefined,
    },
  },
  {
    title: 'rewritten URLs',
    app: (express) => {
      const app = gets(express, '/new/:id');
      app.use((req, _res, next) => {
        if (req.url.startsWith('/old/')) req.url = req.url.replace('old', 'new');
        next();
      });
      app.get('/new/:id/again', ok);
      const inner = express.Router();
      inner.use((req, _res, next) => {
        req.url = '/inner/1';
        next();
      });
      inner.get('/inner/:id', ok);
      app.use('/mount/:m', inner);
      return app;
    },
    expect: {
      'GET /old/1/again': '/new/:id/again',
      'GET /mount/5/whatever': '/mount/:m/inner/:id',
    },
  },
  {
    title: 'an error that a router answers itself keeps the route and its mount',
    app: (express) => {
      const app = express();
      const inner = express.Router();
      inner.get('/own/:id', fail).use('/own', answerError);
      return app.use('/users/:user', inner);
    },
    expect: { 'GET /users/1/own/2': '/users/:user/own/:id' },
  },
  {
    title: 'errors within what a function calls',
    app: (express) => {
      const app = express();
      const inner = router(express, '/ok/:id');
      inner.get('/throw/:id', fail);
      const child = gets(express, '/ok/:id');
      child.get('/throw/:id', fail);
      app.use('/wrapped/:w', (req, res, next) => inner(req, res, next));
      app.use('/called/:c', (req, res, next) => child(req, res, next));
      app.use(answerError);
      return app;
    },
    expect: {
      'GET /wrapped/1/ok/2': '/wrapped/:w/ok/:id',
      'GET /wrapped/1/throw/2': '/wrapped/:w/throw/:id',
      'GET /called/1/ok/2': '/called/:c/ok/:id',
      'GET /called/1/throw/2': '/called/:c/throw/:id',
    },
  },
  {
    title: 'a router mounted in several places',
    app: (express) => {
      const app = express();
      const shared = router(express, '/', '/item/:item');
      shared.get('/throw/:id', fail);
      shared.get('/pass/:id', pass);
      const outer = express.Router();
      outer.use('/inner/:inner', shared);
      app.use('/v1', shared).use('/v2/:two', shared).use('/a/:a', outer).use('/b', outer);
      app.use((req, res, next) => shared(req, res, next));
      app.use('/late', pass, shared);
      app.use(answerError);
      return app;
    },
    expect: {
      'GET /v1': '/v1',
      'GET /v1/item/1?x=/v2': '/v1/item/:item',
      'GET /V1/item/1': '/v1/item/:item',
      'GET /v2/2/item/1': '/v2/:two/item/:item',
      'GET /v2/2/throw/1': '/v2/:two/throw/:id',
      'GET /v2/2/pass/1': '/v2/:two/pass/:id',
      'GET /a/1/inner/2/item/3': '/a/:a/inner/:inner/item/:item',
      'GET /b/inner/2/throw/3': '/b/inner/:inner/throw/:id',
      'GET /late/item/1': '/late/item/:item',
    },
  },
  {
    title: 'an app mounted in several places',
    app: (express) => {
      const app = express();
      const other = gets(express, '/x/:id');
      const child = gets(express, '/leaf/:id');
      child.get('/throw/:id', fail);
      app.use('/one', child).use('/other', other).use('/two/:two', child);
      app.use(express.Router().use('/three/:three', express.Router().use('/deep', child)));
      app.use(answerError);
      return app;
    },
    expect: {
      'GET /one/leaf/1': '/one/leaf/:id',
      'GET /two/2/leaf/1': '/two/:two/leaf/:id',
      'GET /three/3/deep/leaf/1': '/three/:three/deep/leaf/:id',
      'GET /other/x/1': '/other/x/:id',
      'GET /two/2/throw/1': '/two/:two/throw/:id',
      'GET /one/throw/1': '/one/throw/:id',
    },
  },
  {
    title: 'a wildcard for every method is no route',
    app: (express) => {
      const star = 'lazyrouter' in express() ? '*' : '/*any';
      const app = gets(express, '/users/:id');
      app.get('/missing/:id', pass);
      const api = router(express, '/items/:id');
      api.all(star, deny);
      app.use('/api/v1', api);
      const inner = router(express, '/inner/:id');
      app.all(star, (req, res, next) => inner(req, res, next));
      app.options(star, ok);
      app.all(star, deny);
      return app;
    },
    expect: {
      'GET /users/1': '/users/:id',
      'GET /missing/1': '/missing/:id',
      'POST /users/1': undefined,
      'GET /api/v1/items/1': '/api/v1/items/:id',
      'GET /api/v1/none/1': undefined,
      'POST /api/v1/items/1': undefined,
      'GET /inner/1': '/inner/:id',
      'GET /none': undefined,
      'OPTIONS /files/1': undefined,
    },
  },
  {
    title: 'a wildcard that passes the request on is no route, one that answers is',
    app: (express) => {
      const star = 'lazyrouter' in express() ? '*' : '/{*any}';
      const app = express();
      app.get(star, pass);
      app.get('/users/:id', ok);
      return app;
    },
    expect: {
      'GET /users/1': '/users/:id',
      'GET /none': undefined,
    },
  },
  {
    title: 'a prefix counts once when the whole URL is put back below it',
    app: (express) => {
      const app = express();
      const again = express.Router();
      again.use((req, _res, next) => {
        req.url = req.originalUrl;
        next();
      });
      again.get('/again/:id', ok);
      again.get('/again/throw/:id', fail);
      app.use('/again', again);
      const called = router(express, '/called/:id');
      app.use('/called', (req, res, next) => {
        req.url = req.originalUrl;
        called(req, res, next);
      });
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
      app.use(answerError);
      return app;
    },
    expect: {
      'GET /again/1?q=/again': '/again/:id',
      'GET /again/throw/1': '/again/throw/:id',
      'GET /called/1': '/called/:id',
      'GET /answered/1/x/2': '/answered/:a/x/:id',
      'GET /y/1': '/internal/y/:id',
    },
  },
  {
    title: 'a req.baseUrl of the app',
    app: (express) => {
      const app = express();
      const host = (req: Request, _res: Response, next: NextFunction): void => {
        req.baseUrl = 'http://localhost:1';
        next();
      };
      app.use(host);
      app.get('/x/:x', ok);
      app.use('/m', express.Router().use(host).get('/y/:y', ok));
      return app;
    },
    expect: { 'GET /x/1': '/x/:x', 'GET /m/y/1': '/m/y/:y' },
  },
  {
    title: 'a req.baseUrl that the app puts a prefix before',
    app: (express) => {
      const app = express();
      const behind = (req: Request, _res: Response, next: NextFunction): void => {
        req.baseUrl = `/behind${req.baseUrl}`;
        next();
      };
      app.use(behind);
      app.get('/x/:x', pass).get('/x/:y', ok);
      app.use('/m/:m', express.Router().use(behind).get('/y/:y', ok));
      return app;
    },
    expect: { 'GET /x/1': '/x/:y', 'GET /m/1/y/1': '/m/:m/y/:y' },
  },
  {
    title: 'next()',
    app: (express) => {
      const app = express();
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
      return app;
    },
    expect: {
      'GET /guarded/1': '/guarded/:id',
      'DELETE /guarded/1': '/guarded/:any',
      'GET /missing/1': '/missing/:id',
      'GET /skipped/1': '/skipped/:b',
      'GET /sent/1': '/sent/:id',
      'GET /mounted/1/2': '/mounted/:x/:y',
    },
  },
  {
    title: 'middleware is not a route',
    app: (express) => {
      const app = express();
      app.use('/half/:id', pass);
      app.get('/half/:id/open', ok);
      app.use('/served', (_req, res) => {
        res.end('static');
      });
      return app;
    },
    expect: {
      'GET /half/1/open': '/half/:id/open',
      'GET /half/1/closed': undefined,
      'GET /served/file.css': undefined,
    },
  },
  {
    title: 'middleware mounted on part of a path does not shift the mounts after it',
    app: (express) => {
      const app = express();
      app.use('/a', pass);
      app.use('/:x/:y', pass);
      app.use('/a/:p', pass);
      app.use('/a/b', router(express, '/c/:id'));
      app.use('/:p/:q', router(express, '/d/:id'));
      app.use('/a', router(express, '/e/f/:id'));
      return app;
    },
    expect: {
      'GET /a/b/c/1': '/a/b/c/:id',
      'GET /a/b/d/1': '/:p/:q/d/:id',
      'GET /a/e/f/1': '/a/e/f/:id',
    },
  },
  {
    title: 'router.param',
    app: (express) => {
      const app = express();
      const inner = router(express, '/:post');
      inner.param('post', (_req, res, next, post) => {
        if (post === 'gone') res.status(404).send('gone');
        else if (post === 'bad') next(new Error('bad'));
        else setImmediate(next);
      });
      app.use('/users/:user', inner);
      app.use('/people/:person', inner);
      app.use(answerError);
      return app;
    },
    expect: {
      'GET /users/1/2': '/users/:user/:post',
      'GET /people/1/2': '/people/:person/:post',
      'GET /users/1/gone': '/users/:user/:post',
      'GET /people/1/gone': '/people/:person/:post',
      'GET /people/1/bad': '/people/:person/:post',
    },
  },
  {
    title: 'a list of paths gives the one that matched',
    app: (express) => {
      const app = gets(express, ['/a/:id', '/b/:id', '/c']);
      app.use(['/mixed/:m', /^\/[0-9]+/], router(express, '/leaf/:id'));
      app.use(['/m/:m', '/n/:n/:o', '/k'], router(express, '/leaf', '/leaf/:id'));
      return app;
    },
    expect: {
      'GET /a/1': '/a/:id',
      'GET /b/1?x': '/b/:id',
      'GET /C': '/c',
      'GET /m/1/leaf': '/m/:m/leaf',
      'GET /n/1/2/leaf/3': '/n/:n/:o/leaf/:id',
      'GET /k/leaf': '/k/leaf',
      'GET /mixed/1/leaf/2': '/mixed/:m/leaf/:id',
      'GET /42/leaf/2': '^\\/[0-9]+/leaf/:id',
    },
    withoutRawPath: { 'GET /42/leaf/2': '/*/leaf/:id' },
  },
  {
    title: 'regular expressions give their source',
    app: (express) => {
      const app = gets(express, /^\/commits\/(\w+)(?:\.\.(\w+))?$/);
      app.use(/^\/v(\d+)/, router(express, '/ping/:id'));
      app.use(/^\/(?:x|y)\/[^/]+/, router(express, /^\/z(\d+)$/));
      return app;
    },
    expect: {
      'GET /commits/71dbb9c..4c084f9': '^\\/commits\\/(\\w+)(?:\\.\\.(\\w+))?$',
      'GET /v2/ping/1': '^\\/v(\\d+)/ping/:id',
      'GET /x/secret/z42': '^\\/(?:x|y)\\/[^/]+^\\/z(\\d+)$',
    },
    withoutRawPath: { 'GET /v2/ping/1': '/*/ping/:id', 'GET /x/secret/z42': '/*^\\/z(\\d+)$' },
  },
  {
    title: 'a page behind a wildcard, in Express 4',
    only: 4,
    app: (express) => {
      const page = express.Router();
      page.get('*', (req, res) => {
        if (req.query.fail) fail();
        res.send('page');
      });
      const app = express();
      app.all('/files/*', ok);
      return app.use('/page', page).use(answerError);
    },
    expect: {
      'GET /page/x/y': '/page*',
      'GET /page/x?fail=1': '/page*',
      'DELETE /files/1/2': '/files/*',
    },
  },
  {
    title: 'a page behind a wildcard, in Express 5',
    only: 5,
    app: (express) => {
      const page = express.Router();
      page.get('/{*any}', (req, res) => {
        if (req.query.fail) fail();
        res.send('page');
      });
      const app = express();
      app.all('/files/*path', ok);
      return app.use('/page', page).use(answerError);
    },
    expect: {
      'GET /page/x/y': '/page/{*any}',
      'GET /page/x?fail=1': '/page/{*any}',
      'DELETE /files/1/2': '/files/*path',
    },
  },
  {
    title: 'wildcards and optional parts of Express 5',
    only: 5,
    app: (express) => {
      const app = gets(express, '/files/*path', '/opt{/:maybe}/end');
      app.use('/tree/*branch', pass);
      app.use('/o{/:lang}/m', router(express, '/x'));
      app.use('/w/*rest', router(express, '/'));
      app.use('/api', router(express, '{/*any}'));
      app.get('/{*splat}', ok);
      return app;
    },
    expect: {
      'GET /files/a/b/c': '/files/*path',
      'GET /opt/end': '/opt{/:maybe}/end',
      'GET /opt/1/end': '/opt{/:maybe}/end',
      'GET /o/m/x': '/o{/:lang}/m/x',
      'GET /o/en/m/x': '/o{/:lang}/m/x',
      'GET /w/1/2/3': '/w/*rest',
      'GET /w/w/w': '/w/*rest',
      'GET /api/1/2': '/api{/*any}',
      'GET /api': '/api{/*any}',
      'GET /tree/1/2': '/{*splat}',
      'GET /': '/{*splat}',
    },
    withoutRawPath: { 'GET /o/m/x': '/o/m/x', 'GET /o/en/m/x': '/o/:lang/m/x' },
  },
  {
    title: 'wildcards, optional parts and constraints of Express 4',
    only: 4,
    app: (express) => {
      const app = gets(express, '/files/*', '/opt/:maybe?', '/n/:n(\\d+)');
      app.use('/c/:id(\\d+)/:word(a|b)', router(express, '/x'));
      app.use('/o/:lang?', router(express, '/in/m'));
      app.use('/s*r', router(express, '/x'));
      app.use('/l+/q', router(express, '/x'));
      app.use('/f/:name.:ext', router(express, '/x'));
      app.use('/api', router(express, '*'));
      app.get('*', ok);
      return app;
    },
    expect: {
      'GET /files/a/b/c': '/files/*',
      'GET /opt/1': '/opt/:maybe?',
      'GET /n/42': '/n/:n(\\d+)',
      'GET /c/42/a/x': '/c/:id(\\d+)/:word(a|b)/x',
      'GET /o/en/in/m': '/o/:lang?/in/m',
      'GET /sta/tr/x': '/s*r/x',
      'GET /lllll/q/x': '/l+/q/x',
      'GET /f/secret.pdf/x': '/f/:name.:ext/x',
      'GET /api/1/2': '/api*',
      'GET /else/where': '*',
    },
  },
];
