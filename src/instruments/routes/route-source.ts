import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Guard } from '../../guest/guard.ts';
import type { OnPackage, PatchModule } from '../../guest/loaded-modules.ts';

/**
 * Knows where one framework keeps the pattern of the route that answered. A framework is a file or a folder here that
 * exports its `RouteSource`, a row in `index.ts`, and a test with a small app that keeps `test/contracts/routes.ts`.
 *
 * In order of preference, a source gets the pattern
 * 1. from what the framework leaves on the request or the response: it needs only `route` (`left.ts`, `next.ts`);
 * 2. from a diagnostics channel: `install` subscribes and puts what the framework publishes on Node's request, under a
 *    symbol of the source's own; `route` reads the pattern from there (`fastify.ts`);
 * 3. from the objects of the framework that a request leads to: `serve` or `route` patches them once (`express/`);
 * 4. from a file of the framework that nothing leads to: `install` gives a patch, which is applied when the app has
 *    loaded that file, and which changes nothing unless it recognises what the file exports (`koa/`).
 *
 * Nothing of this may load the framework, change what the app sees, or keep the app's objects alive. What the framework
 * calls must be wrapped by the guard, at the place `route` or at a place of the source's own in `guest/guard.ts`.
 */
export interface RouteSource {
  /**
   * Called once: before the app is loaded, or when the source is loaded, which `sources.ts` decides. The time to
   * subscribe to channels and to give patches.
   *
   * @param found must be called once the framework is there, before it gets a request: the source is asked only from
   *   then on. Not needed if the source has `knows`.
   */
  install?(guard: Guard, patch: PatchModule, onPackage: OnPackage, found: () => void): void;
  /**
   * Only of a source that has no way to tell that the framework is there, and is asked as soon as it is loaded. Whether
   * the framework may route the requests of this server, as far as is known when it listens. The log line at the start
   * reads "per route" if a source says yes, or has been found.
   *
   * @param server undefined if the process has no server yet
   */
  knows?(server: Server | undefined): boolean;
  /** Called under the guard once for each server, just before its first request reaches the app. */
  serve?(server: Server): void;
  /**
   * Called under the guard when the response is over, for requests of every framework; also earlier, if the app counts
   * something in a request that is still running when metrics are collected. Must cost next to nothing where the
   * framework has not routed the request.
   *
   * @param incomingUrl `request.url` as the client sent it; the app may have rewritten it since
   * @returns the pattern as the app has declared it, such as `/users/:id`, with the patterns of its mounts; never a
   *   path, since every path would be a series of its own. Undefined if this framework has not routed the request, or
   *   only to a 404 of its own.
   */
  route(request: IncomingMessage, response: ServerResponse, incomingUrl: string): string | undefined;
}
