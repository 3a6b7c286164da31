import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { after } from 'node:test';

/** How the peer answers, by path. */
const ANSWERS: Record<string, (request: IncomingMessage, response: ServerResponse) => unknown> = {
  '/ok': (_request, response) => response.end('hello'),
  '/hang': () => {},
  '/half': (_request, response) => response.write('half'),
  '/cut': (request, response) => {
    response.setHeader('content-length', 100);
    response.write('half', () => request.socket.destroy());
  },
  '/destroy': (request) => request.socket.destroy(),
  '/garbage': (request) => request.socket.end('garbage\r\n\r\n'),
  '/redirect': (_request, response) => response.writeHead(302, { location: '/ok' }).end(),
  '/early': (_request, response) =>
    response.writeEarlyHints({ link: '</a>; rel=preload' }, () => response.end()),
  '/large': (_request, response) => response.end('x'.repeat(1_000_000)),
};

const notFound = (_request: IncomingMessage, response: ServerResponse): unknown =>
  response.writeHead(404).end();

/** A server to make requests to, by its base URL; `/status/404` answers with that status. */
export async function startPeer(): Promise<{
  readonly base: string;
  readonly port: number;
  readonly server: Server;
}> {
  const server = createServer((request, response) => {
    const status = request.url?.match(/^\/status\/(\d+)$/)?.[1];
    if (status !== undefined) response.writeHead(Number(status)).end();
    else (ANSWERS[request.url?.split('?')[0] ?? ''] ?? notFound)(request, response);
  });
  for (const event of ['upgrade', 'connect']) {
    server.on(event, (_request, socket) => {
      socket.on('error', () => {});
      socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: test\r\n\r\n');
    });
  }
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  after(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { base: `http://127.0.0.1:${address.port}`, port: address.port, server };
}
