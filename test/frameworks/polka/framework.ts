import type { Framework, Version } from '../framework.ts';

const exceptions = {
  'an answer before the route': {
    why: 'a route is found before middleware runs',
    status: 401,
    route: '/denied/:id',
  },
  'a path that cannot be decoded': {
    why: 'its router passes such a value as it is',
    status: 200,
    route: '/users/:id',
  },
} as const;

const five: Omit<Version, 'packages'> = {
  env: { FAILS: 'next' },
  exceptions: { HEAD: { why: 'a route of GET does not take it', status: 404, route: 'none' } },
  lacks: { 'a regular expression': 'a path is text' },
};

export const polka: Framework = {
  name: 'Polka',
  folder: 'polka',
  found: 'module',
  modules: ['esm', 'cjs'],
  exceptions,
  lacks: {
    'the first of a list of paths': 'a route has one path',
    'the second of a list of paths': 'a route has one path',
  },
  own: {
    'an optional parameter': { ask: 'GET /optional', status: 200, route: '/optional/:id?' },
    'a sub-app in a sub-app': { ask: 'GET /api/v1/users/7', status: 200, route: '/api/v1/users/:id' },
    'the root of a sub-app': { ask: 'GET /api/v1', status: 200, route: '/api/v1' },
    'the first mount of an app': { ask: 'GET /one/users/7', status: 200, route: '/one/users/:id' },
    'the second mount of an app': { ask: 'GET /two/users/7', status: 200, route: '/two/users/:id' },
    'a route that answers 404': { ask: 'GET /missing/7', status: 404, route: '/missing/:id' },
    'a wildcard for preflights': { ask: 'OPTIONS /nothing', status: 200, route: 'none' },
  },
  versions: [
    { packages: { polka: '0.5.0' }, ...five },
    { packages: { polka: '0.5.2' }, ...five },
    // Some before it do not run with the newest of their dependencies.
    { packages: { polka: '1.0.0-next.22' }, env: { REGEXP: 'yes' } },
    { packages: { polka: '1.0.0-next.28' }, env: { REGEXP: 'yes' } },
  ],
};
