/** Whatever tree of routers an app is, a request has the pattern of the last route that it entered. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LONG } from '../../../length.ts';
import fc from '../../../property.ts';
import { copyOf, loadExpress, measureExpress, wrap } from './copies.ts';
import { type Built, build, CALLED, DECLARED, requests, treesOf } from './trees.ts';

const measured = measureExpress();
const asked = fc.array(requests, { minLength: 1, maxLength: 8 });

for (const name of ['express', 'express51', 'express4']) {
  describe(`${name}: random trees`, () => {
    it('of routers and mounted apps', async () => {
      const express = loadExpress(name);
      await fc.assert(
        fc.asyncProperty(treesOf(DECLARED), asked, fc.boolean(), async (tree, paths, wrapped) =>
          judge(build(express, tree, !wrapped), paths, wrapped),
        ),
        { numRuns: LONG ? 1000 : 100 },
      );
    });

    it('in which functions call routers', async () => {
      await fc.assert(
        fc.asyncProperty(treesOf(CALLED), asked, fc.boolean(), async (tree, paths, wrapped) =>
          judge(build(copyOf(name), tree, false), paths, wrapped),
        ),
        { numRuns: LONG ? 300 : 20 },
      );
    });
  });
}

async function judge(
  { app, patternsOfLast }: Built,
  paths: readonly (readonly [method: string, path: string])[],
  wrapped: boolean,
): Promise<void> {
  await using site = await measured.serve(wrapped ? wrap(app) : app);
  for (const [method, path] of paths) {
    // What the first requests show decides how the next ones are looked at.
    const found = [];
    for (let i = 0; i < 3; i++) found.push((await site.ask(path, method)).route);
    const expected = patternsOfLast();
    // Router 2.2 keeps no declared path: the letters are those of the first request.
    const isRight = expected.includes(found.at(-1)?.toLowerCase());
    assert.ok(isRight, `${method} ${path} is ${expected.join(' or ')}, not ${found.join(', ')}`);
  }
}
