import type { Framework } from '../framework.ts';

const LISTS = 'it has a folder for each route';

export const sveltekit: Framework = {
  name: 'SvelteKit',
  found: 'app',
  folder: 'sveltekit',
  naming: {
    files: ['src/hooks.server.js'],
    remark:
      'Version 2 or newer, with adapter-node. As a dependency in package.json the package stays outside of the build, as a development dependency it becomes a part of it: both work. What is prerendered, and other files, are served before any hook runs, and have no route.',
  },
  program: {
    build: ['node_modules/.bin/vite', 'build'],
    starts: { 'as adapter-node builds it': ['build/index.js'] },
  },
  patterns: {
    '/users/:id': '/users/[id]',
    '/files/*': '/(pages)/files/[...path]',
    '/denied/:id': '/denied/[id]',
    '/throws/:id': '/throws/[id]',
    '/tenants/:tenant/items/:item': '/tenants/[tenant]/items/[item]',
    '/tenants/:tenant/throws/:id': '/tenants/[tenant]/throws/[id]',
    '/tenants/:tenant/rejects/:id': '/tenants/[tenant]/rejects/[id]',
    '/meets/:id': '/meets/[id]',
    '/tenants/:tenant/meets/:id': '/tenants/[tenant]/meets/[id]',
  },
  exceptions: {
    'an answer before the route': { why: 'it matches before any hook runs', route: '/denied/:id' },
    'OPTIONS that is not declared': { why: 'it answers for the route', route: '/users/:id' },
  },
  lacks: {
    'the first of a list of paths': LISTS,
    'the second of a list of paths': LISTS,
    'a regular expression': LISTS,
  },
  own: {
    'a page that is prerendered': { ask: 'GET /about', status: 200, route: 'none' },
    'the data of a page': {
      ask: 'GET /tenants/7/rejects/1/__data.json',
      status: 200,
      route: '/tenants/[tenant]/rejects/[id]',
    },
  },
  versions: [
    {
      packages: {
        '@sveltejs/kit': '2.4.0',
        '@sveltejs/adapter-node': '5.2.12',
        '@sveltejs/vite-plugin-svelte': '3.0.0',
        svelte: '4.2.0',
        vite: '5.0.3',
      },
      env: { EXTERNAL: 'true', VERSION: '2' },
      exceptions: {
        'a method that is not declared': { why: 'it answers for the route', route: '/users/:id' },
      },
    },
    {
      packages: {
        '@sveltejs/kit': '3.2.0',
        '@sveltejs/adapter-node': '6.0.1',
        '@sveltejs/vite-plugin-svelte': '7.3.1',
        svelte: '5.57.3',
        vite: '8.4.0',
      },
    },
  ],
};
