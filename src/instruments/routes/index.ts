import { expressRoutes } from './express/index.ts';
import { fastifyRoutes } from './fastify.ts';
import type { RouteSource } from './route-source.ts';

export { createManualRoutes } from './manual.ts';

/** The frameworks whose routes are known; the first that knows a request's route names it. */
export const routeSources: readonly RouteSource[] = [expressRoutes, fastifyRoutes];
