import type { Framework, Version } from '../framework.ts';

const versionOf = (version: string): Version => ({
  packages: { '@feathersjs/express': version, '@feathersjs/feathers': version },
});

export const feathersExpress: Framework = {
  name: 'Feathers on Express',
  folder: 'feathers',
  found: 'request',
  modules: ['esm', 'cjs'],
  patterns: { '/tenants/:tenant/items/:item': '/tenants/:tenant/items/:id' },
  exceptions: {
    'a path that cannot be decoded': {
      why: 'its services get such a value as it is',
      status: 200,
      route: '/users/:id',
    },
  },
  own: {
    'a service': { ask: 'GET /users', status: 200, route: '/users' },
    'a service with a parameter': {
      ask: 'GET /tenants/7/items',
      status: 200,
      route: '/tenants/:tenant/items',
    },
    'a method of a service': { ask: 'DELETE /users/42', status: 200, route: '/users/:id' },
    "a service's own method": {
      ask: 'POST /users',
      headers: { 'x-service-method': 'mail' },
      status: 200,
      route: '/users',
    },
  },
  versions: [versionOf('5.0.0'), versionOf('5.0.50')],
};
