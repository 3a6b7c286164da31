import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { before, describe, it } from 'node:test';
import type { Site } from '../../http/measured.ts';
import { cases, linesOf } from './cases.ts';
import { loadExpress, measureExpress, ok, routeOf } from './copies.ts';

const VERSIONS = [
  ['express', 5],
  ['express51', 5],
  ['express50', 5],
  ['express4', 4],
] as const;

const measured = measureExpress();

for (const [name, major] of VERSIONS) {
  const express = loadExpress(name);
  for (const [title, { only, declare, expect, withoutRawPath }] of Object.entries(cases)) {
    if (only !== undefined && only !== major) continue;
    describe(`${name}: ${title}`, () => {
      let site: Site;
      before(async () => {
        const app = express();
        declare(app, express);
        site = await measured.serve(app);
      });
      const expected = new Map([expect, name === 'express51' ? withoutRawPath : {}].flatMap(linesOf));
      for (const [line, route] of expected) {
        it(`${line} is ${route ?? 'no route'}`, async () => assert.equal(await routeOf(site, line), route));
      }
    });
  }
}

describe('router 2.2, which keeps no declared path,', () => {
  it('has the case of letters of the first request, and never a second series', async () => {
    const express = loadExpress('express51');
    const app = express().use('/apiV2/:user', express.Router().get('/posts/:id', ok));
    const site = await measured.serve(app);
    for (const path of ['/apiV2/1/posts/2', '/APIV2/1/posts/2', '/apiv2/API/Posts/2']) {
      assert.equal(await routeOf(site, `GET ${path}`), '/apiV2/:user/posts/:id');
    }
  });

  it('is that of the package express51', () => {
    const fromExpress = createRequire(createRequire(import.meta.url).resolve('express51'));
    assert.equal(fromExpress('router/package.json').version, '2.2.0');
  });
});
