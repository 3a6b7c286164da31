import type { Framework } from '../framework.ts';

export const koa: Framework = {
  name: 'Koa',
  folder: 'koa',
  modules: ['esm', 'cjs'],
  patterns: { '/files/*': '/files{/*path}' },
  exceptions: {
    'a path that cannot be decoded': {
      why: 'its router passes such a value as it is',
      status: 200,
      route: '/users/:id',
    },
  },
  versions: [
    {
      packages: { koa: '2.16.4', '@koa/router': '13.1.0' },
      env: { WILDCARD: '/files/(.*)' },
      patterns: { '/files/*': '/files/(.*)' },
    },
    { packages: { koa: '3.3.0', '@koa/router': '15.7.0' } },
  ],
};
