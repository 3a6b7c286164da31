import type { ClientRequest } from 'node:http';

type Request = Pick<ClientRequest, 'host' | 'protocol' | 'socket' | 'getHeader'> & {
  readonly agent?: unknown;
};

/**
 * The host and the port of a request of node:http, as its URL names them.
 *
 * @param error the error that the request failed with, if it has
 */
export function targetOf(
  request: Request,
  error: unknown,
): { readonly address: string; readonly port: number | undefined } {
  const { host } = request;
  return { address: host.toLowerCase().replace(/^\[|\]$/g, ''), port: portOf(request, error) };
}

/**
 * A request does not keep its port, but Node.js writes it into the header `Host`. If the app has written another name
 * there, the port is that of the socket, which may be a proxy's, or of the error.
 */
function portOf(request: Request, error: unknown): number | undefined {
  const { host, agent, protocol } = request;
  const name = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
  const header = request.getHeader('host');
  if (header === name) {
    const { defaultPort }: { defaultPort?: unknown } = Object(agent);
    return numberOf(defaultPort) ?? (protocol === 'https:' ? 443 : 80);
  }
  if (typeof header === 'string' && header.startsWith(`${name}:`)) {
    return numberOf(Number(header.slice(name.length + 1)));
  }
  // Without a connection there is no socket.
  return request.socket?.remotePort ?? numberOf(Reflect.get(Object(error), 'port'));
}

function numberOf(value: unknown): number | undefined {
  return Number.isInteger(value) ? Number(value) : undefined;
}
