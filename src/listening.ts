import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Server } from 'node:net';
import { getBuiltinModule } from './builtin.ts';
import type { Guard } from './guard.ts';

/**
 * Published by Node when a server of any kind is asked to listen, before it is bound (`:start` is not published).
 * https://nodejs.org/api/diagnostics_channel.html#event-tracingnetserverlistenasyncstart
 */
const CHANNEL = 'tracing:net.server.listen:asyncStart';

/**
 * Calls back each time an HTTP, HTTPS or HTTP/2 server of this process starts to listen.
 *
 * @returns a function that ends the watch
 */
export function onHttpListen(guard: Guard, callback: (server: Server) => void): () => void {
  const listener = guard('listen', (message: unknown) => {
    const { server } = message as { server: Server };
    if (isHttpServer(server)) callback(server);
  });
  subscribe(CHANNEL, listener);
  return () => unsubscribe(CHANNEL, listener);
}

/** Servers of plain sockets lack `setTimeout`, so node:http is not loaded on their account. */
function isHttpServer(server: Server): boolean {
  if (!('setTimeout' in server)) return false;
  const http = getBuiltinModule('node:http');
  const https = getBuiltinModule('node:https');
  if (server instanceof http.Server || server instanceof https.Server) return true;
  return /^Http2(Secure)?Server$/.test(server.constructor.name);
}
