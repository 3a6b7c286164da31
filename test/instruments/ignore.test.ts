import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createIgnore } from '../../src/instruments/ignore.ts';

describe('a request that ROUTEMETER_IGNORE excludes', () => {
  const ignore = createIgnore(['/healthz', '/internal/*']);

  for (const target of ['/healthz', '/healthz?deep=1', '/internal/a/b', 'http://host/internal/']) {
    it(`is ${target}`, () => assert.equal(ignore.path(target), true));
  }

  // How a target has its path is told in routes/request-path.test.ts.
  for (const target of ['/healthz/', '/x?/healthz', '/', '']) {
    it(`is not ${target || 'one without a target'}`, () => assert.equal(ignore.path(target), false));
  }

  const routes: readonly (readonly [
    route: string | undefined,
    byCode: boolean | undefined,
    ignored: boolean,
  ])[] = [
    ['/healthz', undefined, true],
    ['/users/:id', undefined, false],
    ['/users/:id', false, false],
    ['/users/:id', true, true],
    [undefined, undefined, false],
    [undefined, true, true],
  ];
  for (const [route, byCode, ignored] of routes) {
    const what = `${route ?? 'without a route'}${byCode ? ', ignored by code' : ''}`;
    it(`is ${ignored ? '' : 'not '}one of ${what} (${byCode})`, () =>
      assert.equal(ignore.route(route, byCode), ignored));
  }

  it('is one that code ignores, without any pattern', () => {
    assert.equal(createIgnore([]).route('/users/:id', true), true);
    assert.equal(createIgnore([]).route('/users/:id', undefined), false);
  });

  it('is any request if * is given', () => {
    const everything = createIgnore(['*']);
    for (const target of ['/', '*', 'http://host', '']) assert.equal(everything.path(target), true);
  });
});
