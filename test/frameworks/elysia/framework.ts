import type { Framework } from '../framework.ts';

export const elysia: Framework = {
  name: 'Elysia',
  folder: 'elysia',
  found: 'module',
  modules: ['esm', 'cjs'],
  unbundled: 'crossws, which its server brings, does not run in a bundle of CommonJS',
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
    'an answer before the route': {
      why: 'its hooks run after the route has matched',
      route: '/denied/:id',
    },
  },
  own: {
    'a group': { ask: 'GET /v1/static?again=1', status: 200, route: '/v1/static' },
    'a group, again': { ask: 'GET /v1/static/', status: 200, route: '/v1/static' },
    'a value in place of a handler': { ask: 'GET /v1/value', status: 200, route: '/v1/value' },
    'an optional parameter': { ask: 'GET /v1/optional/7', status: 200, route: '/v1/optional/:id?' },
    'an optional parameter that is not given': {
      ask: 'GET /v1/optional',
      status: 200,
      route: '/v1/optional/:id?',
    },
    'another method': { ask: 'POST /v1/users/7', status: 200, route: '/v1/users/:id' },
    'HEAD without parameters': { ask: 'HEAD /v1/static', status: 200, route: '/v1/static' },
    'another app that is mounted': { ask: 'GET /v1/mounted/a', status: 200, route: '/v1/mounted/*' },
    'instances in one another': {
      ask: 'GET /plugin/inner/static',
      status: 200,
      route: '/plugin/inner/static',
    },
  },
  versions: [
    { packages: { elysia: '1.4.19', '@elysiajs/node': '1.4.2' } },
    { packages: { elysia: '1.4.30', '@elysiajs/node': '1.4.5' } },
  ],
};
