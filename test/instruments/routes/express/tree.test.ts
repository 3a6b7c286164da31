import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Route } from '../../../../src/instruments/routes/express/layer.ts';
import { growTree } from '../../../../src/instruments/routes/express/tree.ts';
import { loadExpress, ok } from './copies.ts';

for (const name of ['express', 'express4']) {
  const express = loadExpress(name);

  describe(`the tree of ${name}`, () => {
    it('ignores stacks of other frameworks, such as connect', () => {
      const connect = Object.assign((_req: unknown, _res: unknown) => {}, {
        stack: [
          { route: '', handle: ok },
          { route: '/deep', handle: ok },
        ],
      });
      const stacked = Object.assign((_req: unknown, _res: unknown) => {}, { stack: ['a', null, 1] });
      const app = express().get('/users/:id', ok).use('/connect', connect).use(stacked);
      assert.deepEqual(paths(growTree(app).routes), ['/users/:id']);
    });
  });
}

function paths(routes: ReadonlyMap<Route, unknown>): unknown[] {
  return [...routes.keys()].map((route) => route.path);
}
