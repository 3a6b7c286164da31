import type { Framework } from '../framework.ts';

export const inversify: Framework = {
  name: 'inversify-express-utils',
  folder: 'inversify',
  found: 'objects',
  modules: ['esm', 'cjs'],
  lacks: {
    'the first of a list of paths': 'a route has one path',
    'the second of a list of paths': 'a route has one path',
    'a regular expression': 'a path is text',
  },
  own: {
    'middleware of a route': { ask: 'GET /closed/42', status: 403, route: '/closed/:id' },
  },
  versions: [
    {
      packages: {
        'inversify-express-utils': '6.5.0',
        inversify: '6.2.2',
        express: '4.22.3',
        'reflect-metadata': '0.2.2',
      },
    },
  ],
};
