import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { RequestContext } from '../in-request/context.ts';
import { bytesSent, isWhole, sentStatus, writtenHeader, writtenStatus } from './answer.ts';
import { methodOf, type OpenStream, type StreamKind, schemeOf } from './attributes.ts';
import { type Cut, cutOf } from './cut.ts';
import { type Details, settleMessages, watchMessages } from './details.ts';
import type { EngineOptions } from './engine.ts';
import { isEventStream } from './event-stream.ts';
import type { TagValues } from './header-tags.ts';
import { createFinish, type OpenExchange, openStreams } from './open-exchange.ts';
import { rejectedBy } from './rejected.ts';
import type { ActiveRequests } from './request-metrics.ts';
import type { Waiting } from './waiting.ts';

/** What Node.js publishes: https://nodejs.org/api/diagnostics_channel.html#http */
interface Message {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly socket: Socket;
  readonly server: Server;
}

class MeasuredRequest implements OpenExchange {
  readonly start = performance.now();
  route: string | undefined = undefined;
  status: number | undefined = undefined;
  errorType: string | undefined = undefined;
  streamKind: StreamKind | undefined = undefined;
  context: RequestContext | undefined = undefined;
  tags: TagValues | undefined = undefined;
  busySeconds: number | undefined = undefined;
  details: Details | undefined = undefined;
  /** Bytes that the connection had sent when the response got it. */
  sentBefore = 0;
  /** The client closed its side before anything of the answer was sent. */
  clientGone = false;
  record: OpenExchange['record'] = undefined;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly incomingUrl: string;
  readonly method: string;
  readonly scheme: 'http' | 'https';
  readonly active: ActiveRequests;

  get protocolVersion(): string {
    return this.request.httpVersion;
  }

  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    incomingUrl: string,
    method: string,
    scheme: 'http' | 'https',
    active: ActiveRequests,
  ) {
    this.request = request;
    this.response = response;
    this.incomingUrl = incomingUrl;
    this.method = method;
    this.scheme = scheme;
    this.active = active;
  }

  sentHeader(name: string): string | undefined {
    return writtenHeader(this.response, name);
  }
}

interface Served {
  /** The server goes on answering a client that has closed its side. */
  readonly server?: { readonly httpAllowHalfOpen?: unknown };
}

/** On a response: its measurement, until it is over. */
const MEASUREMENT = Symbol('routemeter.measurement');
/** On a socket. */
const CONNECTION = Symbol('routemeter.connection');

type Measured<T> = T & { [MEASUREMENT]?: MeasuredRequest | undefined };
type Watched<T> = T & { [CONNECTION]?: Connection | undefined };

class Connection {
  /** Its open requests; more than one only if they are pipelined. */
  readonly open: MeasuredRequest[] = [];
  held = false;
  /** The engine that watches it; a connection may outlive an engine. */
  readonly engine: object;

  constructor(engine: object) {
    this.engine = engine;
  }
}

/** How many sockets are held before the first search for those that closed without an event. */
const MANY = 1000;

/** One measurement per request, when its response has been handed to the system or its connection closes before that. */
export function measureHttp1(options: EngineOptions, waiting: Waiting | undefined) {
  const { metrics, routes, ignore, inRequest, guard, isOwn, measure } = options;
  const finish = createFinish(options);
  const { optIn, headerTags } = options;
  const isDetailed = optIn.firstByte || optIn.bodySize || optIn.queue;
  /** The sockets of open requests, and of some that are over. */
  const held = new Map<Socket, Connection>();
  let mostHeld = MANY;
  const engine = {};

  const end = (measurement: MeasuredRequest, status: number | undefined, cut?: Cut): void => {
    const { response } = measurement;
    (response as Measured<ServerResponse>)[MEASUREMENT] = undefined;
    if (status !== undefined && isEventStream(response)) measurement.streamKind = 'event_stream';
    if (measurement.details !== undefined) {
      const { details, request, sentBefore } = measurement;
      settleMessages(details, request, response, request.socket, sentBefore, status !== undefined);
    }
    finish(measurement, status, cut);
  };

  const isOpen = (measurement: MeasuredRequest): boolean =>
    (measurement.response as Measured<ServerResponse>)[MEASUREMENT] === measurement;

  const endUnfinished = (socket: Socket, measurement: MeasuredRequest): void => {
    if (!isOpen(measurement)) return;
    const { response, sentBefore, clientGone } = measurement;
    const status = clientGone ? undefined : sentStatus(response, socket, sentBefore);
    const isCut = status === undefined || !isWhole(response, socket, sentBefore);
    end(measurement, status, isCut ? cutOf(socket, bytesSent(socket) > sentBefore) : undefined);
  };

  // Before Node's own listener, which ends the connection and so hands corked output to a system that drops it.
  const onSocketEnd = guard('http.socket.close', function (this: Watched<Socket> & Served) {
    if (this.server?.httpAllowHalfOpen === true) return;
    for (const measurement of this[CONNECTION]?.open ?? []) {
      const { response, sentBefore } = measurement;
      measurement.clientGone =
        response.writableCorked > 0 && sentStatus(response, this, sentBefore) === undefined;
    }
  });

  const onSocketClose = guard('http.socket.close', function (this: Watched<Socket>) {
    const connection = this[CONNECTION];
    if (connection?.engine !== engine) return;
    if (connection.open.length === 0) {
      const rejected = rejectedBy(this);
      if (rejected !== undefined) metrics.record(0, rejected);
    }
    held.delete(this);
    for (const measurement of connection.open) {
      // So that what the app does at the event belongs to the request.
      if (measurement.context !== undefined) inRequest()?.continue(measurement.context);
      endUnfinished(this, measurement);
    }
    this[CONNECTION] = undefined;
  });

  // An app may remove every listener of a socket, and a socket that is reset while it ends closes without an event. If
  // the event is yet to come, it still finds the requests to which the app's listeners belong.
  const sweep = guard('http.socket.close', () => {
    for (const [socket, connection] of held) {
      if (socket.destroyed) for (const measurement of connection.open) endUnfinished(socket, measurement);
      else if (connection.open.length > 0) continue;
      held.delete(socket);
      connection.held = false;
    }
    mostHeld = Math.max(MANY, 2 * held.size);
  });

  const hold = (socket: Socket, connection: Connection): void => {
    connection.held = true;
    held.set(socket, connection);
    // In case nobody collects.
    if (held.size > mostHeld) sweep();
  };

  const connect = (socket: Watched<Socket>): Connection => {
    if (socket[CONNECTION]?.engine === engine) return socket[CONNECTION];
    const connection = new Connection(engine);
    socket[CONNECTION] = connection;
    // Before Node's own listener, which calls the app, which may then begin a response that nobody gets.
    socket.prependOnceListener('close', onSocketClose);
    socket.prependOnceListener('end', onSocketEnd);
    return connection;
  };

  const begin = guard('http.request.start', (message: unknown) => {
    const { request, response, socket, server } = message as Message;
    const incomingUrl = request.url ?? '';
    if (isOwn(server) || ignore.path(incomingUrl)) {
      inRequest()?.continue(undefined);
      return;
    }
    routes.start(request, response, server);
    const method = methodOf(request);
    const scheme = schemeOf(socket);
    const active = metrics.active(method, scheme);
    const measurement = new MeasuredRequest(request, response, incomingUrl, method, scheme, active);
    (response as Measured<ServerResponse>)[MEASUREMENT] = measurement;
    measurement.sentBefore = bytesSent(socket);
    measurement.tags = headerTags?.ofRequest(request.headers);
    if (isDetailed) {
      measurement.details = watchMessages(optIn, request, response, measurement.start);
      measurement.details.queueSeconds = waiting?.of(request.headers, socket);
    }
    measurement.record = measure?.(measurement);
    const watched: Watched<Socket> = socket;
    const connection = connect(watched);
    connection.open.push(measurement);
    if (!connection.held) hold(watched, connection);
    active.count++;
    measurement.context = inRequest()?.enter(measurement);
  });

  const onFinish = guard('http.response.finish', (message: unknown) => {
    const { response, socket } = message as { response: Measured<ServerResponse>; socket: Watched<Socket> };
    const measurement = response[MEASUREMENT];
    const open = socket[CONNECTION]?.open;
    if (open !== undefined && measurement !== undefined) {
      if (open.length === 1 && open[0] === measurement) open.length = 0;
      else open.splice(open.indexOf(measurement) >>> 0, 1);
    }
    // The next pipelined request has the connection now.
    if (open?.[0] !== undefined) open[0].sentBefore = bytesSent(socket);
    if (measurement === undefined) return;
    // A response without a body may finish on a closed connection.
    if (socket.destroyed) endUnfinished(socket, measurement);
    else end(measurement, writtenStatus(response));
  });

  subscribe('http.server.request.start', begin);
  subscribe('http.server.response.finish', onFinish);
  return {
    /** Takes a connection from its beginning: what Node.js rejects on it before the first request is measured too. */
    connect,
    begin,
    adopt() {
      const [only, ...others] = [...held.values()].flatMap(({ open }) => open);
      if (only === undefined || others.length > 0 || only.context !== undefined) return;
      only.context = inRequest()?.adopt(only);
    },
    sweep,
    *streams(): Iterable<OpenStream> {
      for (const { open } of held.values()) {
        yield* openStreams(options, open, ({ response }) =>
          isEventStream(response) ? 'event_stream' : undefined,
        );
      }
    },
    stop() {
      unsubscribe('http.server.request.start', begin);
      unsubscribe('http.server.response.finish', onFinish);
      // A request that is answered only after the next start is recorded by that engine.
      for (const { open } of held.values()) for (const measurement of open) measurement.record = undefined;
      held.clear();
    },
  };
}
