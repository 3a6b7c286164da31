import type { Framework } from '../framework.ts';

export const nitro: Framework = {
  name: 'Nitro',
  folder: 'nitro',
  found: 'objects',
  program: {
    build: ['node_modules/nitro/dist/cli/index.mjs', 'build'],
    starts: { 'the preset node-server': ['.output/server/index.mjs'] },
  },
  patterns: { '/files/*': '/files/**:path' },
  lacks: {
    'the first of a list of paths': 'a route is a file',
    'the second of a list of paths': 'a route is a file',
    'a regular expression': 'a route is a file',
  },
  exceptions: {
    'an answer before the route': {
      why: 'its middleware runs after the route has matched',
      route: '/denied/:id',
    },
    HEAD: { why: 'it has to be declared', status: 404, route: 'none' },
  },
  versions: [{ packages: { nitro: '3.0.260311-beta' } }, { packages: { nitro: '3.0.260903-beta' } }],
};
