import type { Server, Socket } from 'node:net';
import type { Guard } from './guard.ts';

export interface FirstConnections {
  /** In the order in which they were added. */
  readonly servers: readonly Server[];
  add(server: Server): void;
  /** Watches none of them any more; it is called at the first connection at the latest. */
  end(): void;
}

/**
 * Calls back with the first connection that one of several servers gets, before anything has been read from it and
 * before the app sees it.
 */
export function createFirstConnections(
  guard: Guard,
  callback: (socket: Socket, server: Server) => void,
): FirstConnections {
  const servers: Server[] = [];
  const listener = guard('http.connection', function (this: Server, socket: Socket) {
    callback(socket, this);
  });
  return {
    servers,
    add(server) {
      servers.push(server);
      server.prependListener('connection', listener);
    },
    end() {
      for (const server of servers.splice(0)) server.removeListener('connection', listener);
    },
  };
}
