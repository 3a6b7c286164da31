import { subscribe } from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';
import type { RouteSource } from './route-source.ts';

const REQUEST = Symbol('routemeter.fastify');

interface FastifyRequest {
  readonly raw: IncomingMessage & { [REQUEST]?: FastifyRequest };
  /** Without a URL when nothing matched. */
  readonly routeOptions?: { readonly url?: string };
}

type OnRequest = (request: FastifyRequest, reply: unknown, done: () => void) => void;

/**
 * Fastify 4 and 5: every instance tells of itself on a channel, and a root hook ties its request to Node's.
 * The pattern is the route's own, prefixes included, also when a hook, the schema or an error answers; what no
 * route matched has none.
 *
 * https://fastify.dev/docs/latest/Reference/Hooks/#diagnostics-channel-hooks
 */
export const fastifyRoutes: RouteSource = {
  name: 'fastify',
  install(guard) {
    const remember = guard('fastify.request', (request: FastifyRequest) => {
      request.raw[REQUEST] = request;
    });
    const onRequest: OnRequest = (request, _reply, done) => {
      remember(request);
      done();
    };
    const attach = guard('fastify.initialization', (message: unknown) => {
      const { fastify } = message as {
        fastify: { addHook(name: 'onRequest', hook: OnRequest): void };
      };
      fastify.addHook('onRequest', onRequest);
    });
    subscribe('fastify.initialization', attach);
  },
  route(raw: FastifyRequest['raw']) {
    return raw[REQUEST]?.routeOptions?.url;
  },
};
