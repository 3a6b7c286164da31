import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { routeSources } from '../../src/instruments/routes/index.ts';
import { judge } from './routes.ts';

const answer = (route: string | undefined, status = 200) => [{ route, status }];

describe('the contract of routes', () => {
  for (const [what, answers] of [
    ['a path', answer('/users/42')],
    ['no route', answer(undefined)],
    ['the route of another', answer('/health')],
    ['an app that does not answer as it should', answer('/users/:id', 500)],
  ] as const) {
    it(`is broken by ${what}`, () => assert.throws(() => judge('a parameter', answers, {})));
  }

  it('is broken by an answer that is neither that of the contract nor the declared exception', () => {
    const exceptions = { 'an answer before the route': { why: 'of hooks', route: '/denied/:id' } } as const;
    assert.throws(() => judge('an answer before the route', answer(undefined, 401), { exceptions }));
  });

  it('rejects an exception that does not differ', () => {
    const exceptions = { 'a parameter': { why: 'of nothing', route: '/users/:id' } } as const;
    assert.throws(() => judge('a parameter', answer('/users/:id'), { exceptions }), /is no exception/);
  });

  for (const name of routeSources.flatMap(({ frameworks }) => frameworks)) {
    it(`is tested with ${name}`, () => {
      const test = join(import.meta.dirname, '..');
      const files = globSync(
        [`instruments/routes/{.,${name}}/${name}.test.ts`, `frameworks/${name}{,-*}/*.test.ts`],
        {
          cwd: test,
        },
      );
      const texts = files.map((file) => readFileSync(join(test, file), 'utf8'));
      assert.ok(texts.some((text) => /describe(Routes|Framework)\(/.test(text)));
    });
  }
});
