import type { Framework } from '../framework.ts';

export const h3One: Framework = {
  name: 'h3 1',
  folder: 'h3-1',
  found: 'module',
  namesInBundle: true,
  modules: ['esm', 'cjs'],
  patterns: { '/files/*': '/files/**' },
  lacks: {
    'the first of a list of paths': 'a route has one path',
    'the second of a list of paths': 'a route has one path',
    'a regular expression': 'a route has no regular expressions',
  },
  exceptions: {
    'a path that cannot be decoded': {
      why: 'it passes such a value as it is',
      status: 200,
      route: '/users/:id',
    },
    HEAD: { why: 'it has to be declared', status: 404, route: 'none' },
  },
  own: {
    'a router at a prefix of app.use': { ask: 'GET /v1/users/7', status: 200, route: '/v1/users/:id' },
    'a prefix and an encoded value': { ask: 'GET /v1/users/%C3%BC', status: 200, route: '/v1/users/:id' },
    'the root of a prefix': { ask: 'GET /v1', status: 200, route: '/v1' },
    'a prefix of useBase': { ask: 'GET /based/users/7', status: 200, route: '/based/users/:id' },
    'a handler below useBase': { ask: 'GET /v1/plain/a/b', status: 200, route: '/v1/plain/**' },
    'a handler that answers 404': { ask: 'GET /v1/missing/7', status: 404, route: '/v1/missing/:id' },
    'a router after another': { ask: 'GET /v1/second/7', status: 200, route: '/v1/second/:id' },
    'a path that no router knows': { ask: 'GET /v1/no', status: 404, route: 'none' },
  },
  versions: [{ packages: { h3: '1.8.0' } }, { packages: { h3: '1.15.11' } }],
};
