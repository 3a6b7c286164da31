import type { Framework, Version } from '../framework.ts';
import { OVER_HTTP2 } from '../over-http2.ts';

/** Of the notation for wildcards that is older than version 14 of the routers. */
export const older: Pick<Version, 'env' | 'patterns'> = {
  env: { WILDCARD: '/files/(.*)' },
  patterns: { '/files/*': '/files/(.*)' },
};

/** What is true of both packages that are one router. */
export const routed: Pick<Framework, 'patterns' | 'exceptions' | 'own'> = {
  patterns: { '/files/*': '/files{/*path}' },
  exceptions: {
    'a path that cannot be decoded': {
      why: 'its router passes such a value as it is',
      status: 200,
      route: '/users/:id',
    },
  },
  own: {
    'the first of two routes that match': { ask: 'GET /pets/new', status: 200, route: '/pets/new' },
    'the second of two routes': { ask: 'GET /pets/7', status: 200, route: '/pets/:id' },
    'a route that passes on to the 404': { ask: 'GET /missing/7', status: 404, route: '/missing/:id' },
    'a nested router': { ask: 'GET /houses/7/rooms/8', status: 200, route: '/houses/:house/rooms/:room' },
    'middleware of a router that answers': {
      ask: 'GET /other/8/door',
      status: 401,
      route: '/other/:id/door',
    },
    'a route that makes a context more': { ask: 'GET /again/7', status: 200, route: '/again/:id' },
    'a second router': { ask: 'GET /other/7', status: 200, route: '/other/:id' },
  },
};

export const koa: Framework = {
  name: 'Koa',
  folder: 'koa',
  found: 'module',
  namesInBundle: true,
  modules: ['esm', 'cjs'],
  ...routed,
  versions: [
    { packages: { koa: '2.0.0', '@koa/router': '8.0.0' }, ...older },
    { packages: { koa: '2.16.4', '@koa/router': '13.1.1' }, ...older },
    { packages: { koa: '3.0.0', '@koa/router': '14.0.0' } },
    { packages: { koa: '3.3.0', '@koa/router': '15.7.0' }, otherApps: OVER_HTTP2 },
  ],
};
