import type { Framework } from '../framework.ts';

export const restify: Framework = {
  name: 'Restify',
  folder: 'restify',
  found: 'request',
  external: ['dtrace-provider'],
  modules: ['esm', 'cjs'],
  lacks: {
    'the first of a list of paths': 'a route has one path',
    'the second of a list of paths': 'a route has one path',
    'a regular expression': 'only a parameter may have one',
  },
  exceptions: {
    'a path that cannot be decoded': { why: 'to its router it is not declared', status: 404 },
  },
  own: {
    'a regular expression of a parameter': {
      ask: 'GET /numbers/42',
      status: 200,
      route: '/numbers/:number(^\\d+$)',
    },
    'middleware behind the router': { ask: 'GET /guarded/7', status: 401, route: '/guarded/:id' },
    'a version of a route': { ask: 'GET /versions/7', status: 200, route: '/versions/:id' },
    'a route that answers 404': { ask: 'GET /missing/7', status: 404, route: '/missing/:id' },
  },
  versions: [{ packages: { restify: '12.0.0' } }],
};
