import type { Framework } from '../framework.ts';

const own: NonNullable<Framework['own']> = {
  'an answer of authentication': { ask: 'GET /private/7', status: 401, route: '/private/{id}' },
  'an answer of an extension behind the route': {
    ask: 'GET /guarded/7',
    status: 401,
    route: '/guarded/{id}',
  },
  'an answer of validation': { ask: 'GET /checked/7', status: 400, route: '/checked/{id}' },
  'an optional parameter': { ask: 'GET /optional', status: 200, route: '/optional/{id?}' },
  'a parameter of two segments': { ask: 'GET /two/7/8', status: 200, route: '/two/{id*2}' },
  'a parameter in a segment': { ask: 'GET /named/7.json', status: 200, route: '/named/{name}.json' },
  'a list of methods': { ask: 'PATCH /changes/7', status: 200, route: '/changes/{id}' },
  'a URL that is rewritten': { ask: 'GET /old/7', status: 200, route: '/users/{id}' },
  'a route of one host': {
    ask: 'GET /hosted/7',
    headers: { host: 'routes.example' },
    status: 200,
    route: '/hosted/{id}',
  },
  'the route of other hosts': { ask: 'GET /hosted/7', status: 200, route: '/hosted/{any*}' },
  'a wildcard for everything, by every method': {
    ask: 'GET /nothing/here',
    headers: { host: 'fallback.example' },
    status: 404,
    route: 'none',
  },
  'a wildcard for everything, by one method': {
    ask: 'GET /nothing/here',
    headers: { host: 'everything.example' },
    status: 200,
    route: '/{any*}',
  },
};

export const hapi: Framework = {
  name: 'Hapi',
  folder: 'hapi',
  found: 'module',
  namesInBundle: true,
  modules: ['esm', 'cjs'],
  patterns: {
    '/users/:id': '/users/{id}',
    '/files/*': '/files/{path*}',
    '/throws/:id': '/throws/{id}',
    '/tenants/:tenant/items/:item': '/tenants/{tenant}/items/{item}',
    '/tenants/:tenant/throws/:id': '/tenants/{tenant}/throws/{id}',
    '/tenants/:tenant/rejects/:id': '/tenants/{tenant}/rejects/{id}',
    '/meets/:id': '/meets/{id}',
    '/tenants/:tenant/meets/:id': '/tenants/{tenant}/meets/{id}',
  },
  lacks: {
    'the first of a list of paths': 'a route has one path',
    'the second of a list of paths': 'a route has one path',
    'a regular expression': 'a path is text',
  },
  own,
  versions: [
    // Those before it end the process at a 404, on Node.js 16 and later.
    { packages: { '@hapi/hapi': '20.1.2' } },
    { packages: { '@hapi/hapi': '20.3.0' } },
    { packages: { '@hapi/hapi': '21.0.0' } },
    { packages: { '@hapi/hapi': '21.4.10' } },
  ],
};
