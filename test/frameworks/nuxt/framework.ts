import type { Framework } from '../framework.ts';

const LISTS = 'it has a file for each route';

export const nuxt: Framework = {
  name: 'Nuxt',
  found: 'app',
  folder: 'nuxt',
  naming: {
    files: ['server/plugins/routemeter.js', 'app/plugins/routemeter.server.js'],
    remark:
      'The first file names the routes of the server, and the second one names pages. What a page fetches from its own server while it is rendered does not change its route. Nitro copies the package into its output unless `nitro.externals.inline` names it: both work.',
  },
  program: {
    build: ['node_modules/.bin/nuxt', 'build'],
    starts: { 'as Nitro builds it': ['.output/server/index.mjs'] },
  },
  patterns: {
    '/users/:id': '/users/:id()',
    '/files/*': '/files/:path(.*)*',
    '/throws/:id': '/throws/:id()',
  },
  exceptions: {
    'a path that cannot be decoded': {
      why: 'its router passes such a value as it is',
      status: 200,
      route: '/users/:id',
    },
    'OPTIONS that is not declared': { why: 'a page answers any method', route: '/users/:id' },
    'a method that is not declared': { why: 'a page answers any method', route: '/users/:id' },
  },
  lacks: {
    'the first of a list of paths': LISTS,
    'the second of a list of paths': LISTS,
    'a regular expression': LISTS,
  },
  versions: [
    { packages: { nuxt: '3.8.0' }, env: { BUNDLED: 'true' } },
    { packages: { nuxt: '4.5.2', vite: '8.2.6' } },
  ],
};
