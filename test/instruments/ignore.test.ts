import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createIgnore } from '../../src/instruments/ignore.ts';

describe('a request that ROUTEMETER_IGNORE excludes', () => {
  const ignore = createIgnore(['/healthz', '/internal/*']);

  for (const target of [
    '/healthz',
    '/healthz?deep=1',
    '/healthz#x',
    '/internal/a/b',
    'http://host/healthz',
    'HTTP://user:pass@HOST:80/healthz?deep',
    'http://host/internal/',
  ]) {
    it(`is ${target}`, () => assert.equal(ignore.path(target), true));
  }

  for (const target of [
    '//healthz',
    '/healthz;v=1',
    '/healthz/',
    '/x?/healthz',
    '/http://host/healthz',
    'http://healthz',
    'http://host?/healthz',
    '*',
    '/',
    '',
  ]) {
    it(`is not ${target || 'one without a target'}`, () => assert.equal(ignore.path(target), false));
  }

  it('is any request if * is given', () => {
    const everything = createIgnore(['*']);
    for (const target of ['/', '*', 'http://host', '']) assert.equal(everything.path(target), true);
  });
});
