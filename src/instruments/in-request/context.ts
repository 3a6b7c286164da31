import { AsyncLocalStorage } from 'node:async_hooks';
import type { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { getBuiltinModule } from '../../guest/builtin.ts';
import type { AppInstrument } from './app-instruments.ts';
import { type BusyTime, createBusyTime, type Share } from './busy-time.ts';
import { emitInContext } from './message-events.ts';

/** Something that code in a request has counted or timed. */
interface Measurement {
  readonly instrument: AppInstrument;
  value: number;
  readonly errorType: string | undefined;
}

/** What an engine knows of a request that is being handled. */
export interface Handled {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** `request.url` before the app changed it. */
  readonly incomingUrl: string;
  /** Those that headers have set, in the order of their declaration; undefined if none may. */
  readonly tags: (string | undefined)[] | undefined;
  /** Undefined unless the answer is a stream, as far as that can be told: it may last as long as the process. */
  kindSoFar(): string | undefined;
}

/** A request that is being handled, or has been. */
export class RequestContext implements Share {
  busy = 0;
  readonly parent = undefined;
  readonly over = false;
  readonly request = this;
  /** Undefined when the request is over: what it has started may live as long as the process. */
  handled: Handled | undefined;
  /** In the order of their declaration; undefined until the first is set. */
  tags: (string | undefined)[] | undefined;
  /** The pattern that the app's code has given; null if it has said that there is none. */
  named: string | null | undefined = undefined;
  /** The app's code has left the request out of its own metrics. */
  ignored = false;
  /** Held back until the request is over; undefined afterwards, when measurements are recorded at once. */
  held: Measurement[] | undefined = [];
  /** Its index among the requests that hold something back, or -1. */
  place = -1;
  route: string | undefined = undefined;

  constructor(handled: Handled) {
    this.handled = handled;
    this.tags = handled.tags;
  }
}

/** Something with a busy time of its own, in a request or outside. */
export class Part implements Share {
  busy = 0;
  parent: Share | undefined;
  over = false;
  readonly request: RequestContext | undefined;

  constructor(parent: RequestContext | Part | undefined) {
    this.parent = parent;
    this.request = parent?.request;
  }
}

/** On a request and its response, on a stream of HTTP/2, and on a connection that was handed over. */
const CONTEXT = Symbol('routemeter.context');
type WithContext<T> = T & { [CONTEXT]?: RequestContext };

/** @param measuresBusy whether busy time is measured too */
export function createRequestContexts(measuresBusy: boolean) {
  const storage = new AsyncLocalStorage<RequestContext | Part | undefined>();
  const busy: BusyTime | undefined = measuresBusy
    ? createBusyTime({ current: () => storage.getStore(), now: () => performance.now() })
    : undefined;

  const proceed = (context: RequestContext | undefined): void => {
    storage.enterWith(context);
    busy?.switchTo(context);
  };

  let stopped = false;
  const run = <Result>(as: RequestContext | Part, work: () => Result): Result => {
    // Running in a disabled storage would enable it again.
    if (stopped) return work();
    if (busy === undefined) return storage.run(as, work);
    return storage.run(as, () => {
      const before = busy.switchTo(as);
      try {
        return work();
      } finally {
        busy.switchTo(before);
      }
    });
  };

  const inContextOf = (emitter: WithContext<EventEmitter>) => {
    const context = emitter[CONTEXT];
    if (context === undefined || storage.getStore()?.request === context) return undefined;
    return (work: () => boolean) => run(context, work);
  };
  const { IncomingMessage: Request, ServerResponse: Response } = getBuiltinModule('node:http');
  const restore = [Request.prototype, Response.prototype].map((prototype) =>
    emitInContext<EventEmitter>(prototype, inContextOf),
  );
  /** Loading HTTP/2 for its prototype would cost every app. */
  let watchesStreams = false;

  const create = (handled: Handled): RequestContext => {
    const context = new RequestContext(handled);
    (handled.request as WithContext<IncomingMessage>)[CONTEXT] = context;
    (handled.response as WithContext<ServerResponse>)[CONTEXT] = context;
    return context;
  };
  let adopted: RequestContext | undefined;

  return {
    /** From here on, code and all that it starts belongs to this request. */
    enter(handled: Handled): RequestContext {
      const context = create(handled);
      proceed(context);
      return context;
    },
    /** The same for a request over HTTP/2, all of whose events pass through its stream. */
    enterStream(handled: Handled, stream: EventEmitter): RequestContext {
      if (!watchesStreams) restore.push(emitInContext(Object.getPrototypeOf(stream), inContextOf));
      watchesStreams = true;
      const context = new RequestContext(handled);
      (stream as WithContext<EventEmitter>)[CONTEXT] = context;
      proceed(context);
      return context;
    },
    /** The same for a request that has begun earlier, except that its code cannot be told from what runs outside. */
    adopt(handled: Handled): RequestContext {
      adopted = create(handled);
      return adopted;
    },
    adopted: () => adopted,
    /** What comes over a connection belongs to that request, from here to the end of the connection. */
    follow(context: RequestContext, socket: EventEmitter): void {
      (socket as WithContext<EventEmitter>)[CONTEXT] = context;
      emitInContext(socket, inContextOf);
    },
    /** From here on, code belongs to that request, or to none. */
    continue: proceed,
    current: () => storage.getStore(),
    /** Busy time of a request or part; undefined if that is not measured. */
    busySeconds(share: Share): number | undefined {
      if (busy === undefined) return undefined;
      busy.settle();
      return share.busy / 1000;
    },
    /** Runs a function as a part. */
    run,
    stop(): void {
      stopped = true;
      for (const each of restore) each();
      busy?.stop();
      storage.disable();
    },
  };
}

export type RequestContexts = ReturnType<typeof createRequestContexts>;
