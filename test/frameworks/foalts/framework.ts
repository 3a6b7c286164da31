import type { Framework } from '../framework.ts';

export const foalts: Framework = {
  name: 'FoalTS',
  folder: 'foalts',
  found: 'objects',
  modules: ['esm', 'cjs'],
  exceptions: {
    'an answer before the route': { why: 'its hooks belong to a route', route: '/denied/:id' },
  },
  lacks: {
    'the first of a list of paths': 'a route has one path',
    'the second of a list of paths': 'a route has one path',
    'a regular expression': 'a path is text',
  },
  versions: [{ packages: { '@foal/core': '5.3.0', 'reflect-metadata': '0.2.2' } }],
};
