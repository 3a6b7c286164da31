/** Engines and servers in the process of the test: what an engine records of the requests that a test sends. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import http, { type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createGuard } from '../../../src/guest/guard.ts';
import { createLog } from '../../../src/guest/log.ts';
import type { Exchange, StreamKind } from '../../../src/instruments/http/attributes.ts';
import type { Details, OptIn } from '../../../src/instruments/http/details.ts';
import type { Engine, EngineOptions } from '../../../src/instruments/http/engine.ts';
import { createIgnore } from '../../../src/instruments/ignore.ts';
import { createRouteOf } from '../../../src/instruments/routes/route-of.ts';
import type { RouteSource } from '../../../src/instruments/routes/route-source.ts';

export type StartEngine = (options: EngineOptions) => Engine;

export interface Recorded extends Pick<Exchange, 'method' | 'scheme' | 'protocolVersion' | 'route'> {
  /** As the app has left it. */
  readonly url: string | undefined;
  /** The status, or `error.type` if nothing was sent. */
  readonly outcome: number | string | undefined;
  readonly errorType: string | undefined;
  readonly streamKind: StreamKind | undefined;
  readonly details: Details | undefined;
}

export type Measured = ReturnType<typeof measure>;
export type Site = Awaited<ReturnType<Measured['serve']>>;
export type Answer = Awaited<ReturnType<Site['ask']>>;

export const get = (path: string, ...headers: string[]): string =>
  [`GET ${path} HTTP/1.1`, 'Host: x', ...headers, '', ''].join('\r\n');

/** What guards and sources have logged in this process. */
export const logged: string[] = [];
const log = createLog('debug', (line) => logged.push(line));
export const guard = createGuard(log);

const installed = new Set<RouteSource>();
const CASE = 'x-case';
let asked = 0;
let running = false;

/** Measures every HTTP server of this process by an engine. */
export function measure(
  start: StartEngine,
  {
    sources = [],
    ignore = [],
    optIn = { firstByte: false, bodySize: false, queue: false },
    isOwn = () => false,
  }: {
    sources?: readonly RouteSource[];
    ignore?: readonly string[];
    optIn?: OptIn;
    isOwn?: (server: Server) => boolean;
  } = {},
) {
  assert.ok(!running, 'two engines at once would measure the same responses');
  running = true;
  for (const source of sources)
    if (!installed.has(source))
      source.install?.(
        guard,
        () => {},
        () => {},
        () => {},
      );
  for (const source of sources) installed.add(source);
  const recorded: Recorded[] = [];
  const seconds: number[] = [];
  const routes = new Map<unknown, string | undefined>();
  const active = { method: 'GET', attributes: {}, count: 0 };
  const sites: AsyncDisposable[] = [];
  const wake: (() => void)[] = [];
  const untilTrue = async (holds: () => boolean): Promise<void> => {
    while (!holds()) await new Promise<void>((resolve) => wake.push(resolve));
  };
  const options: EngineOptions = {
    metrics: {
      active: () => active,
      record(duration, exchange) {
        seconds.push(duration);
        const { request, status, errorType, streamKind, details, method, scheme, protocolVersion, route } =
          exchange;
        const outcome = status ?? errorType;
        recorded.push({
          url: request?.url,
          outcome,
          errorType,
          streamKind,
          details,
          method,
          scheme,
          protocolVersion,
          route,
        });
        routes.set(request?.headers[CASE], route);
        for (const each of wake.splice(0)) each();
      },
      watchStreams() {},
      stop() {},
    },
    routes: createRouteOf({ asked: sources, look() {} }, undefined, guard, () => {}),
    ignore: createIgnore(ignore),
    inRequest: () => undefined,
    guard,
    log,
    optIn,
    headerTags: undefined,
    listening: [],
    isOwn,
    isSteppingAside: () => false,
  };
  const engine = start(options);

  /** Listens with a server, or with one that has this listener. */
  const serve = async (listener: RequestListener | Server) => {
    const server = typeof listener === 'function' ? http.createServer(listener) : listener;
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const clients: Socket[] = [];
    const site = {
      server,
      port,
      /** Makes one request and waits until it is recorded; `path` is sent as it is. */
      async ask(path: string, method = 'GET') {
        const id = String(asked++);
        const headers = { [CASE]: id, connection: 'close' };
        const request = http.request({ host: '127.0.0.1', port, path, method, headers }).end();
        const [response] = (await once(request, 'response')) as [IncomingMessage];
        const body = (await response.setEncoding('utf8').toArray()).join('');
        await untilTrue(() => routes.has(id));
        return { status: response.statusCode, body, route: routes.get(id) };
      },
      /** Opens a connection and sends a text. */
      send(text: string) {
        const socket = connect(port, '127.0.0.1');
        clients.push(socket);
        socket.write(text);
        return clientOf(socket);
      },
      async [Symbol.asyncDispose]() {
        for (const socket of clients) socket.destroy();
        server.closeAllConnections();
        if (server.listening) await server[Symbol.asyncDispose]();
      },
    };
    sites.push(site);
    return site;
  };

  return {
    engine,
    recorded: recorded as readonly Recorded[],
    /** The duration of each. */
    seconds: seconds as readonly number[],
    serve,
    /** URL and outcome of what is recorded, `/a 200`. */
    outcomes: () => recorded.map(({ url, outcome }) => `${url} ${outcome}`),
    active: () => active.count,
    /** Starts another engine. */
    restart: () => start(options),
    /** Waits until that many requests are recorded. */
    until: (count: number) => untilTrue(() => recorded.length >= count),
    async [Symbol.asyncDispose]() {
      await Promise.all(sites.map((site) => site[Symbol.asyncDispose]()));
      engine.stop();
      running = false;
    },
  };
}

/** A client on a connection that others have opened. */
export function clientOf<Stream extends Duplex>(socket: Stream) {
  let received = '';
  socket.on('error', () => undefined);
  socket.on('data', (data) => {
    received += data;
  });
  const closed = new Promise((resolve) => socket.once('close', resolve));
  return {
    socket,
    closed,
    get received() {
      return received;
    },
    /** Waits until it has received a text, or is closed. */
    async receives(expected: string) {
      while (!received.includes(expected) && !socket.destroyed) {
        await Promise.race([once(socket, 'data'), closed]);
      }
    },
  };
}
