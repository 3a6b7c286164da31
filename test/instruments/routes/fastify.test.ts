import assert from 'node:assert/strict';
import { channel } from 'node:diagnostics_channel';
import { createRequire } from 'node:module';
import { after, describe, it } from 'node:test';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { fastifyRoutes } from '../../../src/instruments/routes/fastify.ts';
import { measureWith, said, serve } from './harness.ts';

const require = createRequire(import.meta.url);
measureWith([fastifyRoutes]);

const expected: Readonly<Record<string, string | undefined>> = {
  'GET /': '/',
  'GET /users/42?x=1': '/users/:id',
  'HEAD /users/42': '/users/:id',
  'GET /users/%F0%9F%98%80': '/users/:id',
  'GET /api/7/posts/9': '/api/:user/posts/:post',
  'GET /api/7/throws': '/api/:user/throws',
  'GET /api/7/denied': '/api/:user/denied',
  'GET /checked/abc': '/checked/:number',
  'GET /files/a/b/c': '/files/*',
  'DELETE /any/1': '/any/:id',
  'GET /gone/1': '/gone/:id',
  'GET /gone-later/1': '/gone-later/:id',
  'GET /gone-before/1': '/gone-before/:id',
  'GET /gone-early/1': '/gone-early/:id',
  'GET /static/missing.txt': '/static/*',
  'HEAD /static/missing.txt': '/static/*',
  'GET /moved/1': '/moved/:id',
  'GET /refused/1': '/refused/:id',
  'GET /by-hand/1': '/by-hand/:id',
  'GET /api/7/gone': '/api/:user/gone',
  'GET /api/7/deep/gone/1': '/api/:user/deep/gone/:id',
  'GET /api/7/deep/nothing': undefined,
  'POST /users/42': undefined,
  'OPTIONS /users/42': undefined,
  'GET /nothing/here': undefined,
  'GET /api/7/nothing': undefined,
  'GET /users/%zz': undefined,
};

function routes(app: FastifyInstance): void {
  const ok = async () => 'ok';
  app.get('/', ok);
  app.get('/users/:id', ok);
  app.get('/files/*', ok);
  app.get('/gone/:id', (_request, reply) => void reply.callNotFound());
  app.get('/gone-later/:id', async (_request, reply) => {
    await null;
    reply.callNotFound();
    return reply;
  });
  app.get('/gone-before/:id', { preHandler: (_request, reply) => void reply.callNotFound() }, ok);
  app.get('/gone-early/:id', { onRequest: (_request, reply) => void reply.callNotFound() }, ok);
  // As @fastify/static answers what is no file.
  app.get('/static/*', (_request, reply) => void reply.callNotFound());
  app.get('/moved/:id', (_request, reply) => void reply.code(302).header('location', '/').send());
  const refuse = async () => {
    throw new Error('refused');
  };
  app.get('/refused/:id', { onRequest: refuse }, ok);
  app.get('/by-hand/:id', (_request, reply) => {
    reply.hijack();
    reply.raw.end('by hand');
  });
  app.all('/any/:id', ok);
  const schema = { params: { type: 'object', properties: { number: { type: 'integer' } } } };
  app.get('/checked/:number', { schema }, ok);
  app.register(
    async (api: FastifyInstance) => {
      api.addHook('onRequest', async (request, reply: FastifyReply) => {
        if (request.url.endsWith('/denied')) await reply.code(401).send('no');
      });
      api.get('/posts/:post', ok);
      api.get('/denied', ok);
      api.get('/gone', (_request, reply) => void reply.callNotFound());
      api.get('/throws', async () => {
        throw new Error('thrown');
      });
      api.setNotFoundHandler(async (_request, reply) => reply.code(404).send('none'));
      api.register(
        async (deep: FastifyInstance) => {
          deep.get('/gone/:id', (_request, reply) => void reply.callNotFound());
          deep.setNotFoundHandler(async (_request, reply) => reply.code(404).send('none'));
        },
        { prefix: '/deep' },
      );
    },
    { prefix: '/api/:user' },
  );
}

for (const name of ['fastify', 'fastify4', 'fastify40']) {
  describe(name, async () => {
    const app: FastifyInstance = require(name)();
    routes(app);
    await app.ready();
    const site = await serve((req, res) => app.routing(req, res));
    after(() => site.close());
    for (const [line, route] of Object.entries(expected)) {
      it(`${line} is ${route ?? 'no route'}`, async () => {
        const [method, path] = line.split(' ') as [string, string];
        assert.equal((await site.ask(path, method)).route, route);
      });
    }
  });
}

for (const name of ['fastify', 'fastify4', 'fastify40']) {
  describe(`${name}: a wildcard for everything`, async () => {
    const sites = await Promise.all(
      ['*', '/*'].map(async (path) => {
        const ok = async () => 'ok';
        const forAll: FastifyInstance = require(name)();
        forAll.get('/users/:id', ok).all(path, ok);
        forAll.register(async (api: FastifyInstance) => void api.all('/*', ok), { prefix: '/api' });
        const page: FastifyInstance = require(name)();
        page.get(path, ok).options(path, ok);
        await Promise.all([forAll.ready(), page.ready()]);
        return {
          path,
          forAll: await serve((req, res) => forAll.routing(req, res)),
          page: await serve((req, res) => page.routing(req, res)),
        };
      }),
    );
    after(() => Promise.all(sites.flatMap(({ forAll, page }) => [forAll.close(), page.close()])));

    it('is no route if it is declared for every method, or for OPTIONS alone', async () => {
      for (const { forAll, page } of sites) {
        for (const method of ['GET', 'POST', 'OPTIONS']) {
          assert.equal((await forAll.ask('/nothing/here', method)).route, undefined);
        }
        assert.equal((await forAll.ask('/users/1')).route, '/users/:id');
        assert.equal((await page.ask('/nothing/here', 'OPTIONS')).route, undefined);
      }
    });

    it('is one if it is a page, or below something', async () => {
      for (const { path, forAll, page } of sites) {
        assert.equal((await page.ask('/nothing/here')).route, path);
        assert.equal((await forAll.ask('/api/here')).route, '/api/*');
      }
    });
  });
}

describe('fastify', () => {
  it('goes on with a request that cannot be remembered', () => {
    let hook: (request: unknown, reply: unknown, done: () => void) => void = () => {};
    const fastify = {
      addHook: (_name: string, added: typeof hook) => {
        hook = added;
      },
    };
    channel('fastify.initialization').publish({ fastify });
    let isDone = false;
    hook({ raw: Object.freeze({}), routeOptions: { url: '/' } }, undefined, () => {
      isDone = true;
    });
    assert.equal(isDone, true);
    assert.match(said.join(''), /^routemeter: internal error at fastify\.request, the app is not affected/);
  });
});
