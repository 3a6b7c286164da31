import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Guard } from '../../guest/guard.ts';

/** Where one framework keeps the pattern of the route that answered. */
export interface RouteSource {
  readonly name: string;
  /** At the preload, before the app is loaded: subscribe to the framework's channels. Loads nothing. */
  install?(guard: Guard): void;
  /**
   * Whether it may route the requests of a server that listens, as far as that can be told by then. Must change nothing.
   * @param server undefined before there is one
   */
  knows?(server: Server | undefined): boolean;
  /** Just before a request reaches the app. Must cost next to nothing; the guard is around it. */
  start?(request: IncomingMessage, response: ServerResponse, server: Server): void;
  /**
   * When the response is over.
   * @param incomingUrl `request.url` as it was before the app, which may have rewritten it
   * @returns the pattern, such as `/users/:id`; never a path. Undefined if this framework did not route it.
   */
  route(request: IncomingMessage, response: ServerResponse, incomingUrl: string): string | undefined;
}
