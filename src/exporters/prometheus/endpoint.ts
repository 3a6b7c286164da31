import { EventEmitter } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { isMainThread } from 'node:worker_threads';
import { getBuiltinModule } from '../../builtin.ts';
import { describe, type Guard } from '../../guard.ts';
import type { Log } from '../../log.ts';
import type { Collect } from './collect.ts';
import { acceptsGzip, writeChunks } from './response.ts';
import type { Writer } from './writer.ts';

export interface EndpointOptions {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  readonly collect: Collect;
  readonly write: Writer;
  readonly log: Log;
  readonly guard: Guard;
}

export interface Endpoint {
  readonly server: Server;
  /** Resolves with the URL of the metrics, or undefined when it cannot listen; it has then said why. */
  open(): Promise<string | undefined>;
  /** Stops listening at once, and says so, if that is the port. */
  releasePort(port: number): void;
  /** Ends every connection, busy or idle. */
  close(): Promise<void>;
}

const PATH = '/metrics';
const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';
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

  return {
    server,
    open: () =>
      new Promise((resolve) => {
        let listening = false;
        const failed = (error: unknown): void => {
          if (listening) log.once('prometheus.server', 'error', `Prometheus endpoint: ${describe(error)}`);
          else log.error(cannotListen(host, port, error));
          resolve(undefined);
        };
        server.on('error', failed);
        try {
          server.listen({ host, port, exclusive: true }, () => {
            listening = true;
            resolve(`http://${authority(host, boundPort(server, port))}${PATH}`);
          });
        } catch (error) {
          failed(error);
        }
      }),
    releasePort(wanted) {
      if (!server.listening || boundPort(server, port) !== wanted) return;
      server.close();
      server.closeAllConnections();
      log.error(`the app takes port ${wanted} for itself. ${NOT_SERVED}`);
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
  const gzip = acceptsGzip(request.headers['accept-encoding']);
  const head = (): void => {
    response.writeHead(200, {
      'content-type': CONTENT_TYPE,
      vary: 'accept-encoding',
      ...(gzip && { 'content-encoding': 'gzip' }),
    });
  };
  if (request.method === 'HEAD') {
    head();
    response.end();
    return;
  }
  let metrics: Awaited<ReturnType<Collect>>;
  try {
    metrics = await options.collect();
  } catch (error) {
    return plain(500, `No metrics: ${describe(error).replace(/\s+/g, ' ')}`);
  }
  head();
  await writeChunks(response, options.write(metrics), gzip);
}

/** Without the query; a client may also send the whole URL. */
function pathOf({ url = '' }: IncomingMessage): string | undefined {
  return URL.parse(url, 'http://localhost')?.pathname;
}

function boundPort(server: Server, asked: number): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : asked;
}

function authority(host: string, port: number): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

const NOT_SERVED =
  `The metrics of this ${isMainThread ? 'process' : 'worker thread'} are not served, the app goes on. ` +
  'Set OTEL_EXPORTER_PROMETHEUS_HOST and OTEL_EXPORTER_PROMETHEUS_PORT to choose another address.';

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is already in use',
  EACCES: 'this process may not listen on that port',
  EADDRNOTAVAIL: 'this machine does not have that address',
  ENOTFOUND: 'the host name is not known',
};

function cannotListen(host: string, port: number, error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const reason = REASONS[code] ?? describe(error);
  return `cannot listen on ${authority(host, port)}: ${reason}. ${NOT_SERVED}`;
}
