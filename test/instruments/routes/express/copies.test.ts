/** Two copies of Express in one app: the same version twice, 4 beside 5, the router's versions mixed. */
import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import { after, describe, it } from 'node:test';
import { expressRoutes } from '../../../../src/instruments/routes/express/index.ts';
import { measureWith, said, serve } from '../harness.ts';
import type { ExpressLike } from './cases.ts';
import { answers } from './cases.ts';

process.env.NODE_ENV = 'test';
measureWith([expressRoutes]);
const require = createRequire(import.meta.url);
const { ok } = answers;
const NAMES = ['express', 'express51', 'express4'];

for (const one of NAMES) {
  for (const two of NAMES) {
    describe(`${one} and ${two}`, async () => {
      const [a, b] = [copyOf(one), copyOf(two)];
      const site = await serve(listen(build(a, b)));
      const plain = await serve(build(a, b));
      after(() => Promise.all([site.close(), plain.close()]));
      const asked: readonly [string, string | undefined][] = [
        ['/api/users/7', '/api/users/:id'],
        ['/api/tenants/3/leaf', '/api/tenants/:tenant/leaf'],
        ['/direct/9', '/direct/:id'],
        ['/direct/none/9', undefined],
        ['/child/1/leaf/2', '/child/:child/leaf/:id'],
        ['/v1/twice/5', '/v1/twice/:id'],
        ['/v2/twice/5', '/v2/twice/:id'],
        ['/child/1/throws/2', '/child/:child/throws/:id'],
      ];
      for (let round = 1; round <= 2; round++) {
        for (const [path, route] of asked) {
          it(`${path} is ${route ?? 'no route'}, for the ${round === 1 ? 'first' : 'second'} time`, async () => {
            assert.equal((await plain.ask(path)).route, route, 'the app is the listener');
            assert.equal((await site.ask(path)).route, route, 'the listener is a function');
          });
        }
      }
    });
  }
}

describe('a copy that only mounts, in a router that is called by a function', async () => {
  const [a, b] = [copyOf('express'), copyOf('express4')];
  const mounting = b.Router().use('/users/:user', a.Router().get('/posts/:post', ok));
  const app = a().use('/api/:version', (req, res, next) => mounting(req, res, next));
  const site = await serve(listen(app));
  after(() => site.close());

  it('is unknown once', async () => {
    assert.equal((await site.ask('/api/1/users/2/posts/3')).route, undefined);
    assert.equal((await site.ask('/api/1/users/2/posts/3')).route, '/api/:version/users/:user/posts/:post');
  });
});

describe('express', () => {
  it('nothing failed inside', () => assert.deepEqual(said, []));
});

function build(a: ExpressLike, b: ExpressLike): ReturnType<ExpressLike> {
  const child = b();
  child.get('/leaf/:id', ok);
  child.get('/throws/:id', () => {
    throw new Error('thrown');
  });
  const twice = b.Router().get('/twice/:id', ok);
  return a()
    .use('/api', b.Router().use('/users', a.Router().get('/:id', ok)))
    .use('/api/tenants/:any', (_req, _res, next) => next())
    .use('/:anything', (_req, _res, next) => next())
    .use('/api', b.Router().use('/tenants/:tenant', a.Router().get('/leaf', ok)))
    .use('/direct', b.Router().get('/:id', ok))
    .use('/child/:child', child as never)
    .use('/v1', twice)
    .use('/v2', twice);
}

function listen(app: ReturnType<ExpressLike>) {
  return (req: IncomingMessage, res: ServerResponse) => app(req as never, res as never);
}

function copyOf(name: string): ExpressLike {
  for (const path of Object.keys(require.cache)) {
    if (/[/\\](?:express\d*|router)[/\\]/.test(path)) delete require.cache[path];
  }
  return require(name);
}
