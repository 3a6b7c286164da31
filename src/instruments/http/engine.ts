import type { Server } from 'node:http';
import type { Guard } from '../../guard.ts';
import type { InRequest } from '../in-request/in-request.ts';
import type { RouteOf } from '../routes/route-of.ts';
import type { Ignore } from './ignore.ts';
import type { RequestMetrics } from './request-metrics.ts';

/** What measures the requests of every HTTP server in the process. */
export interface EngineOptions {
  readonly metrics: RequestMetrics;
  readonly routes: RouteOf;
  readonly ignore: Ignore;
  /** Undefined where no code of requests counts or times anything. */
  readonly inRequest: () => InRequest | undefined;
  readonly guard: Guard;
  /** Servers that are not the app's. */
  readonly isOwn: (server: Server) => boolean;
}
