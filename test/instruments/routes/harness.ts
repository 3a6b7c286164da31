import { subscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import { createServer, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createGuard } from '../../../src/guest/guard.ts';
import { createLog } from '../../../src/guest/log.ts';
import type { RouteSource } from '../../../src/instruments/routes/route-source.ts';

export interface Observed {
  readonly status: number | undefined;
  readonly body: string;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly route: string | undefined;
}

export interface Site {
  /** Sends `path` as it is written. */
  ask(path: string, method?: string): Promise<Observed>;
  close(): Promise<void>;
}

interface RequestStart {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly server: Server;
}

/** Everything that the guard or the sources said in this process. */
export const said: string[] = [];
export const guard = createGuard(createLog('debug', (line) => said.push(line)));

const routes = new Map<string, string | undefined>();
let asked = 0;

/** Does with route sources what the HTTP instrument does: start with the request, ask when the response is over. */
export function measureWith(sources: readonly RouteSource[]): void {
  for (const source of sources) source.install?.(guard);
  const start = guard('http.request.start', ({ request, response, server }: RequestStart) => {
    for (const source of sources) source.start?.(request, response, server);
    const incomingUrl = request.url ?? '';
    let isOver = false;
    const over = guard('http.response.finish', () => {
      if (isOver) return;
      isOver = true;
      const route = sources
        .map((source) => source.route(request, response, incomingUrl))
        .find((each) => each !== undefined);
      routes.set(String(request.headers['x-case']), route);
    });
    response.once('finish', over);
    response.once('close', over);
  });
  subscribe('http.server.request.start', (message) => start(message as RequestStart));
}

/** Serves a request listener on a port of the system's choice. */
export async function serve(listener: RequestListener): Promise<Site> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    ask: (path, method = 'GET') => ask(port, path, method),
    async close() {
      server.close();
      await once(server, 'close');
    },
  };
}

async function ask(port: number, path: string, method: string): Promise<Observed> {
  const id = String(asked++);
  const headers = { 'x-case': id, connection: 'close' };
  const request = send({ host: '127.0.0.1', port, path, method, headers }).end();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  let body = '';
  response.setEncoding('utf8').on('data', (chunk: string) => {
    body += chunk;
  });
  await once(response, 'end');
  const { date: _, ...rest } = response.headers;
  return { status: response.statusCode, body, headers: rest, route: routes.get(id) };
}
