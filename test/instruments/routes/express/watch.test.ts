/** `req.route` once it is noted which route a request enters: what the app sees of it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { loadExpress, measureExpress } from './copies.ts';

const measured = measureExpress();

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

  describe(`${name}: an app`, () => {
    it('in which two routes match one request has the route on the request itself, as without routemeter', async () => {
      const site = await measured.serve(create() as never);
      const path = '/users/:user';
      for (let i = 0; i < 2; i++) {
        const { body, route } = await site.ask('/users/7');
        assert.deepEqual(JSON.parse(body), [path, path, path, path, true, true, false]);
        assert.equal(route, path);
      }
    });

    it('has the route of a request as plain data where no other route can follow', async () => {
      const app = loadExpress(name)();
      const isData: boolean[] = [];
      app.get('/users/:id', (req, res) => {
        const own = Object.getOwnPropertyDescriptor(req, 'route');
        isData.push(own?.value === req.route);
        res.end(JSON.stringify({ ...own, value: req.route.path }));
      });
      app.get('/pages/:page', (_req, _res, next) => next());
      app.all(name === 'express' ? '/{*any}' : '*', (_req, res) => res.sendStatus(404));
      const site = await measured.serve(app);
      const { body, route } = await site.ask('/users/7');
      const plain = { value: '/users/:id', writable: true, enumerable: true, configurable: true };
      assert.deepEqual([JSON.parse(body), route, isData], [plain, '/users/:id', [true]]);
      assert.equal((await site.ask('/pages/7')).route, '/pages/:page');
      assert.equal((await site.ask('/none')).route, undefined);
    });

    it('that sets a route on the prototype of its requests has it if no route matched', async () => {
      const app = create();
      app.use((req, res) => res.end(String((req as unknown as Seen).route?.path)));
      const site = await measured.serve(app as never);
      await site.ask('/users/7');
      app.request.route = { path: 'inherited' };
      assert.equal((await site.ask('/nothing')).body, 'inherited');
      assert.equal((await site.ask('/nothing')).route, undefined);
      assert.equal((await site.ask('/users/7')).route, '/users/:user');
      assert.equal((await site.ask('/nothing')).body, 'inherited');
    });

    it('that has frozen the prototype of its requests still has its routes', async () => {
      const app = create();
      Object.freeze(app.request);
      const site = await measured.serve(app as never);
      for (let i = 0; i < 2; i++) assert.equal((await site.ask('/users/7')).route, '/users/:user');
    });
  });
}
