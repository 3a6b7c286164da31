/** Before the first request nothing of Express is patched: what that request is called, and the ones after it. */
import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { createRequire } from 'node:module';
import { describe, it } from 'node:test';
import { copyOf, type ExpressLike, forgetCopies, measureExpress, ok, wrap } from './copies.ts';

const measured = measureExpress();

type Asked = [path: string, route: string | undefined];

const twice = (path: string, route: string): Asked[] => [
  [path, route],
  [path, route],
];
const unknownOnce = (path: string, route: string): Asked[] => [
  [path, undefined],
  [path, route],
];

/** Each builder gets a copy of Express that nobody has used; each path is asked for in turn. */
const cases: Readonly<
  Record<string, [build: (express: ExpressLike, other: ExpressLike) => RequestListener, asked: Asked[]]>
> = {
  'the app is the listener': [
    (express) => shop(express),
    [
      ['/users/1/posts/2', '/users/:user/posts/:post'],
      ['/USERS/1/throws', '/users/:user/throws'],
    ],
  ],
  'the app is called by the listener, and a handler throws': [
    (express) => wrap(shop(express)),
    twice('/users/1/throws', '/users/:user/throws'),
  ],
  'the app is called by the listener, and a router by a function': [
    (express) => {
      const router = express.Router().get('/posts/:post', ok);
      return wrap(express().use('/users/:user', (req, res, next) => router(req, res, next)));
    },
    twice('/users/1/posts/2', '/users/:user/posts/:post'),
  ],
  'routers within a router that a function calls: unknown once': [
    (express) => {
      const router = express.Router().use('/posts/:post', express.Router().get('/:id', ok));
      return express().use('/users/:user', (req, res, next) => router(req, res, next));
    },
    unknownOnce('/users/1/posts/2/3', '/users/:user/posts/:post/:id'),
  ],
  'a router that a function calls throws: unknown once': [
    (express) => {
      const router = express.Router().get('/posts/:post', () => {
        throw new Error('thrown');
      });
      return wrap(express().use('/users/:user', (req, res, next) => router(req, res, next)));
    },
    unknownOnce('/users/1/posts/2', '/users/:user/posts/:post'),
  ],
  'the app is called by the listener, and a mounted app throws: unknown once': [
    (express) => wrap(express().use('/shop/:shop', shop(express))),
    unknownOnce('/shop/1/users/1/throws', '/shop/:shop/users/:user/throws'),
  ],
  'an app mounted in two others, one of which is mounted itself: unknown once': [
    (express) => {
      const shared = express().get('/leaf/:id', ok);
      const inner = express().use('/in/:in', shared);
      return express().use('/one', shared).use('/inner', inner);
    },
    [
      ['/one/leaf/1', '/one/leaf/:id'],
      ['/inner/in/2/leaf/1', undefined],
      ['/inner/in/2/leaf/1', '/inner/in/:in/leaf/:id'],
      ['/one/leaf/1', '/one/leaf/:id'],
    ],
  ],
  'two apps that mount the same one': [
    (express) => {
      const shared = express().get('/leaf/:id', ok);
      const apps = [express().use('/one/:one', shared), express().use('/two', shared)];
      return (req, res) => apps[req.url?.startsWith('/one') ? 0 : 1]?.(req as never, res as never);
    },
    [
      ['/two/leaf/1', '/two/leaf/:id'],
      ['/one/1/leaf/1', undefined],
      ['/one/1/leaf/1', '/one/:one/leaf/:id'],
      ['/two/leaf/1', '/two/leaf/:id'],
    ],
  ],
  'a router is mounted after its routes were asked for': [
    (express) => {
      const app = express();
      const router = express.Router().get('/posts/:post', ok);
      const inner = express.Router().get('/deep/:deep', ok);
      const outer = express.Router().use('/outer', express.Router().get('/x', ok));
      app.use('/v1', router).use('/o', outer);
      return (req, res) => {
        if (req.url === '/mount') app.use('/v2', router);
        if (req.url === '/mount-deep') outer.use('/inner/:inner', inner);
        app(req as never, res as never);
      };
    },
    [
      ['/v1/posts/1', '/v1/posts/:post'],
      ['/v2/posts/1', undefined],
      ['/mount', undefined],
      ['/v2/posts/1', '/v2/posts/:post'],
      ['/v1/posts/1', '/v1/posts/:post'],
      ['/o/inner/1/deep/2', undefined],
      ['/mount-deep', undefined],
      ['/o/inner/1/deep/2', '/o/inner/:inner/deep/:deep'],
    ],
  ],
  'routes are declared after the first request': [
    (express) => {
      const app = express();
      return (req, res) => {
        if (req.url === '/declare') app.get('/late/:id', ok);
        app(req as never, res as never);
      };
    },
    [
      ['/late/1', undefined],
      ['/declare', undefined],
      ['/late/1', '/late/:id'],
      ['/late/2', '/late/:id'],
    ],
  ],
  'a router is mounted, and called by functions elsewhere': [
    (express) => {
      const router = express.Router().get('/posts/:post', ok);
      return express()
        .use('/users/:user', router)
        .use('/plain', (req, res, next) => router(req, res, next))
        .use((req, res, next) => {
          req.url = req.url.replace('/stripped', '');
          router(req, res, next);
        });
    },
    [
      ['/users/1/posts/2', '/users/:user/posts/:post'],
      ['/plain/posts/2', '/plain/posts/:post'],
      ['/plain/posts/2', '/plain/posts/:post'],
      ['/stripped/posts/2', '/posts/:post'],
      ['/posts/2', '/posts/:post'],
      ['/Users/1/posts/2', '/users/:user/posts/:post'],
    ],
  ],
  'a router is mounted once more, deep in another one': [
    (express) => {
      const router = express.Router().get('/posts/:post', ok);
      const deep = express.Router();
      deep.get('/mount', (_req, res) => {
        deep.use('/people', router);
        res.send('ok');
      });
      return express().use('/v1/users', router).use('/v2', deep);
    },
    [
      ['/v1/users/posts/2', '/v1/users/posts/:post'],
      ['/v2/mount', '/v2/mount'],
      ['/v2/people/posts/2', '/v2/people/posts/:post'],
      ['/v1/users/posts/2', '/v1/users/posts/:post'],
    ],
  ],
  'an app is mounted twice in one that a router mounts which a function calls: unknown once': [
    (express) => {
      const inner = express().get(['/c', '/:z'], ok);
      const app = express().use(['/x', '/:w'], inner).use(['/y', '/:v'], inner);
      const router = express.Router().use('/in/:in', app);
      return wrap(express().use('/of/:of', (req, res, next) => router(req, res, next)));
    },
    [
      ['/of/1/in/2/x/3', undefined],
      ['/of/1/in/2/x/3', '/of/:of/in/:in/x/:z'],
      ['/of/1/in/2/y/c', '/of/:of/in/:in/:w/c'],
    ],
  ],
  'a guard stands before a router that a function calls, whose handler fails': [
    (express) => {
      const router = express.Router().get('/:id', (_req, _res, next) => next(new Error('failed')));
      const app = express().get('/users/:any', (_req, _res, next) => next());
      return app.use('/users', (req, res, next) => router(req, res, next)).all(/.*/, ok);
    },
    [['/users/1', '/users/:id']],
  ],
  'a guard of this copy stands before a router of another': [
    (express, other) =>
      express()
        .all('/users/:any/posts/:thing', (_req, _res, next) => next())
        .use('/users/:user', other.Router().get('/posts/:post', ok)),
    twice('/users/1/posts/2', '/users/:user/posts/:post'),
  ],
};

for (const name of ['express', 'express4']) {
  describe(`${name}, at the first request`, () => {
    for (const [title, [build, asked]] of Object.entries(cases)) {
      it(`${title}: ${asked.map(([path, route]) => `${path} is ${route ?? 'unknown'}`).join(', then ')}`, async () => {
        const site = await measured.serve(build(copyOf(name), copyOf(name)));
        for (const [path, route] of asked) assert.equal((await site.ask(path)).route, route, path);
      });
    }
  });
}

describe('the package router without Express', () => {
  it('is unknown once', async () => {
    forgetCopies();
    const create = createRequire(createRequire(import.meta.url).resolve('express'))('router');
    // No other case may find it among the loaded modules.
    forgetCopies();
    const router = create();
    const inner = create();
    inner.get('/posts/:post', (_req: unknown, res: { end(): void }) => res.end());
    router.use('/users/:user', inner);
    const site = await measured.serve((req, res) => router(req, res, () => res.end()));
    for (const [path, route] of [
      ['/users/1/posts/2', undefined],
      ['/users/1/posts/2', '/users/:user/posts/:post'],
      ['/none', undefined],
    ] as const) {
      assert.equal((await site.ask(path)).route, route);
    }
  });
});

function shop(express: ExpressLike): ReturnType<ExpressLike> {
  const users = express.Router().get('/posts/:post', ok);
  users.get('/throws', () => {
    throw new Error('thrown');
  });
  return express().use('/users/:user', users);
}
