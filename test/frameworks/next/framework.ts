import type { Framework } from '../framework.ts';

const env = { NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: 'production' };
const next = 'node_modules/.bin/next';

export const nextjs: Framework = {
  name: 'Next.js',
  folder: 'next',
  found: 'request',
  program: {
    build: [next, 'build'],
    starts: {
      'next start': [next, 'start', '-H', '127.0.0.1'],
      'the standalone output': ['.next/standalone/server.js'],
      'a server of node:http': ['server.js'],
      'Express with a route for everything': ['express.js'],
    },
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
  lacks: {
    'the first of a list of paths': 'a route is a file',
    'the second of a list of paths': 'a route is a file',
    'a regular expression': 'a route is a file',
  },
  exceptions: {
    'OPTIONS that is not declared': { why: 'a page gets every method', route: '/users/:id' },
    'a method that is not declared': { why: 'a page gets every method', route: '/users/:id' },
  },
  versions: [
    {
      packages: { next: '13.5.11', react: '18.2.0', 'react-dom': '18.2.0', express: '5.3.0' },
      env: { ...env, OLD: '1' },
      exceptions: {
        'a handler that throws': { why: 'its app router has sent 200 by then', status: 200 },
        'a handler that throws below a mount': {
          why: 'the page of the error takes the place of a page that throws',
          route: 'none',
        },
      },
    },
    { packages: { next: '16.4.6', react: '19.2.0', 'react-dom': '19.2.0', express: '5.3.0' }, env },
  ],
};
