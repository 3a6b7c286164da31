import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Server } from 'node:net';
import { getBuiltinModule } from './builtin.ts';
import type { Guard } from './guard.ts';

/**
 * Published by Node when a server of any kind is asked to listen, before it is bound (`:start` is not published).
 * https://nodejs.org/api/diagnostics_channel.html#event-tracingnetserverlistenasyncstart
 */
const CHANNEL = 'tracing:net.server.listen:asyncStart';

/** Which requests a server has: of HTTP/1, of HTTP/2, or none. */
export type Protocol = 'http' | 'http2' | undefined;

/** A server of the process that is about to listen. */
export interface Listening {
  readonly server: Server;
  readonly protocol: Protocol;
  /** Undefined for a Unix socket, a handle, or a port that the system is to choose. */
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

/** A request to a server of the process that nobody has heard of: it is given its connections and does not listen. */
export interface Arrival {
  /** Undefined where Node.js does not tell. */
  readonly server: Server | undefined;
  readonly protocol: Protocol;
  /** What was published; undefined for a request over HTTP/2, which is not measured. */
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

/** Servers of plain sockets lack `setTimeout`, so node:http is not loaded on their account. */
function protocolOf(server: Server): Protocol {
  if (!('setTimeout' in server)) return undefined;
  const http = getBuiltinModule('node:http');
  const https = getBuiltinModule('node:https');
  if (server instanceof http.Server || server instanceof https.Server) return 'http';
  if (!/^Http2(Secure)?Server$/.test(server.constructor.name)) return undefined;
  return 'http2';
}
