import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingHttpHeaders } from 'node:http';
import type { Guard } from '../../guest/guard.ts';
import { type Accepted, type LoopPoint, LoopWaiting, TICK_MILLIS } from './loop-waiting.ts';
import { queuedByProxy } from './queue-header.ts';

/** How long requests have waited before the app sees them. */
export interface Waiting {
  /** @returns seconds, until now */
  of(headers: IncomingHttpHeaders, socket: object | undefined): number;
  stop(): void;
}

/** On a socket: when it was accepted. */
const ACCEPTED = Symbol('routemeter.accepted');
type Marked = { [ACCEPTED]?: Accepted };

/**
 * Measures how long requests wait: since the time that a proxy has written into the request, or else in the system while
 * the event loop was blocked. A timer that keeps nothing alive runs every 10 ms.
 */
export function measureWaiting(guard: Guard): Waiting {
  const loop = new LoopWaiting(loopNow());
  const timer = setInterval(
    guard('http.connection', () => loop.tick(loopNow())),
    TICK_MILLIS,
  ).unref();
  // https://nodejs.org/api/diagnostics_channel.html#event-netserversocket
  const onSocket = guard('http.connection', (message: unknown) => {
    (message as { readonly socket: Marked }).socket[ACCEPTED] = loop.accept(loopNow());
  });
  subscribe('net.server.socket', onSocket);
  return {
    of(headers, socket) {
      const waited = loop.arrive(loopNow(), (socket as Marked | undefined)?.[ACCEPTED]);
      return queuedByProxy(headers, Date.now()) ?? waited / 1000;
    },
    stop() {
      clearInterval(timer);
      unsubscribe('net.server.socket', onSocket);
    },
  };
}

/** https://nodejs.org/api/perf_hooks.html#class-performancenodetiming */
function loopNow(): LoopPoint {
  const { idleTime, uvMetricsInfo } = performance.nodeTiming;
  return { now: performance.now(), idle: idleTime, looks: uvMetricsInfo.loopCount };
}
