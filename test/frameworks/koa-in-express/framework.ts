import type { Framework } from '../framework.ts';
import { routed } from '../koa/framework.ts';

export const koaInExpress: Framework = {
  name: 'Koa in Express',
  folder: 'koa-in-express',
  found: 'module',
  modules: ['esm', 'cjs'],
  ...routed,
  own: {
    'a mount in a router': {
      ask: 'GET /houses/7/area/8/rooms/9',
      status: 200,
      route: '/houses/:house/area/:area/rooms/:room',
    },
    'the root of a mount': { ask: 'GET /houses/7/area/8', status: 200, route: '/houses/:house/area/:area' },
  },
  versions: [
    { packages: { '@koa/router': '14.0.0', koa: '2.16.4', express: '4.22.3' } },
    { packages: { '@koa/router': '15.7.0', koa: '3.3.0', express: '5.3.0' } },
  ],
};
