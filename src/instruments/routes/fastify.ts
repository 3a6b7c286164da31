import { subscribe } from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';
import type { RouteSource } from './route-source.ts';

/** On a request of Node's: the pattern of the route that matched it. */
const ROUTE = Symbol('routemeter.fastify');
type Routed = IncomingMessage & { [ROUTE]?: string };

type Methods = string | readonly string[];

const EVERY = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'];

interface FastifyRequest {
  readonly raw: Routed;
  /** Since 4.10; without a URL when nothing matched. */
  readonly routeOptions?: { readonly url?: string; readonly method?: Methods };
  /** The same before 4.10. They warn of their deprecation later, and are gone from 5. */
  readonly routerPath?: string;
  readonly routerMethod?: Methods;
}

/** An app has made an instance. */
let seen = false;

type OnRequest = (request: FastifyRequest, reply: unknown, done: () => void) => void;

/**
 * Fastify 4 and 5: every instance tells of itself on a channel, and a root hook, which runs before any other, ties the
 * route that matched to Node's request.
 *
 * - The pattern is the route's own, prefixes included, also when a hook, the schema or an error answers.
 * - A route that gives up by `reply.callNotFound()` keeps its name, as one of Express' that calls `next()` does: only
 *   what no route matched has none.
 * - As with Express, a wildcard for everything is no route, nor is one that answers preflights.
 *
 * https://fastify.dev/docs/latest/Reference/Hooks/#diagnostics-channel-hooks
 */
export const fastifyRoutes: RouteSource = {
  name: 'fastify',
  install(guard) {
    const remember = guard('fastify.request', (request: FastifyRequest) => {
      const route = matchedRoute(request);
      if (route !== undefined) request.raw[ROUTE] = route;
    });
    const onRequest: OnRequest = (request, _reply, done) => {
      remember(request);
      done();
    };
    const attach = guard('fastify.initialization', (message: unknown) => {
      seen = true;
      const { fastify } = message as {
        fastify: { addHook(name: 'onRequest', hook: OnRequest): void };
      };
      fastify.addHook('onRequest', onRequest);
    });
    subscribe('fastify.initialization', attach);
  },
  knows: () => seen,
  route: (request: Routed) => request[ROUTE],
};

function matchedRoute(request: FastifyRequest): string | undefined {
  const { routeOptions } = request;
  const url = routeOptions === undefined ? request.routerPath : routeOptions.url;
  if (url !== '*' && url !== '/*') return url;
  return isFallback(routeOptions === undefined ? request.routerMethod : routeOptions.method)
    ? undefined
    : url;
}

function isFallback(methods: Methods = []): boolean {
  const declared = [methods].flat();
  return declared.join() === 'OPTIONS' || EVERY.every((method) => declared.includes(method));
}
