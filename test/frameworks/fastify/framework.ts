import type { Framework } from '../framework.ts';

export const fastify: Framework = {
  name: 'Fastify',
  folder: 'fastify',
  modules: ['esm', 'cjs'],
  exceptions: {
    'an answer before the route': {
      why: 'its hooks run after the route has matched',
      route: '/denied/:id',
    },
  },
  lacks: {
    'the first of a list of paths': 'a route has one path',
    'the second of a list of paths': 'a route has one path',
    'a regular expression': 'a path is text',
  },
  versions: [
    { packages: { fastify: '4.0.0' } },
    { packages: { fastify: '4.29.1' } },
    { packages: { fastify: '5.0.0' } },
    { packages: { fastify: '5.12.8' } },
  ],
};
