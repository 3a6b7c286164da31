import type { Framework } from '../framework.ts';

const env = { NODE_ENV: 'production' };

export const adonis: Framework = {
  name: 'AdonisJS',
  folder: 'adonis',
  found: 'module',
  modules: ['esm'],
  program: { starts: { 'an app of its own': ['bin/server.js'] } },
  lacks: {
    'the first of a list of paths': 'a route has one path',
    'the second of a list of paths': 'a route has one path',
    'a regular expression': 'a route is a text',
  },
  own: {
    'an optional parameter without a value': {
      ask: 'GET /tenants/7/optional',
      status: 200,
      route: '/tenants/:tenant/optional/:id?',
    },
    'a route of a resource': { ask: 'GET /photos/3', status: 200, route: '/photos/:id' },
  },
  versions: [
    {
      packages: { '@adonisjs/core': '6.2.0', '@adonisjs/http-server': '7.0.0' },
      env,
      exceptions: {
        'a path that cannot be decoded': {
          why: 'version 6 passes such a value as it is',
          status: 200,
          route: '/users/:id',
        },
      },
    },
    { packages: { '@adonisjs/core': '7.5.2', '@adonisjs/http-server': '9.3.1' }, env },
  ],
};
