import type { Agent as HttpAgent } from 'node:http';
import type { Agent as HttpsAgent } from 'node:https';
import type { Socket } from 'node:net';
import { getBuiltinModule } from '../../builtin.ts';
import type { OtlpConfig } from '../../config.ts';

/**
 * The longest that a connection attempt may take, in milliseconds. libuv keeps a process alive while a socket
 * connects, even an unref'ed one, and an address that drops packets takes minutes to fail. One lost SYN costs an
 * attempt, which is retried.
 */
const CONNECT_MILLIS = 1000;

/** An agent that keeps connections open without keeping the process alive. */
export function createAgent(url: string, tls: OtlpConfig['tls']): HttpAgent | HttpsAgent {
  const secure = new URL(url).protocol === 'https:';
  const agent = secure
    ? new (getBuiltinModule('node:https').Agent)({ keepAlive: true, ...tls })
    : new (getBuiltinModule('node:http').Agent)({ keepAlive: true });
  const { createConnection, reuseSocket } = agent;
  agent.createConnection = (options, callback) => {
    const socket = createConnection.call(agent, options, callback);
    if (socket) release(socket as Socket);
    return socket;
  };
  agent.reuseSocket = (socket, request) => {
    reuseSocket.call(agent, socket, request);
    (socket as Socket).unref();
  };
  return agent;
}

function release(socket: Socket): void {
  socket.unref();
  let timer: NodeJS.Timeout | undefined;
  socket.on('connectionAttempt', () => {
    timer ??= setTimeout(() => socket.destroy(connectTimeout()), CONNECT_MILLIS).unref();
  });
  const clear = () => clearTimeout(timer);
  socket.once('connect', () => {
    clear();
    // Each address of a name is tried with a handle of its own.
    socket.unref();
  });
  socket.once('close', clear);
}

function connectTimeout(): Error {
  return Object.assign(new Error(`no connection within ${CONNECT_MILLIS / 1000} s`), { code: 'ETIMEDOUT' });
}
