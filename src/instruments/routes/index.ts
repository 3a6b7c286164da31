import { expressRoutes } from './express/index.ts';
import { fastifyRoutes } from './fastify.ts';
import { koaRoutes } from './koa.ts';
import type { RouteSource } from './route-source.ts';

/** The frameworks whose routes are known, in the order in which they are asked: the first answer counts. */
export const routeSources: readonly RouteSource[] = [expressRoutes, fastifyRoutes, koaRoutes];
