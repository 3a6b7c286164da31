import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { freePort } from '../ports.ts';

/** An HTTP proxy on a loopback port: https://www.rfc-editor.org/rfc/rfc9110#CONNECT */
export interface HttpProxy {
  readonly url: string;
  /** Method and target of each request, as it came. */
  readonly asked: readonly string[];
  /** Whether it answers; connections stay open meanwhile. */
  silent: boolean;
  /** Resolves when as many requests have come. */
  received(count: number): Promise<void>;
  close(): Promise<void>;
}

/** @param port of loopback to which everything is passed on, whatever its host */
export async function startHttpProxy(port: number): Promise<HttpProxy> {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer();
  const note = (method = '', target = ''): void => {
    asked.push(`${method} ${target}`);
    server.emit('asked');
  };
  server.on('connection', (socket: Socket) => sockets.add(socket));
  server.on('request', (incoming, outgoing) => {
    note(incoming.method, incoming.url);
    if (proxy.silent) return;
    const { pathname } = new URL(incoming.url ?? '');
    const { method, headers } = incoming;
    const onward = request({ host: '127.0.0.1', port, path: pathname, method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 0, answer.headers);
      answer.pipe(outgoing);
    });
    incoming.pipe(onward);
  });
  server.on('connect', (incoming, socket) => {
    note(incoming.method, incoming.url);
    if (proxy.silent) return;
    const onward = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      onward.pipe(socket).pipe(onward);
    });
    for (const end of [onward, socket]) end.on('error', () => {});
    sockets.add(onward);
  });
  server.listen(await freePort(), '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const proxy: HttpProxy = {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`,
    asked,
    silent: false,
    async received(count) {
      while (asked.length < count) await once(server, 'asked');
    },
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
  return proxy;
}
