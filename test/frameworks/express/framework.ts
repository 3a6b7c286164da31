import type { Framework } from '../framework.ts';

const four = { env: { WILDCARD: '/files/*' } };
const five = { env: { WILDCARD: '/files/*path' }, patterns: { '/files/*': '/files/*path' } };

export const express: Framework = {
  name: 'Express',
  folder: 'express',
  found: 'objects',
  modules: ['esm', 'cjs'],
  versions: [
    { packages: { express: '4.10.6' }, ...four },
    { packages: { express: '4.22.3' }, ...four },
    { packages: { express: '5.0.0' }, ...five },
    { packages: { express: '5.3.0' }, ...five },
  ],
};
