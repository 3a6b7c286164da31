import { EventEmitter } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { getBuiltinModule } from '../../guest/builtin.ts';
import type { Guard } from '../../guest/guard.ts';
import type { Log } from '../../guest/log.ts';
import { describe } from '../../guest/text.ts';
import type { Exposition } from './exposition.ts';
import type { Format } from './formats/format.ts';
import { acceptsGzip, writeChunks } from './response.ts';

export interface EndpointOptions {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** What is served; rejects when there is nothing to serve, or not in time. */
  readonly collect: () => Promise<Exposition>;
  readonly formats: readonly [Format, ...Format[]];
  readonly log: Log;
  readonly guard: Guard;
}

export interface Endpoint {
  readonly server: Server;
  /** Binds the port: nothing when it is bound, else the system's error. Never rejects. */
  listen(): Promise<NodeJS.ErrnoException | undefined>;
  /** Where the metrics are, once it listens; with the configured port otherwise. */
  readonly url: string;
  /** Stops listening at once, and ends every connection, if that is the port. */
  releasePort(port: number): boolean;
  /** Ends every connection, busy or idle. */
  close(): Promise<void>;
}

const PATH = '/metrics';
/** Scrapers, browsers and probes are few; more than this is an accident or an attack. */
const MOST_CONNECTIONS = 100;
/** Milliseconds that a connection may stand still, so that a client that never reads lets go of its scrape. */
const STALLED_AFTER = 60_000;

/**
 * The HTTP server that Prometheus scrapes. It never keeps the process alive, and each process binds by itself, the
 * workers of a cluster too.
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
  // Not the prototype's, which the app's instrumentation may have patched: a scrape is no request to the app.
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
          // As the resolver knows it.
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
  const plain = (status: number, text: string): void => {
    response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${text}\n`);
  };
  if (pathOf(request) !== PATH) return plain(404, `Not found. The metrics are at ${PATH}.`);
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD');
    return plain(405, 'Method not allowed.');
  }
  const [format] = options.formats;
  const gzip = acceptsGzip(request.headers['accept-encoding']);
  const head = (): void => {
    response.writeHead(200, {
      'content-type': format.contentType,
      vary: 'accept-encoding',
      ...(gzip && { 'content-encoding': 'gzip' }),
    });
  };
  if (request.method === 'HEAD') {
    head();
    response.end();
    return;
  }
  let exposition: Exposition;
  try {
    exposition = await options.collect();
  } catch (error) {
    return plain(500, `No metrics: ${describe(error).replace(/\s+/g, ' ')}`);
  }
  head();
  await writeChunks(response, format.write(exposition, options.log), gzip);
}

/** Without the query; a client may also send the whole URL. */
function pathOf({ url = '' }: IncomingMessage): string | undefined {
  return URL.parse(url, 'http://localhost')?.pathname;
}

function boundPort(server: Server, asked: number): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : asked;
}

export function authority(host: string, port: number): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
