import type { Framework } from '../framework.ts';
import { older, routed } from '../koa/framework.ts';

export const koaRouter: Framework = {
  name: 'Koa with koa-router',
  folder: 'koa-router',
  found: 'module',
  modules: ['esm', 'cjs'],
  ...routed,
  versions: [
    // Those before it put `(.*)` before the prefix of a nested router.
    { packages: { 'koa-router': '7.4.0', koa: '2.0.0' }, ...older },
    { packages: { 'koa-router': '14.0.0', koa: '3.3.0' } },
  ],
};
