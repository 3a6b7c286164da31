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
      api.get('/throws', async () => {
        throw new Error('thrown');
      });
      api.setNotFoundHandler(async (_request, reply) => reply.code(404).send('none'));
    },
    { prefix: '/api/:user' },
  );
}

for (const name of ['fastify', 'fastify4']) {
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
    hook({ raw: Object.freeze({}) }, undefined, () => {
      isDone = true;
    });
    assert.equal(isDone, true);
    assert.match(said.join(''), /^routemeter: internal error at fastify\.request, the app is not affected/);
  });
});
