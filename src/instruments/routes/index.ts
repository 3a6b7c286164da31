import { load } from '../../guest/load.ts';
import { expressRoutes } from './express/index.ts';
import { fastifyRoutes } from './fastify.ts';
import { lazySource } from './lazy-source.ts';
import type { RouteSource } from './route-source.ts';

/**
 * The frameworks whose routes are known, in the order in which they are asked: the first answer counts, so that Next.js
 * comes before what it may be mounted in, and Restify before Express, which leaves its route in the same place.
 */
export const routeSources: readonly RouteSource[] = [
  lazySource(
    'next',
    ['next'],
    () => load<typeof import('./next.ts')>('./instruments/routes/next').nextRoutes,
  ),
  lazySource(
    'restify',
    'listening',
    () => load<typeof import('./restify.ts')>('./instruments/routes/restify').restifyRoutes,
  ),
  lazySource(
    'loopback',
    'listening',
    () => load<typeof import('./loopback.ts')>('./instruments/routes/loopback').loopbackRoutes,
  ),
  lazySource(
    'feathers',
    'listening',
    () => load<typeof import('./feathers.ts')>('./instruments/routes/feathers').feathersRoutes,
  ),
  expressRoutes,
  fastifyRoutes,
  lazySource(
    'koa',
    ['koa', '@feathersjs/koa', 'koa-mount'],
    () => load<typeof import('./koa/index.ts')>('./instruments/routes/koa/index').koaRoutes,
  ),
  lazySource(
    'hono',
    ['hono'],
    () => load<typeof import('./hono.ts')>('./instruments/routes/hono').honoRoutes,
  ),
  lazySource(
    'h3',
    ['h3'],
    () => load<typeof import('./h3/index.ts')>('./instruments/routes/h3/index').h3Routes,
  ),
  lazySource(
    'hapi',
    ['@hapi/hapi'],
    () => load<typeof import('./hapi.ts')>('./instruments/routes/hapi').hapiRoutes,
  ),
  lazySource(
    'adonis',
    ['@adonisjs/http-server'],
    () => load<typeof import('./adonis.ts')>('./instruments/routes/adonis').adonisRoutes,
  ),
  lazySource(
    'nitro',
    'listening',
    () => load<typeof import('./h3/nitro.ts')>('./instruments/routes/h3/nitro').nitroRoutes,
  ),
  lazySource(
    'elysia',
    ['elysia'],
    () => load<typeof import('./elysia.ts')>('./instruments/routes/elysia').elysiaRoutes,
  ),
  lazySource(
    'polka',
    ['polka', 'trouter'],
    () => load<typeof import('./polka/index.ts')>('./instruments/routes/polka/index').polkaRoutes,
  ),
];
