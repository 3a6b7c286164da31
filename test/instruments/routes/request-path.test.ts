import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { pathOf } from '../../../src/instruments/routes/request-path.ts';

/** A request's target as it came in, and its path. */
const expected: Readonly<Record<string, string>> = {
  '/healthz': '/healthz',
  '/healthz?deep=1': '/healthz',
  '/?': '/',
  '/a?b?c#d': '/a',
  '/a#b?c': '/a',
  '/a;v=1/b;w?c': '/a;v=1/b;w',
  '/a%3Fb%23c': '/a%3Fb%23c',
  '/redirect/http://host/x': '/redirect/http://host/x',
  '//host:80/healthz': '//host:80/healthz',
  'http://host/healthz?deep=1': '/healthz',
  'HTTP://HOST/healthz': '/healthz',
  'http://user:pa%2Fss@host:80/healthz': '/healthz',
  'http://[::1]:80/healthz': '/healthz',
  'http://host': '/',
  'http://host?next=/healthz': '/',
  'http://host#/healthz': '/',
  'http:///healthz': '/healthz',
  'coap+tcp://host/healthz': '/healthz',
  'http://host/redirect/http://other/x': '/redirect/http://other/x',
  '*': '*',
  '': '/',
};

describe('the path of an incoming request', () => {
  for (const [target, path] of Object.entries(expected)) {
    it(`${target || 'an empty target'} is ${path}`, () => {
      assert.equal(pathOf(target), path);
    });
  }
});
