import type { IncomingMessage, ServerResponse } from 'node:http';
import { load } from '../../guest/load.ts';
import type { RouteSource } from './route-source.ts';

/** A registered symbol of `@loopback/express`. */
const LOOPBACK = Symbol.for('loopback.middleware.context');

type Request = IncomingMessage & {
  /** Of Express, and of all that is built on it. */
  readonly app?: unknown;
  readonly route?: { readonly chain?: unknown } | null;
  readonly [LOOPBACK]?: unknown;
};
type Response = ServerResponse & { readonly hook?: unknown };

/** That of the listener by which Restify serves. */
const RESTIFY = 'bound _onRequest';

const restify = lazily(
  () => load<typeof import('./restify.ts')>('./instruments/routes/restify').restifyRoutes,
);
const loopback = lazily(
  () => load<typeof import('./loopback.ts')>('./instruments/routes/loopback').loopbackRoutes,
);
const feathers = lazily(
  () => load<typeof import('./feathers.ts')>('./instruments/routes/feathers').feathersRoutes,
);

/**
 * Frameworks that leave what they know on Node's request or response, so that nothing is to be installed: Restify, and
 * those that are built on Express. Each is loaded with the first request on which it has left something; for apps of
 * other frameworks all of them are one look at the request.
 */
export const leftRoutes: RouteSource = {
  knows: (server) => server?.listeners('request').some(({ name }) => name === RESTIFY) === true,
  route(request: Request, response: Response, incomingUrl) {
    const { app, route } = request;
    if (app === undefined && route === undefined) return undefined;
    return (
      (route?.chain === undefined ? undefined : restify().route(request, response, incomingUrl)) ??
      (request[LOOPBACK] === undefined ? undefined : loopback().route(request, response, incomingUrl)) ??
      (response.hook === undefined ? undefined : feathers().route(request, response, incomingUrl))
    );
  },
};

function lazily(load: () => RouteSource): () => RouteSource {
  let source: RouteSource | undefined;
  return () => {
    source ??= load();
    return source;
  };
}
