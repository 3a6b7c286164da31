import type { Framework } from '../framework.ts';
import { OVER_HTTP2 } from '../over-http2.ts';

const LISTS = {
  'the first of a list of paths': 'Hono 3 takes one path',
  'the second of a list of paths': 'Hono 3 takes one path',
};

const TOGETHER = {
  'GET /express/7': '200 /express/:id',
  'GET /below/9/users/7': '200 /below/:tenant/users/:id',
  'GET /below/9/no': '404',
  'GET /tiny/users/7': '200 /tiny/users/:id',
  'GET /tiny/optional': '200 /tiny/optional/:id?',
  'GET /tiny/no': '404',
  'GET /quick/users/7': '200 /quick/users/:id',
  'GET /linear/users/7': '200 /linear/users/:id',
  'GET /regexp/users/7': '200 /regexp/users/:id',
  'GET /trie/users/7': '200 /trie/users/:id',
  'GET /openapi/users/7': '200 /openapi/users/:id',
  'GET /mounts/one': '200 /mounts/one',
  'GET /mounts/one/users/7': '200 /mounts/one/users/:id',
  'HEAD /mounts/one/users/7': '200 /mounts/one/users/:id',
  'GET /mounts/one/users/7?early': '200',
  'GET /mounts/one/no': '404',
  'GET /mounts/one/inside': '200 /mounts/one/inside',
  'GET /mounts/two/three/users/7': '200 /mounts/two/three/users/:id',
  'GET /mounts/whole/users/7': '200 /mounts/whole/users/:id',
  'GET /calls/itself': '200 /calls/itself',
  'GET /calls/others': '200 /calls/others',
  'GET /calls/no': '404',
  'GET /nested/optional': '200 /nested/optional/:id?',
  'GET /nested/optional/7': '200 /nested/optional/:id?',
  'GET /nested/optional/7?early': '200 /nested/optional/:id?',
  'GET /nested/passes/all': '200 /nested/passes/all',
  'GET /nested/passes/7': '404 /nested/passes/:id',
  'GET /nested/files/no.txt': '404 /nested/files/*',
  'GET /nested/auth/callback': '200 /nested/auth/*',
  'POST /nested/auth/callback': '200 /nested/auth/*',
  'PUT /nested/auth/callback': '404',
  'PUT /nested/errors/all/7': '200 /nested/errors/all/:id',
  'GET /nested/errors/all/7?early': '200 /nested/errors/all/:id',
};

export const hono: Framework = {
  name: 'Hono',
  folder: 'hono',
  found: 'module',
  namesInBundle: true,
  modules: ['esm', 'cjs'],
  patterns: { '/numbers': '/numbers/:number{[0-9]+}' },
  exceptions: {
    'a path that cannot be decoded': {
      why: 'it passes such a value as it is',
      status: 200,
      route: '/users/:id',
    },
    'an answer before the route': {
      why: 'its middleware runs after the route has matched',
      route: '/denied/:id',
    },
  },
  versions: [
    {
      packages: { hono: '3.11.0', '@hono/node-server': '1.3.0' },
      lacks: { ...LISTS },
    },
    { packages: { hono: '3.12.12', '@hono/node-server': '1.12.1' }, lacks: { ...LISTS } },
    { packages: { hono: '4.0.0', '@hono/node-server': '1.13.0' } },
    {
      packages: { hono: '4.12.34', '@hono/node-server': '1.19.19' },
      exceptions: { HEAD: { why: '@hono/node-server 1.19.19 answers it so', status: 500 } },
    },
    {
      packages: {
        hono: '4.13.19',
        '@hono/node-server': '2.1.9',
        '@hono/zod-openapi': '1.6.3',
        zod: '4.6.7',
        express: '5.3.0',
      },
      otherApps: { 'together.mjs': TOGETHER, ...OVER_HTTP2 },
    },
  ],
};
