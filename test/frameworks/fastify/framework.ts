import type { Framework, OwnCase } from '../framework.ts';
import { OVER_HTTP2 } from '../over-http2.ts';

export const fastify: Framework = {
  name: 'Fastify',
  folder: 'fastify',
  found: 'channel',
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
  own: { 'a URL that rewriteUrl changes': { ask: 'GET /old/42', status: 200, route: '/users/:id' } },
  versions: [
    { packages: { fastify: '4.0.0' } },
    { packages: { fastify: '4.29.1' } },
    { packages: { fastify: '5.0.0' } },
    { packages: { fastify: '5.12.8' }, otherApps: OVER_HTTP2 },
  ],
};

const middleware: Readonly<Record<string, OwnCase>> = {
  'middleware that answers': { ask: 'GET /assets/a.css', status: 200, route: 'none' },
  'middleware that answers before a route': { ask: 'GET /hidden/42', status: 200, route: '/hidden/:id' },
};
const byExpress = { env: { MIDDLEWARE: '@fastify/express' } };
const byMiddie = { env: { MIDDLEWARE: '@fastify/middie' } };

export const fastifyExpress: Framework = {
  ...fastify,
  name: 'Fastify with @fastify/express',
  unbundled: 'the app of the test names that package in a variable',
  own: {
    ...fastify.own,
    ...middleware,
    'a route of Express': { ask: 'GET /express/42', status: 200, route: '/express/:id' },
  },
  versions: [
    { packages: { '@fastify/express': '2.0.0', fastify: '4.0.0' }, ...byExpress },
    { packages: { '@fastify/express': '3.0.0', fastify: '4.29.1' }, ...byExpress },
    { packages: { '@fastify/express': '4.0.0', fastify: '5.0.0' }, ...byExpress },
    { packages: { '@fastify/express': '4.0.7', fastify: '5.12.8' }, ...byExpress },
  ],
};

export const fastifyMiddie: Framework = {
  ...fastify,
  name: 'Fastify with @fastify/middie',
  unbundled: 'the app of the test names that package in a variable',
  own: { ...fastify.own, ...middleware },
  versions: [
    { packages: { '@fastify/middie': '8.0.0', fastify: '4.0.0' }, ...byMiddie },
    { packages: { '@fastify/middie': '8.3.3', fastify: '4.29.1' }, ...byMiddie },
    { packages: { '@fastify/middie': '9.0.1', fastify: '5.0.0' }, ...byMiddie },
    { packages: { '@fastify/middie': '9.3.6', fastify: '5.12.8' }, ...byMiddie },
  ],
};
