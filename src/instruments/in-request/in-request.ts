import type { EventEmitter } from 'node:events';
import type { Meter } from '@opentelemetry/api';
import type { Recorder } from '../../api/slot.ts';
import type { Config } from '../../config/config.ts';
import type { Guard } from '../../guest/guard.ts';
import type { Log } from '../../guest/log.ts';
import type { Bounds } from '../../views/admission/bounds.ts';
import type { Ignore } from '../ignore.ts';
import type { RouteOf } from '../routes/route-of.ts';
import { createAppInstruments } from './app-instruments.ts';
import { createRequestContexts, type Handled, type RequestContext, type RequestContexts } from './context.ts';
import { createNamedRoutes } from './named-routes.ts';
import { createRecorder } from './recorder.ts';
import { createTags } from './tags.ts';

/** What code in requests counts and times, for the engines that measure requests. */
export interface InRequest {
  readonly recorder: Recorder;
  /** Turns on per-request tracking. */
  track(): void;
  /**
   * The only request that is open while tracking is turned on: the app has imported the API in it, as bundles do that
   * load their parts late. It can be named by `route`.
   */
  adopt(handled: Handled): RequestContext | undefined;
  /** A request begins: from here on, code belongs to it. Undefined without per-request tracking. */
  enter(handled: Handled): RequestContext | undefined;
  /** The same for a request over HTTP/2. */
  enterStream(handled: Handled, stream: EventEmitter): RequestContext | undefined;
  /** What comes over a connection belongs to that request, which the app has answered by taking the connection. */
  follow(context: RequestContext | undefined, socket: EventEmitter): void;
  /** From here on, code belongs to that request again, or to none. */
  continue(context: RequestContext | undefined): void;
  /** Busy time of a request; undefined if that is not measured. */
  busySeconds(context: RequestContext | undefined): number | undefined;
  /** Records what open streams hold back. */
  releaseStreams(): void;
  /** Records what open requests hold back. With `ends`, they hold nothing back from now on. */
  release(ends?: boolean): void;
  /** The request is over. */
  finish(context: RequestContext | undefined, route: string | undefined): void;
  stop(): void;
}

export interface InRequestOptions {
  /** For the instruments that the app's code names. */
  readonly meter: Meter;
  readonly bounds: Bounds;
  /** Called before an instrument is made. */
  readonly onInstrument: () => void;
  readonly routes: RouteOf;
  readonly ignore: Ignore;
  readonly config: Config;
  readonly guard: Guard;
  readonly log: Log;
}

export function createInRequest(options: InRequestOptions): InRequest {
  const { routes, ignore, config, guard, log } = options;
  let contexts: RequestContexts | undefined;
  const instruments = createAppInstruments(options);
  const recorder = createRecorder({
    instruments,
    tags: createTags(config.tags, log),
    namedRoutes: createNamedRoutes(log),
    contexts: () => contexts,
    routeOf({ handled, named, ignored }) {
      const route = handled && routes.route(handled.request, handled.response, handled.incomingUrl, named);
      return ignore.route(route, ignored) ? undefined : route;
    },
    measuresBusy: config.cpu,
    now: () => performance.now(),
    guard,
    log,
  });
  const release = guard('in-request', recorder.release);
  return {
    recorder,
    track() {
      contexts ??= createRequestContexts(config.cpu);
    },
    adopt: (handled) => contexts?.adopt(handled),
    enter: (handled) => contexts?.enter(handled),
    enterStream: (handled, stream) => contexts?.enterStream(handled, stream),
    follow: (context, socket) => context && contexts?.follow(context, socket),
    continue: (context) => contexts?.continue(context),
    busySeconds: (context) => context && contexts?.busySeconds(context),
    finish(context, route) {
      if (context === undefined) return;
      recorder.finish(context, ignore.route(route, context.ignored) ? undefined : route);
    },
    releaseStreams: guard('in-request', recorder.releaseStreams),
    release,
    stop() {
      release();
      contexts?.stop();
      contexts = undefined;
    },
  };
}
