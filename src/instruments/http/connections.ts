import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { onListen } from '../../guest/listening.ts';
import type { EngineOptions } from './engine.ts';

/**
 * Calls back with each connection of the process' HTTP/1 servers, before anything has been read from it. A connection
 * that a server is given by other code is not seen before its first request.
 *
 * @returns a function that ends the watch
 */
export function onConnection(
  { guard, listening, isOwn }: Pick<EngineOptions, 'guard' | 'listening' | 'isOwn'>,
  callback: (socket: Socket, server: Server) => void,
): () => void {
  const watched: WeakRef<Server>[] = [];
  const listener = guard(
    'http.connection',
    function (this: Server, socket: Socket & { readonly alpnProtocol?: unknown }) {
      if (socket.alpnProtocol !== 'h2') callback(socket, this);
    },
  );

  const watch = (server: Server): void => {
    if (isOwn(server)) return;
    server.prependListener(eventOf(server), listener);
    watched.push(new WeakRef(server));
  };

  const stopListening = onListen(guard, ({ server, protocol }) => {
    if (protocol === 'http' || (protocol === 'http2' && isSecure(server))) watch(server as Server);
  });
  // Node.js has told of these already.
  for (const server of listening) if (isSecure(server) || 'headersTimeout' in server) watch(server);
  return () => {
    stopListening();
    for (const each of watched) {
      const server = each.deref();
      server?.removeListener(eventOf(server), listener);
    }
  };
}

/** With TLS, HTTP runs in the socket that comes of the handshake. */
function eventOf(server: Server): 'secureConnection' | 'connection' {
  return isSecure(server) ? 'secureConnection' : 'connection';
}

/** Whether its connections are of TLS. */
export const isSecure = (server: object): boolean => 'setSecureContext' in server;
