import type { IncomingMessage, ServerResponse } from 'node:http';
import { joinPatterns } from './declared-path.ts';
import { type Mounted, mountOf } from './express/mount-of.ts';
import type { RouteSource } from './route-source.ts';

interface Hook {
  /** Of the service, without a slash at its start. */
  readonly path?: unknown;
  readonly service?: unknown;
  readonly id?: unknown;
}

/**
 * Services of Feathers 5 on Express. It leaves the context of the hooks on the response: `users` is the service for
 * `/users` and `/users/:id`.
 *
 * https://feathersjs.com/api/express
 */
export const feathersRoutes: RouteSource = {
  route(
    request: IncomingMessage & { readonly app?: Mounted },
    response: ServerResponse & { readonly hook?: Hook },
  ) {
    const { hook } = response;
    if (typeof hook?.path !== 'string' || hook.service === undefined) return undefined;
    const service = joinPatterns(joinPatterns(mountOf(request.app), '/'), hook.path);
    return hook.id === undefined || hook.id === null ? service : joinPatterns(service, '/:id');
  },
};
