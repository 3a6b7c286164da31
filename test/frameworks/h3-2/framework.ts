import type { Framework } from '../framework.ts';

export const h3Two: Framework = {
  name: 'h3 2',
  folder: 'h3-2',
  found: 'module',
  namesInBundle: true,
  modules: ['esm', 'cjs'],
  patterns: { '/files/*': '/files/**', '/numbers': '/numbers/:number(\\d+)' },
  lacks: {
    'the first of a list of paths': 'a route has one path',
    'the second of a list of paths': 'a route has one path',
  },
  exceptions: {
    'an answer before the route': {
      why: 'its middleware runs after the route has matched',
      route: '/denied/:id',
    },
  },
  own: {
    'an app that is mounted': { ask: 'GET /mounted/users/7', status: 200, route: '/mounted/users/:id' },
    'an app that is mounted by its fetch': {
      ask: 'GET /fetched/users/7',
      status: 200,
      route: '/fetched/users/:id',
    },
    'HEAD of an app that is mounted by its fetch': {
      ask: 'HEAD /fetched/users/7',
      status: 200,
      route: '/fetched/users/:id',
    },
    'the root of a mount': { ask: 'GET /fetched', status: 200, route: '/fetched' },
    'a path that a mounted app does not know': { ask: 'GET /fetched/no', status: 404, route: 'none' },
    'a handler of a mounted app that answers 404': {
      ask: 'GET /fetched/missing/7',
      status: 404,
      route: '/fetched/missing/:id',
    },
    'an app below withBase': { ask: 'GET /based/users/7', status: 200, route: '/based/users/:id' },
    'an app below withBase with a parameter': {
      ask: 'GET /below/1/users/7',
      status: 200,
      route: '/below/:tenant/users/:id',
    },
    'an app as middleware': { ask: 'GET /before/users/7', status: 200, route: '/before/users/:id' },
    'a route after an app as middleware': { ask: 'GET /before/after', status: 200, route: '/before/after' },
  },
  versions: [
    { packages: { h3: '2.0.1' } },
    {
      packages: { h3: '2.0.8', express: '5.3.0' },
      otherApps: {
        'in-express.mjs': {
          'GET /users/7': '200 /users/:id',
          'GET /below/9/users/7': '200 /below/:tenant/users/:id',
          'GET /below/9/no': '404',
        },
      },
    },
  ],
};
