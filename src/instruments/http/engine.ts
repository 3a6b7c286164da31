import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Guard } from '../../guest/guard.ts';
import type { Log } from '../../guest/log.ts';
import type { Ignore } from '../ignore.ts';
import type { InRequest } from '../in-request/in-request.ts';
import type { RouteOf } from '../routes/route-of.ts';
import type { Exchange, OpenStream } from './attributes.ts';
import type { OptIn } from './details.ts';
import type { HeaderTags } from './header-tags.ts';
import type { RequestMetrics } from './request-metrics.ts';

/** Measures the requests of every HTTP server in the process. */
export interface Engine {
  /**
   * Measures a request that Node.js announced before the engine was started.
   * @param message what was published on `http.server.request.start`
   */
  begin(message: unknown): void;
  /** Takes a connection from its beginning that a server has got before the engine was started. */
  connect?(socket: Socket, server: Server): void;
  /** Per-request tracking has been turned on: if just one request is open, it is tracked as far as possible. */
  adopt(): void;
  /** Ends the requests of connections that closed without an event. Called before each collection. */
  sweep(): void;
  /** The streams in progress, with their routes so far as they are known. */
  streams(): Iterable<OpenStream>;
  stop(): void;
}

export interface EngineOptions {
  readonly metrics: RequestMetrics;
  readonly routes: RouteOf;
  readonly ignore: Ignore;
  /** Undefined while no code in requests counts or times anything. */
  readonly inRequest: () => InRequest | undefined;
  readonly optIn: OptIn;
  /** Undefined if no tag comes from a header. */
  readonly headerTags: HeaderTags | undefined;
  readonly guard: Guard;
  readonly log: Log;
  /** Servers that listen already, or are about to. */
  readonly listening: readonly Server[];
  /** Whether a server is an exporter's, and not the app's. */
  readonly isOwn: (server: Server) => boolean;
  /** Whether the app has a MeterProvider of its own: once it measures HTTP too, everything of ours is closed. */
  readonly isSteppingAside: () => boolean;
  /**
   * Measures the duration of a request in place of the engine, from the call on.
   * @returns a function that records it
   */
  readonly measure?: (exchange: Exchange) => ((exchange: Exchange) => void) | undefined;
}
