import { subscribe } from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';
import { isRecord } from '../../guest/shape.ts';
import type { RouteSource } from './route-source.ts';

/** The property of Node's request that holds the pattern of the matched route. */
const ROUTE = Symbol('routemeter.fastify');
type Routed = IncomingMessage & { [ROUTE]?: string };

type Methods = string | readonly string[];

const EVERY = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'];

interface FastifyRequest {
  readonly raw: Routed;
  /** Since 4.10; without a URL if no route matched. */
  readonly routeOptions?: { readonly url?: string; readonly method?: Methods };
  /** The same before 4.10. Later versions warn of their deprecation; 5 does not have them. */
  readonly routerPath?: string;
  readonly routerMethod?: Methods;
}

type Hook = (request: FastifyRequest, reply: unknown, done: () => void) => object | undefined;

interface Instance {
  addHook(name: 'onRequest', hook: Hook): void;
}

/**
 * Returned by the hook in place of calling `done`. Fastify calls `then` with what goes on to the hooks that follow, and
 * `call.call(goOn)` is a call at once, as by `done`, but by no function of ours, which would be in the stack of each
 * error that the app creates.
 */
const GO_ON = {
  // biome-ignore lint/suspicious/noThenProperty: Fastify looks for it
  then: Function.prototype.call.bind(Function.prototype.call),
};

/**
 * Fastify 4 and 5. Every instance is published on a channel; a root hook, which runs before any other, puts the
 * pattern of the route that matched on Node's request.
 *
 * - The pattern includes prefixes, and is known even if a hook, the schema or an error answers.
 * - A route that calls `reply.callNotFound()` keeps its name, like a route of Express that calls `next()`: only
 *   requests that no route matched have none.
 * - As with Express, a wildcard for everything does not count as a route, nor does one that answers preflights.
 *
 * https://fastify.dev/docs/latest/Reference/Hooks/#diagnostics-channel-hooks
 */
export const fastifyRoutes: RouteSource = {
  install(guard, _patch, _onPackage, found) {
    const remember = guard('fastify.request', (request: FastifyRequest) => {
      const route = matchedRoute(request);
      if (route !== undefined) request.raw[ROUTE] = route;
    });
    const isCalledByFastify = guard('fastify.request', isOwnHook);
    const attach = guard('fastify.initialization', (message: unknown) => {
      found();
      const { fastify } = message as { fastify: Instance };
      let goesOn: boolean | undefined;
      const onRequest: Hook = (request, _reply, done) => {
        remember(request);
        goesOn ??= isCalledByFastify(fastify, onRequest) === true;
        if (goesOn) return GO_ON;
        done();
        return undefined;
      };
      fastify.addHook('onRequest', onRequest);
    });
    subscribe('fastify.initialization', attach);
  },
  route: (request: Routed) => request[ROUTE],
};

/**
 * Whether Fastify has the hook itself, and not what an agent such as New Relic's has put around it. That would take
 * `GO_ON` for a promise.
 */
function isOwnHook(fastify: object, hook: Hook): boolean {
  const key = Object.getOwnPropertySymbols(fastify).find(
    ({ description }) => description === 'fastify.hooks',
  );
  const hooks: unknown = key && Reflect.get(fastify, key);
  return isRecord(hooks) && Array.isArray(hooks.onRequest) && hooks.onRequest.includes(hook);
}

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
