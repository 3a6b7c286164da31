/** `metered` on what frameworks call. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AppProcess, samples } from '../../app-process.ts';

const LISTENING = `.listen(0, '127.0.0.1', function () {
  console.log('http://127.0.0.1:' + this.address().port + '/');
});`;

const [USERS, FAILS] = ['http_route="/users/:id"', 'http_route="/fails"'];

/** Asserts what one request to a route that answers and one to a route that throws a RangeError have timed. */
async function assertTimed(app: AppProcess, onBoth: string[], onUsers: string[]): Promise<void> {
  const exposition = await app.scrape();
  const expected: [names: string[], counts: Record<string, number>][] = [
    [onBoth, { [USERS]: 1, [FAILS]: 1 }],
    [onUsers, { [USERS]: 1 }],
    [['fails'], { [`error_type="RangeError",${FAILS}`]: 1 }],
    [['failed'], { [FAILS]: 1 }],
  ];
  for (const [names, counts] of expected) {
    for (const name of names) assert.deepEqual(samples(exposition, `${name}_seconds_count`), counts, name);
  }
}

describe('a metered function is still', () => {
  for (const version of ['express', 'express4']) {
    it(`a handler, a middleware and an error handler of ${version}`, async () => {
      const app = new AppProcess(
        `import express from '${version}';
        import { metered } from 'routemeter';
        const app = express();
        app.use(metered(function authenticate(req, res, next) { setTimeout(next, 1); }));
        app.get('/users/:id', metered((req, res) => res.send('user ' + req.params.id), 'users.show'));
        app.get('/fails', metered(function fails() { throw new RangeError('no'); }));
        app.use(metered(function failed(error, req, res, next) { res.status(500).send(error.message); }));
        app${LISTENING}`,
      );
      assert.deepEqual(await app.get('/users/1'), { status: 200, body: 'user 1' });
      assert.deepEqual(await app.get('/fails'), { status: 500, body: 'no' });
      await assertTimed(app, ['authenticate'], ['users_show']);
    });
  }

  it('a handler, a hook and an error handler of Fastify', async () => {
    const app = new AppProcess(
      `import Fastify from 'fastify';
      import { metered } from 'routemeter';
      const app = Fastify();
      app.addHook('onRequest', metered(async function authenticate() {}));
      app.addHook('preHandler', metered(function prepare(request, reply, done) { done(); }));
      app.get('/users/:id', metered(async function show(request) { return this === app && request.params; }));
      app.get('/fails', metered(async function fails() { throw new RangeError('no'); }));
      app.setErrorHandler(metered(function failed(error, request, reply) { reply.code(500).send(error.message); }));
      console.log(await app.listen({ port: 0, host: '127.0.0.1' }));`,
    );
    assert.deepEqual(await app.get('/users/1'), { status: 200, body: '{"id":"1"}' });
    assert.deepEqual(await app.get('/fails'), { status: 500, body: 'no' });
    await assertTimed(app, ['authenticate', 'prepare'], ['show']);
  });

  it('the handler of a bare server, and the method of a class', async () => {
    const app = new AppProcess(
      `import { createServer } from 'node:http';
      import { metered } from 'routemeter';
      class Shop {
        #name = 'shop';
        async greet() { await null; return this.#name; }
      }
      Shop.prototype.greet = metered(Shop.prototype.greet, 'shop.greet');
      const shop = new Shop();
      createServer(metered(async function handle(req, res) { res.end(await shop.greet()); }))${LISTENING}`,
      { env: { ROUTEMETER_ROUTES: '/users/:id' } },
    );
    assert.deepEqual(await app.get('/users/1'), { status: 200, body: 'shop' });
    const exposition = await app.scrape();
    for (const metric of ['shop_greet', 'handle']) {
      assert.deepEqual(samples(exposition, `${metric}_seconds_count`), { [USERS]: 1 });
    }
  });
});
