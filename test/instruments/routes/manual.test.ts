import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, it } from 'node:test';
import { createManualRoutes } from '../../../src/instruments/routes/manual.ts';

const long = 'x'.repeat(5000);
const patterns = ['/users/:id', '/users/me', '/users/:id/posts/:post?', '/files/*'];

/** A URL, and the pattern it is given. */
const expected: Readonly<Record<string, string | undefined>> = {
  '/users/42': '/users/:id',
  '/users/me': '/users/me',
  '/users/42?a=/files/x': '/users/:id',
  '/users/42/posts': '/users/:id/posts/:post?',
  '/users/42/posts/1': '/users/:id/posts/:post?',
  '/users/%20': '/users/:id',
  [`/users/${long}`]: '/users/:id',
  '/files/a/b/c.txt': '/files/*',
  'http://host/users/42': '/users/:id',
  '/users': undefined,
  '/': undefined,
  '/users/%zz': undefined,
  '/%': undefined,
  '*': undefined,
  '': undefined,
  '\\': undefined,
  'http://': undefined,
};

const response = {} as ServerResponse;
const withUrl = (url: string, more: object = {}): IncomingMessage => ({ url, ...more }) as IncomingMessage;

describe('routes given by hand', () => {
  const source = createManualRoutes(patterns);
  for (const [url, route] of Object.entries(expected)) {
    it(`${url.slice(0, 40) || 'an empty URL'} is ${route ?? 'no route'}`, () => {
      assert.equal(source.route(withUrl(url), response), route);
    });
  }

  it('hold for the URL as it came, not as it was rewritten', () => {
    const request = withUrl('/rewritten', { originalUrl: '/users/42' });
    assert.equal(source.route(request, response), '/users/:id');
  });

  it('hold for any method', async () => {
    for (const method of ['GET', 'DELETE', 'QUERY', 'X']) {
      assert.equal(source.route(withUrl('/users/42', { method }), response), '/users/:id');
    }
  });

  it('never give what a request that is not of HTTP/1 lacks', () => {
    assert.equal(source.route({} as IncomingMessage, response), undefined);
  });
});

describe('no patterns', () => {
  it('no routes', () => {
    const source = createManualRoutes([]);
    assert.equal(source.route(withUrl('/users/42'), response), undefined);
  });
});
