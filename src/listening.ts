import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Server } from 'node:net';
import { getBuiltinModule } from './builtin.ts';
import type { Guard } from './guard.ts';

/**
 * Published by Node when a server of any kind is asked to listen, before it is bound (`:start` is not published).
 * https://nodejs.org/api/diagnostics_channel.html#event-tracingnetserverlistenasyncstart
 */
const CHANNEL = 'tracing:net.server.listen:asyncStart';

/** A server of the process that is about to listen. */
export interface Listening {
  readonly server: Server;
  /** What it measures by: requests of HTTP/1, of HTTP/2 alone, or none. */
  readonly protocol: 'http' | 'http2' | undefined;
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

/** Servers of plain sockets lack `setTimeout`, so node:http is not loaded on their account. */
function protocolOf(server: Server): Listening['protocol'] {
  if (!('setTimeout' in server)) return undefined;
  const http = getBuiltinModule('node:http');
  const https = getBuiltinModule('node:https');
  if (server instanceof http.Server || server instanceof https.Server) return 'http';
  if (!/^Http2(Secure)?Server$/.test(server.constructor.name)) return undefined;
  return 'http2';
}
