import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Server } from 'node:net';
import { getBuiltinModule } from './builtin.ts';
import type { Guard } from './guard.ts';

/**
 * Node.js publishes this when any server is asked to listen, before it is bound; it does not publish `:start`.
 * https://nodejs.org/api/diagnostics_channel.html#event-tracingnetserverlistenasyncstart
 */
const CHANNEL = 'tracing:net.server.listen:asyncStart';

/** Which requests a server takes: HTTP/1, HTTP/2, or none. */
export type Protocol = 'http' | 'http2' | undefined;

/** A server of this process that is about to listen. */
export interface Listening {
  readonly server: Server;
  readonly protocol: Protocol;
  /** Undefined for a Unix socket, a handle, or a port that the system chooses. */
  readonly port: number | undefined;
}

/**
 * Calls back each time a server of this process is about to listen, before it is bound.
 *
 * @returns a function that ends the watch
 */
export function onListen(guard: Guard, callback: (listening: Listening) => void): () => void {
  const listener = guard('listen', (message: unknown) => {
    const { server, options } = message as { server: Server; options?: { port?: unknown } };
    const port = Number(options?.port ?? 0);
    callback({ server, protocol: protocolOf(server), port: port > 0 ? port : undefined });
  });
  subscribe(CHANNEL, listener);
  return () => unsubscribe(CHANNEL, listener);
}

/** A request to a server of this process that never listened: something else hands it its connections. */
export interface Arrival {
  /** Undefined if Node.js does not say. */
  readonly server: Server | undefined;
  readonly protocol: Protocol;
  /** The published message; undefined for a request over HTTP/2, of which Node.js has yet to publish that it starts. */
  readonly message: unknown;
}

/** https://nodejs.org/api/diagnostics_channel.html#http */
const REQUEST = 'http.server.request.start';
/** Node.js 22.15 does not publish it yet. https://nodejs.org/api/diagnostics_channel.html#http2 */
const STREAM = 'http2.server.stream.created';

/**
 * Calls back at the next request to any server of this process, before the app sees it.
 *
 * @returns a function that ends the watch
 */
export function onRequest(guard: Guard, callback: (arrival: Arrival) => void): () => void {
  const request = guard('http.request.start', (message: unknown) => {
    end();
    const { server } = message as { server: Server };
    callback({ server, protocol: protocolOf(server) ?? 'http', message });
  });
  const stream = guard('http.request.start', () => {
    end();
    callback({ server: undefined, protocol: 'http2', message: undefined });
  });
  const end = (): void => {
    unsubscribe(REQUEST, request);
    unsubscribe(STREAM, stream);
  };
  subscribe(REQUEST, request);
  subscribe(STREAM, stream);
  return end;
}

/** How long to wait for a server that was asked to listen and does not. */
const UNBOUND_MILLIS = 1000;

/**
 * Calls back when a server is bound, after the turn of the event loop in which that happened: a port that the app is
 * about to take is the app's. A server that never listens delays nothing for longer.
 */
export function onceBound(listening: Listening | undefined, callback: () => void): void {
  if (listening === undefined) {
    setImmediate(callback);
    return;
  }
  let called = false;
  const once = (): void => {
    if (called) return;
    called = true;
    setImmediate(callback);
  };
  listening.server.once('listening', once);
  setTimeout(once, UNBOUND_MILLIS).unref();
}

/** Servers of plain sockets lack `setTimeout`, so that they do not cause node:http to be loaded. */
function protocolOf(server: Server): Protocol {
  if (!('setTimeout' in server)) return undefined;
  if (server instanceof getBuiltinModule('node:http').Server) return 'http';
  // Not earlier: it takes long to load, and only an app that has it makes such servers.
  if (server instanceof getBuiltinModule('node:https').Server) return 'http';
  if (!/^Http2(Secure)?Server$/.test(server.constructor.name)) return undefined;
  return 'http2';
}
