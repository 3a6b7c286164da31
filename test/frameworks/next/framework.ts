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
  own: {
    'an API route': { ask: 'GET /api/things/5', status: 200, route: '/api/things/[id]' },
    'a static page': { ask: 'GET /legacy', status: 200, route: '/legacy' },
    'an optional wildcard without a value': { ask: 'GET /guides', status: 200, route: '/guides/[[...slug]]' },
    'an optional wildcard with values': { ask: 'GET /guides/a/b', status: 200, route: '/guides/[[...slug]]' },
    'parallel routes': { ask: 'GET /teams/4', status: 200, route: '/teams/[id]' },
    'a page that was rendered in the build': { ask: 'GET /news/1', status: 200, route: '/news/[id]' },
    'a page that is rendered once': { ask: 'GET /news/2', status: 200, route: '/news/[id]' },
    'a page that finds nothing': { ask: 'GET /missing/1', status: 404, route: '/missing/[id]' },
    'the data of a page': {
      ask: 'GET /_next/data/build/tenants/7/items/9.json',
      status: 200,
      route: '/tenants/[tenant]/items/[item]',
    },
    'the edge runtime': { ask: 'GET /edge/1', status: 200, route: '/edge/[id]' },
    'a file that is made': { ask: 'GET /robots.txt', status: 200, route: '/robots.txt' },
    'a rewrite': { ask: 'GET /people/3', status: 200, route: '/users/[id]' },
    'a redirect': { ask: 'GET /moved/3', status: 308, route: 'none' },
    'a method that a handler lacks': { ask: 'POST /health', status: 405, route: '/health' },
    'the page of an error, asked for': { ask: 'GET /404', status: 404, route: 'none' },
  },
  versions: [
    {
      packages: { next: '13.5.1', react: '18.2.0', 'react-dom': '18.2.0', express: '4.22.3' },
      env: { ...env, EVERYTHING: '*' },
      exceptions: {
        'a handler that throws': { why: 'its app router has sent 200 by then', status: 200 },
        'a handler that throws below a mount': {
          why: 'the page of the error takes the place of a page that throws',
          route: 'none',
        },
      },
      own: {
        'a page of the pages router that finds nothing': { ask: 'GET /posts/0', status: 404, route: 'none' },
      },
    },
    {
      packages: { next: '16.4.6', react: '19.2.0', 'react-dom': '19.2.0', express: '5.3.0' },
      env,
      own: {
        'a file that is served': { ask: 'GET /hello.txt', status: 200, route: 'none' },
        'a page of the pages router that finds nothing': {
          ask: 'GET /posts/0',
          status: 404,
          route: '/posts/[id]',
        },
        'an image that cannot be scaled': {
          ask: 'GET /_next/image?url=%2Fhello.txt&w=64&q=75',
          status: 400,
          route: '/_next/image',
        },
      },
    },
  ],
};
