import type { Framework } from '../framework.ts';

export const feathersKoa: Framework = {
  name: 'Feathers on Koa',
  folder: 'feathers-koa',
  found: 'module',
  modules: ['esm', 'cjs'],
  patterns: { '/tenants/:tenant/items/:item': '/tenants/:tenant/items/:id' },
  lacks: {
    'a wildcard': 'services have paths without wildcards',
    'the first of a list of paths': 'a service has one path',
    'the second of a list of paths': 'a service has one path',
    'a regular expression': 'a path is text',
  },
  exceptions: {
    'a path that cannot be decoded': {
      why: 'its router passes such a value as it is',
      status: 200,
      route: '/users/:id',
    },
  },
  own: {
    'a service without an id': { ask: 'GET /users?name=7', status: 200, route: '/users' },
    'a method that creates': { ask: 'POST /notes', status: 201, route: '/notes' },
    'a service that has no such record': { ask: 'GET /missing/7', status: 404, route: '/missing/:id' },
    'a hook that fails': { ask: 'GET /hooked/7', status: 500, route: '/hooked/:id' },
  },
  versions: [
    {
      packages: {
        '@feathersjs/koa': '5.0.0',
        '@feathersjs/feathers': '5.0.0',
        '@feathersjs/errors': '5.0.0',
      },
    },
    {
      packages: {
        '@feathersjs/koa': '5.0.50',
        '@feathersjs/feathers': '5.0.50',
        '@feathersjs/errors': '5.0.50',
      },
    },
  ],
};
