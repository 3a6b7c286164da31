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

  it('is any request if * is given', () => {
    const everything = createIgnore(['*']);
    for (const target of ['/', '*', 'http://host', '']) assert.equal(everything.path(target), true);
  });
});
