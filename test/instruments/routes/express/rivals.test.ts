/** Whether a request may be at another route before or after one, as far as what is declared tells. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { App } from '../../../../src/instruments/routes/express/layer.ts';
import { createPlaces } from '../../../../src/instruments/routes/express/places.ts';
import { type ExpressLike, loadExpress, ok } from './copies.ts';

type Site = ReturnType<ExpressLike>;
type Declare = (app: Site) => unknown;

const MOST = 500;
const nothing: Declare = () => undefined;

for (const name of ['express', 'express4']) {
  const express = loadExpress(name);
  const fallback: Declare = (app) => app.all(name === 'express' ? '/{*all}' : '*', ok);
  const routerOf = (path: string) => express.Router().get(path, ok);
  const many: Declare = (app) => {
    for (let i = 0; i <= MOST; i++) app.get(`/${i}/:id`, ok);
  };

  /** What is declared before `GET /x/:id`, and after it. */
  const cases: readonly [title: string, before: Declare, after: Declare, 'alone' | 'second' | 'first'][] = [
    ['with nothing else', nothing, nothing, 'alone'],
    ['after a route that may match the same path', (app) => app.get('/:any/1', ok), nothing, 'second'],
    ['before one', nothing, (app) => app.get('/X/1', ok), 'first'],
    ['between others', (app) => app.get('/x/me', ok), (app) => app.get('/:any/:id', ok), 'first'],
    ['among routes of other paths', (app) => app.get('/y/:id', ok), (app) => app.get('/x', ok), 'alone'],
    ['among routes of other methods', (app) => app.post('/x/:id', ok), (app) => app.put('/x/1', ok), 'alone'],
    ['before one for HEAD', nothing, (app) => app.head('/x/1', ok), 'first'],
    ['before a fallback', nothing, fallback, 'alone'],
    ['after a fallback, which may pass requests on', fallback, nothing, 'second'],
    ['after a router at the same path', (app) => app.use('/x', routerOf('/:id')), nothing, 'second'],
    ['before it', nothing, (app) => app.use('/x', routerOf('/:id')), 'first'],
    ['before a router at another path', nothing, (app) => app.use('/y', routerOf('/:id')), 'alone'],
    ['after an app, which may have any routes', (app) => app.use('/x', express()), nothing, 'second'],
    ['before it', nothing, (app) => app.use('/x', express()), 'first'],
    ['before an app at another path', nothing, (app) => app.use('/y', express()), 'alone'],
    [
      'before a function at the same path, which may call a router',
      nothing,
      (app) => app.use('/x', ok),
      'first',
    ],
    ['after it', (app) => app.use('/x', ok), nothing, 'alone'],
    ['after very many, for comparing costs the square of their number', many, nothing, 'second'],
    ['before very many', nothing, many, 'first'],
  ];

  describe(`${name}: a route`, () => {
    for (const [title, before, after, expected] of cases) {
      it(`${title} is ${expected}`, () => {
        const app = express();
        before(app);
        app.get('/x/:id', ok);
        const at = routesOf(app).length - 1;
        after(app);
        assert.equal(standing(app, at), expected);
      });
    }

    it('of a mounted app may have others before it and after it in the app around that', () => {
      const inner = express().get('/:id', ok);
      const app = express().use('/x', inner).get('/x/1', ok);
      routesOf(app);
      assert.equal(standing(inner, 0), 'first');
    });
  });
}

function routesOf(site: Site) {
  return [
    ...createPlaces(() => undefined)
      .tree(site as unknown as App & object)
      .routes.keys(),
  ];
}

function standing(site: Site, at: number): 'alone' | 'second' | 'first' {
  const app = site as unknown as App & object;
  const places = createPlaces(() => undefined);
  const route = [...places.tree(app).routes.keys()][at];
  assert.ok(route);
  const found = places.of(app, route);
  assert.ok(found);
  if (found.mayPassOn) return 'first';
  return found.isOpen ? 'second' : 'alone';
}
