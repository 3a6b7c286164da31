import type { Framework } from '../framework.ts';
import { older, routed } from '../koa/framework.ts';

export const koaMount: Framework = {
  name: 'Koa with koa-mount',
  folder: 'koa-mount',
  found: 'module',
  modules: ['esm', 'cjs'],
  ...routed,
  lacks: { 'a regular expression': 'it is tried without a mount' },
  own: {
    'mounts within a mount': { ask: 'GET /api/v1/users/7', status: 200, route: '/api/v1/users/:id' },
    'a mounted app': { ask: 'GET /admin/users/7', status: 200, route: '/admin/users/:id' },
    'a mounted root': { ask: 'GET /admin', status: 200, route: '/admin' },
    'a route behind a mount that passes on': { ask: 'GET /open/7', status: 200, route: '/open/:id' },
    'a mount behind one that passes on': { ask: 'GET /twice/7', status: 200, route: '/twice/:id' },
    'ctx.mountPath as without routemeter': {
      ask: 'GET /admin/mount-path',
      status: 200,
      route: '/admin/mount-path',
    },
    'a wildcard for everything that answers 404': { ask: 'PUT /nothing', status: 404, route: 'none' },
  },
  versions: [
    {
      packages: { 'koa-mount': '2.0.0', koa: '2.0.0', '@koa/router': '8.0.0' },
      env: { ...older.env, FALLBACK: '(.*)' },
      patterns: older.patterns ?? {},
    },
    {
      packages: { 'koa-mount': '4.0.0', koa: '2.16.4', '@koa/router': '13.1.1' },
      env: { ...older.env, FALLBACK: '/(.*)' },
      patterns: older.patterns ?? {},
    },
    { packages: { 'koa-mount': '4.2.0', koa: '3.3.0', '@koa/router': '15.7.0' } },
  ],
};
