import type { Framework } from '../framework.ts';

export const loopback: Framework = {
  name: 'LoopBack 4',
  folder: 'loopback',
  found: 'request',
  modules: ['esm', 'cjs'],
  unbundled: 'a package of its own reads messages from a folder',
  patterns: {
    '/users/:id': '/users/{id}',
    '/denied/:id': '/denied/{id}',
    '/throws/:id': '/throws/{id}',
    '/meets/:id': '/meets/{id}',
    '/tenants/:tenant/items/:item': '/tenants/{tenant}/items/{item}',
    '/tenants/:tenant/throws/:id': '/tenants/{tenant}/throws/{id}',
    '/tenants/:tenant/rejects/:id': '/tenants/{tenant}/rejects/{id}',
    '/tenants/:tenant/meets/:id': '/tenants/{tenant}/meets/{id}',
  },
  exceptions: {
    HEAD: { why: 'it answers only methods that are declared', status: 404, route: 'none' },
    'a path that cannot be decoded': { why: 'it takes that for an error of its own', status: 500 },
  },
  lacks: {
    'the first of a list of paths': 'a route has one path',
    'the second of a list of paths': 'a route has one path',
    'a regular expression': 'a path is text',
  },
  own: {
    'a route of the app itself': { ask: 'GET /handled/42', status: 200, route: '/handled/{id}' },
    'a redirection': { ask: 'GET /old', status: 303, route: '/old' },
    'a router of Express': { ask: 'GET /mount/a/express/42', status: 200, route: '/mount/:name/express/:id' },
    'the specification': { ask: 'GET /openapi.json', status: 200, route: '/openapi.json' },
  },
  versions: [
    { packages: { '@loopback/rest': '12.0.0', '@loopback/core': '4.0.0', express: '4.22.3' } },
    { packages: { '@loopback/rest': '15.0.16', '@loopback/core': '7.0.15', express: '4.22.3' } },
  ],
};

export const loopbackMounted: Framework = {
  ...loopback,
  name: 'LoopBack 4 mounted in an app of Express',
  own: {
    ...loopback.own,
    'below a mount and a base path': {
      ask: 'GET /outer/1/api/users/42',
      status: 200,
      route: '/outer/:outer/api/users/{id}',
    },
    'by a sequence of actions': {
      ask: 'GET /actions/1/api/users/42',
      status: 200,
      route: '/actions/:outer/api/users/{id}',
    },
    'a handler by a sequence of actions': {
      ask: 'GET /actions/1/api/handled/42',
      status: 200,
      route: '/actions/:outer/api/handled/{id}',
    },
    'a path that a sequence of actions does not find': {
      ask: 'GET /actions/1/api/nothing',
      status: 404,
      route: 'none',
    },
  },
  versions: loopback.versions.map((version) => ({ ...version, env: { MOUNTED: 'yes' } })),
};
