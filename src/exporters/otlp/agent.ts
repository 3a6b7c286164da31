import type { Agent as HttpAgent } from 'node:http';
import type { Agent as HttpsAgent } from 'node:https';
import type { Socket } from 'node:net';
import type { OtlpConfig } from '../../config/config.ts';
import { getBuiltinModule } from '../../guest/builtin.ts';
import { letProcessEnd } from '../reading/connecting.ts';

/**
 * An agent that keeps connections open without keeping the process alive, and uses a proxy where the app's requests
 * use one: https://nodejs.org/api/http.html#built-in-proxy-support
 */
export function createAgent(url: string, tls: OtlpConfig['tls']): HttpAgent | HttpsAgent {
  const secure = new URL(url).protocol === 'https:';
  const module = getBuiltinModule(secure ? 'node:https' : 'node:http');
  const agent = new module.Agent({ keepAlive: true, ...(secure && tls), ...proxyOf(module.globalAgent) });
  const { createConnection, reuseSocket, destroy } = agent;
  /** All open ones: the agent does not track a socket that waits for a proxy's tunnel. */
  const sockets = new Set<Socket>();
  const hold = (socket: Socket): void => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    // The request gets the error anyway.
    socket.on('error', () => {});
    letProcessEnd(socket);
  };
  agent.createConnection = (options, callback) => {
    const socket = createConnection.call(agent, options, (error, tunnel) => {
      // The TLS connection within a tunnel, otherwise the same socket.
      if (tunnel && !error) (tunnel as Socket).unref();
      callback?.(error, tunnel);
    });
    if (socket) hold(socket as Socket);
    return socket;
  };
  agent.reuseSocket = (socket, request) => {
    reuseSocket.call(agent, socket, request);
    (socket as Socket).unref();
  };
  agent.destroy = () => {
    destroy.call(agent);
    // With an error, since a request that waits for a tunnel listens to nothing else.
    for (const socket of sockets) socket.destroy(new Error('the connection was given up'));
  };
  return agent;
}

/**
 * The proxy settings of Node's global agent, set by `NODE_USE_ENV_PROXY`, `--use-env-proxy` or `setGlobalProxyFromEnv`.
 * Node versions without proxy support have no such option.
 */
function proxyOf(globalAgent: HttpAgent | HttpsAgent): { readonly proxyEnv?: NodeJS.ProcessEnv } {
  const options: unknown = Reflect.get(globalAgent, 'options');
  const proxyEnv: unknown = Reflect.get(Object(options), 'proxyEnv');
  return typeof proxyEnv === 'object' && proxyEnv !== null ? { proxyEnv: proxyEnv as NodeJS.ProcessEnv } : {};
}
