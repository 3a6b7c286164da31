/** `req.route` once it is noted which route a request enters: what the app sees of it. */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { expressRoutes } from '../../../../src/instruments/routes/express/index.ts';
import { measureWith, said, serve } from '../harness.ts';
import { loadExpress } from './cases.ts';

process.env.NODE_ENV = 'test';
measureWith([expressRoutes]);

interface Seen {
  route?: { path: unknown };
}
type App = ReturnType<ReturnType<typeof loadExpress>> & { request: Seen };

for (const name of ['express', 'express4']) {
  /** Two of its routes match one request. */
  const create = (): App => {
    const app = loadExpress(name)() as App;
    app.get('/users/:id', (_req, _res, next) => next());
    app.get('/users/:user', (req, res) => {
      const seen = req as unknown as Seen & object;
      const { route, ...rest } = seen;
      const copies = [seen, { ...seen }, Object.assign({}, seen)].map((each) => each.route?.path);
      const own = [Object.keys(seen).includes('route'), Object.hasOwn(seen, 'route'), 'route' in rest];
      res.end(JSON.stringify([...copies, route?.path, ...own]));
    });
    return app;
  };

  describe(`${name}: an app in which two routes match one request`, async () => {
    const site = await serve(create() as never);
    after(() => site.close());

    it('has the route on the request itself, as without us', async () => {
      const path = '/users/:user';
      for (let i = 0; i < 2; i++) {
        const { body, route } = await site.ask('/users/7');
        assert.deepEqual(JSON.parse(body), [path, path, path, path, true, true, false]);
        assert.equal(route, path);
      }
    });
  });

  describe(`${name}: an app that sets a route on what its requests inherit from`, async () => {
    const app = create();
    app.use((req, res) => res.end(String((req as unknown as Seen).route?.path)));
    const site = await serve(app as never);
    after(() => site.close());

    it('has it where no route matched, and the routes are what they are', async () => {
      await site.ask('/users/7');
      app.request.route = { path: 'inherited' };
      assert.equal((await site.ask('/nothing')).body, 'inherited');
      assert.equal((await site.ask('/nothing')).route, undefined);
      assert.equal((await site.ask('/users/7')).route, '/users/:user');
      assert.equal((await site.ask('/nothing')).body, 'inherited');
    });
  });

  describe(`${name}: an app that has frozen what its requests inherit from`, async () => {
    const app = create();
    Object.freeze(app.request);
    const site = await serve(app as never);
    after(() => site.close());

    it('has its routes all the same', async () => {
      for (let i = 0; i < 2; i++) assert.equal((await site.ask('/users/7')).route, '/users/:user');
    });
  });
}

describe('express', () => {
  it('nothing failed inside', () => assert.deepEqual(said, []));
});
