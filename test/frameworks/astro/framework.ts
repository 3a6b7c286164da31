import type { Framework } from '../framework.ts';

const LISTS = 'it has a file for each route';

export const astro: Framework = {
  name: 'Astro',
  found: 'app',
  folder: 'astro',
  naming: {
    files: ['src/middleware.js'],
    remark:
      'Version 5 or newer, with @astrojs/node. A page that fails, or answers with 404, keeps its route when Astro renders the page of the error. Vite leaves the package outside of the build unless `vite.ssr.noExternal` names it: both work. What is prerendered has no route.',
  },
  program: {
    build: ['node_modules/.bin/astro', 'build'],
    starts: { 'as @astrojs/node builds it': ['dist/server/entry.mjs'] },
  },
  patterns: {
    '/users/:id': '/users/[id]',
    '/files/*': '/files/[...path]',
    '/denied/:id': '/denied/[id]',
    '/throws/:id': '/throws/[id]',
    '/tenants/:tenant/items/:item': '/tenants/[tenant]/items/[item]',
    '/tenants/:tenant/throws/:id': '/tenants/[tenant]/throws/[id]',
    '/tenants/:tenant/rejects/:id': '/tenants/[tenant]/rejects/[id]',
    '/meets/:id': '/meets/[id]',
    '/tenants/:tenant/meets/:id': '/tenants/[tenant]/meets/[id]',
  },
  exceptions: {
    'an answer before the route': { why: 'it matches before any middleware runs', route: '/denied/:id' },
  },
  lacks: {
    'the first of a list of paths': LISTS,
    'the second of a list of paths': LISTS,
    'a regular expression': LISTS,
  },
  own: {
    'a page that is prerendered': { ask: 'GET /about/', status: 200, route: 'none' },
    'a page that answers 404': { ask: 'GET /gone/7', status: 404, route: '/gone/[id]' },
  },
  versions: [
    {
      packages: { astro: '5.0.0', '@astrojs/node': '9.0.0' },
      env: { BUNDLED: 'true' },
      exceptions: {
        HEAD: { why: 'it takes it for a request from another site', status: 403, route: 'none' },
      },
    },
    {
      packages: { astro: '7.3.5', '@astrojs/node': '11.1.6' },
      exceptions: {
        'OPTIONS that is not declared': { why: 'a page answers any method', route: '/users/:id' },
      },
    },
  ],
};
