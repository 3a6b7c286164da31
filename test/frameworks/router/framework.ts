import type { Framework } from '../framework.ts';

const two = { env: { WILDCARD: '/files/*path' }, patterns: { '/files/*': '/files/*path' } };

export const router: Framework = {
  name: 'router',
  folder: 'router',
  found: 'objects',
  modules: ['esm', 'cjs'],
  versions: [
    { packages: { router: '1.0.0' }, env: { WILDCARD: '/files/*' } },
    { packages: { router: '1.3.8' }, env: { WILDCARD: '/files/*' } },
    { packages: { router: '2.0.0' }, ...two },
    { packages: { router: '2.3.0' }, ...two },
  ],
};
