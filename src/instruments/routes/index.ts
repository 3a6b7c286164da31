import { adonisRoutes } from './adonis.ts';
import { elysiaRoutes } from './elysia.ts';
import { expressRoutes } from './express/index.ts';
import { fastifyRoutes } from './fastify.ts';
import { feathersRoutes } from './feathers.ts';
import { h3Routes } from './h3/index.ts';
import { nitroRoutes } from './h3/nitro.ts';
import { hapiRoutes } from './hapi.ts';
import { honoRoutes } from './hono.ts';
import { koaRoutes } from './koa/index.ts';
import { loopbackRoutes } from './loopback.ts';
import { nextRoutes } from './next.ts';
import { polkaRoutes } from './polka/index.ts';
import { restifyRoutes } from './restify.ts';
import type { RouteSource } from './route-source.ts';

/**
 * The frameworks whose routes are known, in the order in which they are asked: the first answer counts, so that Next.js
 * comes before what it may be mounted in, and Restify before Express, which leaves its route in the same place.
 */
export const routeSources: readonly RouteSource[] = [
  nextRoutes,
  restifyRoutes,
  loopbackRoutes,
  feathersRoutes,
  expressRoutes,
  fastifyRoutes,
  koaRoutes,
  honoRoutes,
  h3Routes,
  hapiRoutes,
  adonisRoutes,
  nitroRoutes,
  elysiaRoutes,
  polkaRoutes,
];
