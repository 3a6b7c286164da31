import { load } from '../../guest/load.ts';
import { expressRoutes } from './express/index.ts';
import { fastifyRoutes } from './fastify.ts';
import { leftRoutes } from './left.ts';
import type { SourceRow } from './sources.ts';

/**
 * The frameworks whose routes are known, in the order in which they are asked: the first answer counts, so that Next.js
 * comes before what it may be mounted in, and Restify before Express, which leaves its route in the same place.
 */
export const routeSources: readonly SourceRow[] = [
  {
    frameworks: ['next'],
    when: { loaded: ['next'] },
    load: () => load<typeof import('./next.ts')>('./instruments/routes/next').nextRoutes,
  },
  { frameworks: ['restify', 'loopback', 'feathers'], when: 'preload', load: () => leftRoutes },
  { frameworks: ['express'], when: 'preload', load: () => expressRoutes },
  { frameworks: ['fastify'], when: 'preload', load: () => fastifyRoutes },
  {
    frameworks: ['koa', 'feathers-koa', 'koa-mount'],
    when: { loaded: ['koa', 'koa-mount'], resolved: ['@feathersjs/koa'] },
    load: () => load<typeof import('./koa/index.ts')>('./instruments/routes/koa/index').koaRoutes,
  },
  {
    frameworks: ['hono'],
    when: { resolved: ['hono'] },
    load: () => load<typeof import('./hono.ts')>('./instruments/routes/hono').honoRoutes,
  },
  {
    frameworks: ['h3'],
    when: { resolved: ['h3'] },
    load: () => load<typeof import('./h3/index.ts')>('./instruments/routes/h3/index').h3Routes,
  },
  {
    frameworks: ['hapi'],
    when: { loaded: ['@hapi/hapi'] },
    load: () => load<typeof import('./hapi.ts')>('./instruments/routes/hapi').hapiRoutes,
  },
  {
    frameworks: ['adonis'],
    when: { resolved: ['@adonisjs/http-server'] },
    load: () => load<typeof import('./adonis.ts')>('./instruments/routes/adonis').adonisRoutes,
  },
  {
    frameworks: ['nitro'],
    when: () => '__nitro__' in globalThis,
    load: () => load<typeof import('./h3/nitro.ts')>('./instruments/routes/h3/nitro').nitroRoutes,
  },
  {
    frameworks: ['elysia'],
    when: { resolved: ['elysia'] },
    load: () => load<typeof import('./elysia.ts')>('./instruments/routes/elysia').elysiaRoutes,
  },
  {
    frameworks: ['polka'],
    when: { resolved: ['polka', 'trouter'] },
    load: () => load<typeof import('./polka/index.ts')>('./instruments/routes/polka/index').polkaRoutes,
  },
];
