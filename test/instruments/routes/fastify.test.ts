import assert from 'node:assert/strict';
import { channel } from 'node:diagnostics_channel';
import { createRequire } from 'node:module';
import { after, before, describe, it } from 'node:test';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { startLeanEngine } from '../../../src/instruments/http/lean.ts';
import { fastifyRoutes } from '../../../src/instruments/routes/fastify.ts';
import { describeRoutes } from '../../contracts/routes.ts';
import { logged, type Measured, measure, type Site } from '../http/measured.ts';

const require = createRequire(import.meta.url);
const VERSIONS = ['fastify', 'fastify4', 'fastify40'];
const ok = async (): Promise<string> => 'ok';
const throws = (): never => {
  throw new Error('thrown');
};
const gone = (_request: unknown, reply: FastifyReply): void => void reply.callNotFound();
const rejects = async (): Promise<never> => throws();

for (const name of VERSIONS) {
  describeRoutes({
    name,
    source: fastifyRoutes,
    exceptions: {
      'an answer before the route': {
        why: 'its hooks run after the route has matched',
        route: '/denied/:id',
      },
    },
    lacks: {
      'the first of a list of paths': 'a route has one path',
      'the second of a list of paths': 'a route has one path',
      'a regular expression': 'a path is text',
    },
    async app(meet) {
      const app: FastifyInstance = require(name)();
      app.addHook('onRequest', async (request, reply) => {
        if (request.url.startsWith('/denied/')) await reply.code(401).send('no');
      });
      for (const path of ['/', '/health', '/users/:id', '/files/*', '/denied/:id']) app.get(path, ok);
      app.get('/throws/:id', throws);
      app.get('/meets/:id', meet);
      app.register(
        async (tenant: FastifyInstance) => {
          tenant.get('/items/:item', ok).get('/throws/:id', throws).get('/rejects/:id', rejects);
          tenant.get('/meets/:id', meet);
        },
        { prefix: '/tenants/:tenant' },
      );
      await app.ready();
      return (req, res) => app.routing(req, res);
    },
  });
}

const expected: Readonly<Record<string, string | undefined>> = {
  'GET /checked/abc': '/checked/:number',
  'DELETE /any/1': '/any/:id',
  'GET /gone/1': '/gone/:id',
  'GET /gone-later/1': '/gone-later/:id',
  'GET /gone-before/1': '/gone-before/:id',
  'GET /gone-early/1': '/gone-early/:id',
  'GET /static/missing.txt': '/static/*',
  'HEAD /static/missing.txt': '/static/*',
  'GET /refused/1': '/refused/:id',
  'GET /by-hand/1': '/by-hand/:id',
  'GET /api/7/gone': '/api/:user/gone',
  'GET /api/7/deep/gone/1': '/api/:user/deep/gone/:id',
  'GET /api/7/deep/nothing': undefined,
  'GET /api/7/nothing': undefined,
};

function routes(app: FastifyInstance): void {
  app.get('/gone/:id', gone);
  app.get('/gone-later/:id', async (_request, reply) => {
    await null;
    reply.callNotFound();
    return reply;
  });
  app.get('/gone-before/:id', { preHandler: gone }, ok);
  app.get('/gone-early/:id', { onRequest: gone }, ok);
  // As @fastify/static answers what is no file.
  app.get('/static/*', gone);
  app.get('/refused/:id', { onRequest: rejects }, ok);
  app.get('/by-hand/:id', (_request, reply) => {
    reply.hijack();
    reply.raw.end('by hand');
  });
  app.all('/any/:id', ok);
  const schema = { params: { type: 'object', properties: { number: { type: 'integer' } } } };
  app.get('/checked/:number', { schema }, ok);
  const none = async (_request: unknown, reply: FastifyReply) => reply.code(404).send('none');
  const deep = async (scope: FastifyInstance) => {
    scope.get('/gone/:id', gone);
    scope.setNotFoundHandler(none);
  };
  const api = async (scope: FastifyInstance) => {
    scope.get('/gone', gone).register(deep, { prefix: '/deep' });
    scope.setNotFoundHandler(none);
  };
  app.register(api, { prefix: '/api/:user' });
}

describe('Fastify', () => {
  let measured: Measured;
  const sites = new Map<string, Site>();
  before(async () => {
    measured = measure(startLeanEngine, { sources: [fastifyRoutes] });
    for (const name of VERSIONS) sites.set(name, await siteOf(name, routes));
  });
  after(() => measured[Symbol.asyncDispose]());
  const siteOf = async (name: string, declare: (app: FastifyInstance) => void): Promise<Site> => {
    const app: FastifyInstance = require(name)();
    declare(app);
    await app.ready();
    return measured.serve((req, res) => app.routing(req, res));
  };

  for (const name of VERSIONS) {
    for (const [line, route] of Object.entries(expected)) {
      it(`${name}: ${line} is ${route ?? 'no route'}`, async () => {
        const [method, path] = line.split(' ') as [string, string];
        assert.equal((await sites.get(name)?.ask(path, method))?.route, route);
      });
    }

    for (const star of ['*', '/*']) {
      it(`${name}: ${star} is not a route if it is declared for every method, or for OPTIONS alone`, async () => {
        const forAll = await siteOf(name, (app) => {
          app.get('/users/:id', ok).all(star, ok);
          app.register(async (api: FastifyInstance) => void api.all('/*', ok), { prefix: '/api' });
        });
        for (const method of ['GET', 'POST', 'OPTIONS']) {
          assert.equal((await forAll.ask('/nothing/here', method)).route, undefined);
        }
        assert.equal((await forAll.ask('/users/1')).route, '/users/:id');
        assert.equal((await forAll.ask('/api/here')).route, '/api/*');
        const page = await siteOf(name, (app) => void app.get(star, ok).options(star, ok));
        assert.equal((await page.ask('/nothing/here', 'OPTIONS')).route, undefined);
        assert.equal((await page.ask('/nothing/here')).route, star);
      });
    }
  }
});

describe('the hook of Fastify', () => {
  for (const name of VERSIONS) {
    it(`${name}: is not in the stack of an error of the app`, async (t) => {
      const limit = Error.stackTraceLimit;
      Error.stackTraceLimit = Number.POSITIVE_INFINITY;
      t.after(() => {
        Error.stackTraceLimit = limit;
      });
      const app: FastifyInstance = require(name)();
      app.get('/', (_request, reply) => void reply.send(new Error('here').stack));
      const { body } = await app.inject('/');
      assert.match(body, /hookRunner/);
      assert.doesNotMatch(body, /src\/instruments/);
    });
  }

  for (const name of VERSIONS) {
    it(`${name}: goes on within a wrapper that takes what it returns for a promise`, async () => {
      type Hook = (...args: unknown[]) => PromiseLike<unknown> | undefined;
      const app: FastifyInstance & { addHook(at: string, hook: Hook): unknown } = require(name)();
      const { addHook } = app;
      app.addHook = ((at: string, hook: Hook) =>
        addHook.call(app, at, (...args: unknown[]) =>
          hook(...args)?.then((value) => value),
        )) as typeof addHook;
      channel('fastify.initialization').publish({ fastify: app });
      app.get('/', ok);
      assert.equal((await app.inject('/')).body, 'ok');
    });
  }

  it('lets a request continue that cannot be remembered', () => {
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
    assert.match(logged.join(''), /^routemeter: internal error at fastify\.request, the app is not affected/);
  });
});
