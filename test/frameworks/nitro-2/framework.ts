import type { Framework } from '../framework.ts';

const LISTS = 'it has a file for each route';

export const nitroTwo: Framework = {
  name: 'Nitro 2',
  found: 'app',
  folder: 'nitro-2',
  naming: {
    files: ['server/plugins/routemeter.js'],
    remark:
      'It is the same file as for Nuxt, since Nuxt builds its server with Nitro. Nitro copies the package into its output unless `externals.inline` names it: both work.',
  },
  program: {
    build: ['node_modules/.bin/nitropack', 'build'],
    starts: { 'as Nitro builds it': ['.output/server/index.mjs'] },
  },
  patterns: { '/files/*': '/files/**:path' },
  exceptions: {
    'a path that cannot be decoded': {
      why: 'its router passes such a value as it is',
      status: 200,
      route: '/users/:id',
    },
    HEAD: { why: 'it has to be declared', status: 405, route: 'none' },
  },
  lacks: {
    'the first of a list of paths': LISTS,
    'the second of a list of paths': LISTS,
    'a regular expression': LISTS,
  },
  versions: [
    { packages: { nitropack: '2.8.0' }, env: { BUNDLED: 'true' } },
    { packages: { nitropack: '2.13.6' } },
  ],
};
