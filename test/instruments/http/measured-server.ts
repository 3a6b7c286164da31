import { once } from 'node:events';
import http, { type RequestListener, type Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import { createLog } from '../../../src/guest/log.ts';
import type { Exchange } from '../../../src/instruments/http/attributes.ts';
import type { Engine, EngineOptions } from '../../../src/instruments/http/engine.ts';
import { startLeanEngine } from '../../../src/instruments/http/lean.ts';
import { startOtelEngine } from '../../../src/instruments/http/otel.ts';

export const ENGINES: readonly [name: string, start: (options: EngineOptions) => Engine][] = [
  ['lean', startLeanEngine],
  ['otel', startOtelEngine],
];

/** What was recorded of one request: its URL and its status, or `error.type` where nothing was sent. */
type Recorded = readonly [url: string, outcome: number | string | undefined];

export interface MeasuredServer extends AsyncDisposable {
  readonly server: Server;
  readonly engine: Engine;
  readonly recorded: readonly Recorded[];
  active(): number;
  /** Starts another engine. */
  restart(): Engine;
  /** Waits until that many requests are recorded. */
  until(count: number): Promise<void>;
  /** A connection on which that was sent, and what it has received. */
  send(text: string): Promise<Client>;
}

export interface Client {
  readonly socket: Socket;
  readonly received: string;
  /** Waits until it has received a text, or is closed. */
  receives(text: string): Promise<void>;
  readonly closed: Promise<unknown>;
}

export const get = (path: string, ...headers: string[]): string =>
  [`GET ${path} HTTP/1.1`, 'Host: x', ...headers, '', ''].join('\r\n');

/** An HTTP server in this process that is measured by an engine of its own. */
export async function measuredServer(
  start: (options: EngineOptions) => Engine,
  listener: RequestListener,
): Promise<MeasuredServer> {
  const recorded: Recorded[] = [];
  const active = { attributes: {}, count: 0 };
  const clients: Socket[] = [];
  let wake = (): void => {};
  const server = http.createServer(listener);
  const options: EngineOptions = {
    metrics: {
      active: () => active,
      record(_seconds: number, { request, status, errorType }: Exchange) {
        recorded.push([String(request?.url), status ?? errorType]);
        wake();
      },
      restore() {},
      stop() {},
    },
    routes: { knows: () => false, start() {}, route: () => undefined },
    ignore: { path: (url) => url === '/ignored', route: () => false },
    inRequest: () => undefined,
    guard: (_place, callback) => callback,
    log: createLog('none', () => {}),
    isSteppingAside: () => false,
    isOwn: (other) => other !== server,
  };
  const engine = start(options);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    server,
    engine,
    recorded,
    active: () => active.count,
    restart: () => start(options),
    async [Symbol.asyncDispose]() {
      engine.stop();
      server.closeAllConnections();
      for (const client of clients) client.destroy();
      await server[Symbol.asyncDispose]();
    },
    async until(count) {
      while (recorded.length < count) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    async send(text) {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      const socket = connect(port, '127.0.0.1').on('error', () => undefined);
      clients.push(socket);
      let received = '';
      socket.on('data', (data) => {
        received += data;
      });
      const closed = new Promise((resolve) => socket.once('close', resolve));
      socket.write(text);
      return {
        socket,
        closed,
        get received() {
          return received;
        },
        async receives(expected) {
          while (!received.includes(expected) && !socket.destroyed) {
            await Promise.race([once(socket, 'data'), closed]);
          }
        },
      };
    },
  };
}
