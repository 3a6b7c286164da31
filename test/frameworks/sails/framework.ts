import type { Framework } from '../framework.ts';

export const sails: Framework = {
  name: 'Sails',
  folder: 'sails',
  found: 'objects',
  modules: ['esm', 'cjs'],
  unbundled: 'it looks for its own parts in their folder',
  lacks: {
    'the first of a list of paths': 'a route has one path',
    'the second of a list of paths': 'a route has one path',
  },
  own: {
    'a route for every method': { ask: 'PUT /any/42', status: 200, route: '/any/:id' },
    'an action': { ask: 'GET /acts/42', status: 200, route: '/acts/:id' },
    'a preflight': {
      ask: 'OPTIONS /users/42',
      headers: { origin: 'http://localhost', 'access-control-request-method': 'GET' },
      status: 200,
      route: 'none',
    },
  },
  versions: [{ packages: { sails: '1.0.0' } }, { packages: { sails: '1.5.18' } }],
};
