import { adonis } from './adonis/framework.ts';
import { astro } from './astro/framework.ts';
import { elysia } from './elysia/framework.ts';
import { express } from './express/framework.ts';
import { fastify, fastifyExpress, fastifyMiddie } from './fastify/framework.ts';
import { feathersExpress } from './feathers/framework.ts';
import { feathersKoa } from './feathers-koa/framework.ts';
import { foalts } from './foalts/framework.ts';
import type { Framework } from './framework.ts';
import { h3One } from './h3-1/framework.ts';
import { h3Two } from './h3-2/framework.ts';
import { hapi } from './hapi/framework.ts';
import { hono } from './hono/framework.ts';
import { inversify } from './inversify/framework.ts';
import { koa } from './koa/framework.ts';
import { koaInExpress } from './koa-in-express/framework.ts';
import { koaMount } from './koa-mount/framework.ts';
import { koaRouter } from './koa-router/framework.ts';
import { loopback, loopbackMounted } from './loopback/framework.ts';
import { nestExpress, nestExpressPrefix, nestFastify, nestFastifyPrefix } from './nest/framework.ts';
import { nextjs } from './next/framework.ts';
import { nitro } from './nitro/framework.ts';
import { nitroTwo } from './nitro-2/framework.ts';
import { nuxt } from './nuxt/framework.ts';
import { polka } from './polka/framework.ts';
import { reactRouter } from './react-router/framework.ts';
import { restify } from './restify/framework.ts';
import { router } from './router/framework.ts';
import { routingControllers } from './routing-controllers/framework.ts';
import { sails } from './sails/framework.ts';
import { sveltekit } from './sveltekit/framework.ts';

/** Every framework whose routes are known, in the order of docs/frameworks.md. */
export const frameworks: readonly Framework[] = [
  express,
  router,
  fastify,
  fastifyExpress,
  fastifyMiddie,
  nestExpress,
  nestExpressPrefix,
  nestFastify,
  nestFastifyPrefix,
  loopback,
  loopbackMounted,
  feathersExpress,
  sails,
  routingControllers,
  inversify,
  foalts,
  koa,
  koaRouter,
  koaMount,
  koaInExpress,
  feathersKoa,
  hono,
  h3One,
  h3Two,
  nitro,
  elysia,
  nextjs,
  adonis,
  hapi,
  restify,
  sveltekit,
  astro,
  reactRouter,
  nuxt,
  nitroTwo,
  polka,
];
