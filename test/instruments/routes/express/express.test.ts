import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { after, describe, it } from 'node:test';
import { expressRoutes } from '../../../../src/instruments/routes/express/index.ts';
import { measureWith, said, serve } from '../harness.ts';
import { cases, loadExpress } from './cases.ts';
import { describeValues } from './values.ts';

const versions = [
  ['express', 5],
  ['express50', 5],
  ['express4', 4],
] as const;

process.env.NODE_ENV = 'test';
measureWith([expressRoutes]);

for (const [name, major] of versions) {
  const express = loadExpress(name);
  for (const { title, only, app, expect } of cases) {
    if (only !== undefined && only !== major) continue;
    describe(`${name}: ${title}`, async () => {
      const site = await serve(app(express) as RequestListener);
      after(() => site.close());
      for (const [line, route] of Object.entries(expect)) {
        it(`${line} is ${route ?? 'no route'}`, async () => {
          const [method, path] = line.split(' ') as [string, string];
          assert.equal((await site.ask(path, method)).route, route);
        });
      }
    });
  }
}

for (const name of ['express', 'express4']) describeValues(name, loadExpress(name), 400);

describe('express', () => {
  it('nothing failed inside', () => assert.deepEqual(said, []));
});
