/** Express 5.1 with router 2.2, which keeps no declared path on a layer: the same cases. */
import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { createRequire } from 'node:module';
import { after, describe, it } from 'node:test';
import { expressRoutes } from '../../../../src/instruments/routes/express/index.ts';
import { measureWith, said, serve } from '../harness.ts';
import { cases, loadExpress } from './cases.ts';
import { describeValues } from './values.ts';

process.env.NODE_ENV = 'test';
measureWith([expressRoutes]);
const express = loadExpress('express51');

for (const { title, only, app, expect, withoutRawPath } of cases) {
  if (only === 4) continue;
  describe(title, async () => {
    const site = await serve(app(express) as RequestListener);
    after(() => site.close());
    for (const [line, route] of Object.entries({ ...expect, ...withoutRawPath })) {
      it(`${line} is ${route ?? 'no route'}`, async () => {
        const [method, path] = line.split(' ') as [string, string];
        assert.equal((await site.ask(path, method)).route, route);
      });
    }
  });
}

describe('the case of letters', async () => {
  const app = express();
  const inner = express.Router();
  inner.get('/posts/:id', (_req, res) => {
    res.send('ok');
  });
  app.use('/apiV2/:user', inner);
  const site = await serve(app);
  after(() => site.close());

  it('is that of the first request, and never a second series', async () => {
    for (const path of ['/apiV2/1/posts/2', '/APIV2/1/posts/2', '/apiv2/API/Posts/2']) {
      assert.equal((await site.ask(path)).route, '/apiV2/:user/posts/:id');
    }
  });
});

describeValues('without declared paths', express, 400);

describe('this test', () => {
  it('ran with router 2.2, and nothing failed inside', () => {
    const fromExpress = createRequire(createRequire(import.meta.url).resolve('express51'));
    assert.equal(fromExpress('router/package.json').version, '2.2.0');
    assert.deepEqual(said, []);
  });
});
