import { AsyncLocalStorage } from 'node:async_hooks';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { getBuiltinModule } from '../../guest/builtin.ts';
import { type BusyTime, createBusyTime, type Share } from './busy-time.ts';
import type { Measurement } from './measurement.ts';
import { emitInContext } from './message-events.ts';

/** A request that is being handled, or has been. */
export class RequestContext implements Share {
  busy = 0;
  readonly parent = undefined;
  readonly over = false;
  readonly request = this;
  /** Let go of when it is over: what a request has brought about may live as long as the process. */
  message: IncomingMessage | undefined;
  response: ServerResponse | undefined;
  /** `message.url` as it was before the app; empty when it is over. */
  incomingUrl: string;
  /** By declaration; undefined until the first is set. */
  tags: (string | undefined)[] | undefined = undefined;
  /** What is recorded when it is over; undefined afterwards, when all is recorded at once. */
  held: Measurement[] | undefined = [];
  /** Its index among the requests that hold something back; -1 while it does not. */
  place = -1;
  route: string | undefined = undefined;

  constructor(message: IncomingMessage, response: ServerResponse, incomingUrl: string) {
    this.message = message;
    this.response = response;
    this.incomingUrl = incomingUrl;
  }
}

/** A part of a request, or of none, whose share of the thread's time is measured. */
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

/** Which request the code belongs to that runs now. */
export interface RequestContexts {
  /** What runs from here on, and all that it brings about, belongs to this request. */
  enter(message: IncomingMessage, response: ServerResponse, incomingUrl: string): RequestContext;
  /** What runs from here on belongs to that request, or to none. */
  continue(context: RequestContext | undefined): void;
  /** The request that a response answers. */
  of(response: ServerResponse): RequestContext | undefined;
  current(): RequestContext | Part | undefined;
  /** Seconds that the request or part has kept the thread busy; undefined where that is not measured. */
  busySeconds(share: Share): number | undefined;
  /** Runs a function as a part. */
  run<Result>(part: Part, work: () => Result): Result;
  stop(): void;
}

/** On a request and its response. */
const CONTEXT = Symbol('routemeter.context');
type WithContext<T> = T & { [CONTEXT]?: RequestContext };

/** @param measuresBusy whether the thread's time is measured too */
export function createRequestContexts(measuresBusy: boolean): RequestContexts {
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
    // Running in a storage switches it on again.
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

  const inContextOf = (message: WithContext<IncomingMessage | ServerResponse>) => {
    const context = message[CONTEXT];
    if (context === undefined || storage.getStore()?.request === context) return undefined;
    return (work: () => boolean) => run(context, work);
  };
  const { IncomingMessage: Request, ServerResponse: Response } = getBuiltinModule('node:http');
  const restore = [Request.prototype, Response.prototype].map((prototype) =>
    emitInContext<IncomingMessage | ServerResponse>(prototype, inContextOf),
  );

  return {
    enter(message, response, incomingUrl) {
      const context = new RequestContext(message, response, incomingUrl);
      (message as WithContext<IncomingMessage>)[CONTEXT] = context;
      (response as WithContext<ServerResponse>)[CONTEXT] = context;
      proceed(context);
      return context;
    },
    continue: proceed,
    of: (response) => (response as WithContext<ServerResponse>)[CONTEXT],
    current: () => storage.getStore(),
    busySeconds(share) {
      if (busy === undefined) return undefined;
      busy.settle();
      return share.busy / 1000;
    },
    run,
    stop() {
      stopped = true;
      for (const each of restore) each();
      busy?.stop();
      storage.disable();
    },
  };
}
