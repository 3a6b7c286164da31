import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, it } from 'node:test';
import { createManualRoutes } from '../../../src/instruments/routes/manual.ts';
import { describeRoutes, ROUTES } from '../../contracts/routes.ts';

describeRoutes({
  name: 'an app that routes by hand',
  source: createManualRoutes(Object.keys(ROUTES).filter((name) => name !== '/numbers')),
  lacks: { 'a regular expression': 'a pattern is text' },
  exceptions: {
    'an answer before the route': { why: 'the path alone decides', route: '/denied/:id' },
    'OPTIONS that is not declared': { why: 'the path alone decides', route: '/users/:id' },
    'a method that is not declared': { why: 'the path alone decides', route: '/users/:id' },
  },
  app: (meet) => async (request, response) => {
    const [, first = '', second, third] = String(request.url).split('?')[0]?.split('/') ?? [];
    const name = first === 'tenants' ? third : first;
    const known = ['', 'health', 'users', 'files', 'items', 'dogs', 'cats'].includes(String(name));
    if (name === 'meets') await meet();
    const statuses: Record<string, number> = { denied: 401, throws: 500, rejects: 500, meets: 200 };
    response.statusCode = second === '%zz' ? 400 : (statuses[String(name)] ?? (known ? 200 : 404));
    response.end();
  },
});

const long = 'x'.repeat(5000);
const patterns = ['/users/:id', '/users/me', '/users/:id/posts/:post?', '/files/*'];

/** A URL, and the pattern it is given. */
const expected: Readonly<Record<string, string | undefined>> = {
  '/users/me': '/users/me',
  '/users/42?a=/files/x': '/users/:id',
  '/users/42/posts': '/users/:id/posts/:post?',
  '/users/42/posts/1': '/users/:id/posts/:post?',
  '/users/%20': '/users/:id',
  [`/users/${long}`]: '/users/:id',
  '/files/a/b/c.txt': '/files/*',
  '/users/a;b?c': '/users/:id',
  'http://host/users/42': '/users/:id',
  'http://host': undefined,
  '//users/42': undefined,
  '/%': undefined,
};

/** As the app may have left it. */
const request = { url: '/users/me', originalUrl: '/files/x' } as unknown as IncomingMessage;
const response = {} as ServerResponse;

describe('manual routes', () => {
  const source = createManualRoutes(patterns);
  for (const [url, route] of Object.entries(expected)) {
    it(`${url.slice(0, 40)} is ${route ?? 'no route'}`, () => {
      assert.equal(source.route(request, response, url), route);
    });
  }

  it('are none without patterns', () => {
    assert.equal(createManualRoutes([]).route(request, response, '/users/42'), undefined);
  });
});
