import { EventEmitter } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Answer, MetricsRequest } from '../../api/metrics-slot.ts';
import { getBuiltinModule } from '../../guest/builtin.ts';
import type { Guard } from '../../guest/guard.ts';
import type { Log } from '../../guest/log.ts';
import { describe } from '../../guest/text.ts';
import { plain } from './answers.ts';

export interface EndpointOptions {
  readonly host: string;
  /** With 0 the system chooses one. */
  readonly port: number;
  /** Never rejects. */
  readonly answer: (request: MetricsRequest) => Promise<Answer>;
  readonly log: Log;
  readonly guard: Guard;
}

export interface Endpoint {
  readonly server: Server;
  /** Binds the port. Resolves with the system's error if it cannot; never rejects. */
  listen(): Promise<NodeJS.ErrnoException | undefined>;
  /** Where the metrics are; has the configured port until it listens. */
  readonly url: string;
  /** If it listens on that port, stops at once and ends every connection. */
  releasePort(port: number): boolean;
  /** Ends every connection, busy or idle. */
  close(): Promise<void>;
}

const PATH = '/metrics';
/** Scrapers, browsers and probes are few: more connections are an accident or an attack. */
const MOST_CONNECTIONS = 100;
/**
 * Milliseconds without traffic after which a connection is closed, so that a client that never reads frees its scrape.
 */
const STALLED_AFTER = 60_000;

/**
 * The HTTP server that Prometheus scrapes. It never keeps the process alive. Each process binds by itself, including
 * the workers of a cluster.
 */
export function createEndpoint(options: EndpointOptions): Endpoint {
  const { host, port, log, guard } = options;
  const handle = guard('prometheus.request', (request: IncomingMessage, response: ServerResponse): true => {
    response.on('error', () => {});
    answer(request, response, options).catch(
      guard('prometheus.request', (error: unknown) => {
        response.destroy();
        throw error;
      }),
    );
    return true;
  });

  const server = getBuiltinModule('node:http').createServer((request, response) => {
    if (handle(request, response) !== true) response.destroy();
  });
  // The prototype's may have been patched by the app's instrumentation, and a scrape is not a request to the app.
  server.emit = EventEmitter.prototype.emit;
  server.unref();
  server.maxConnections = MOST_CONNECTIONS;
  server.timeout = STALLED_AFTER;
  server.on('connection', (socket) => socket.unref());

  server.on('error', (error) => {
    if (server.listening) log.once('prometheus.server', 'error', `Prometheus endpoint: ${describe(error)}`);
  });

  return {
    server,
    listen: () =>
      new Promise((resolve) => {
        const settle = (error?: NodeJS.ErrnoException): void => {
          server.off('listening', settle);
          server.off('error', settle);
          resolve(error);
        };
        server.once('listening', settle);
        server.once('error', settle);
        try {
          // The resolver does not know the name with a trailing dot.
          server.listen({ host: host.replace(/^localhost\.$/i, 'localhost'), port, exclusive: true });
        } catch (error) {
          settle(error instanceof Error ? error : new Error(String(error)));
        }
      }),
    get url() {
      return `http://${authority(host, boundPort(server, port))}${PATH}`;
    },
    releasePort(wanted) {
      if (!server.listening || boundPort(server, port) !== wanted) return false;
      server.close();
      server.closeAllConnections();
      return true;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: EndpointOptions,
): Promise<void> {
  const { method, headers } = request;
  const url = urlOf(request);
  const {
    status,
    headers: written,
    send,
  } = url?.pathname === PATH
    ? await options.answer({ method, query: url.searchParams, headers })
    : plain(404, `Not found. The metrics are at ${PATH}.`);
  // What it returns is not used: Restify replaces the prototype's by one that returns nothing.
  response.writeHead(status, written);
  await send(response);
}

/** A client may also send the whole URL. */
function urlOf({ url = '' }: IncomingMessage): URL | null {
  return URL.parse(url, 'http://localhost');
}

function boundPort(server: Server, asked: number): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : asked;
}

export function authority(host: string, port: number): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
