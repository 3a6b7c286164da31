import type { Framework } from '../framework.ts';

export const routingControllers: Framework = {
  name: 'routing-controllers on Express',
  folder: 'routing-controllers',
  found: 'objects',
  modules: ['esm', 'cjs'],
  external: ['@koa/cors', 'cors'],
  lacks: {
    'the first of a list of paths': 'a route has one path',
    'the second of a list of paths': 'a route has one path',
  },
  own: {
    'a path that is not authorized': { ask: 'GET /closed/42', status: 401, route: '/closed/:id' },
    'a controller that finds nothing': { ask: 'GET /gone/42', status: 404, route: '/gone/:id' },
  },
  versions: [
    {
      packages: {
        'routing-controllers': '0.11.3',
        express: '4.22.3',
        'class-transformer': '0.5.1',
        'class-validator': '0.14.3',
        'reflect-metadata': '0.2.2',
      },
      env: { WILDCARD: '/files/*' },
    },
  ],
};
