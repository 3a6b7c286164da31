import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { bytesSent, isWhole, sentStatus, writtenStatus } from './answer.ts';
import { methodOf, type OpenStream, schemeOf } from './attributes.ts';
import { Connection } from './connection.ts';
import { type Cut, cutOf } from './cut.ts';
import { settleMessages, watchMessages } from './details.ts';
import type { EngineOptions } from './engine.ts';
import { asksForUpgrade, onAnswer, SWITCHING_PROTOCOLS } from './handshake.ts';
import { MeasuredRequest } from './measured-request.ts';
import { createFinish, noLongerActive, openStreams } from './open-exchange.ts';
import { rejectedBy } from './rejected.ts';
import { watchQueue } from './unsent.ts';
import type { Waiting } from './waiting.ts';

/** On a socket. */
const CONNECTION = Symbol('routemeter.connection');
type Watched = Socket & { [CONNECTION]?: Connection | undefined };

/** What Node.js publishes: https://nodejs.org/api/diagnostics_channel.html#http */
interface Message {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly socket: Watched;
  readonly server: Server;
}

interface Served {
  /** The server goes on answering a client that has closed its side. */
  readonly server?: { readonly httpAllowHalfOpen?: unknown };
}

/** How many sockets are held before the first search for those that closed without an event. */
const MANY = 1000;

/**
 * One measurement per request, when its response has been handed to the system or its connection closes before that.
 *
 * @param onConnection called with the server of each connection that was not seen before
 */
export function measureHttp1(
  options: EngineOptions,
  waiting: Waiting | undefined,
  onConnection: (server: Server) => void,
) {
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
    measurement.over = true;
    if (status !== undefined) measurement.streamKind = measurement.kindSoFar();
    if (measurement.details !== undefined) {
      const { details, request, sentBefore } = measurement;
      // Node.js itself has answered, just now.
      if (optIn.firstByte && status !== undefined && details.firstByteSeconds === undefined)
        details.answered();
      settleMessages(details, request, response, request.socket, sentBefore, status !== undefined);
    }
    finish(measurement, status, cut);
  };

  const endUnfinished = (socket: Socket, measurement: MeasuredRequest): void => {
    if (measurement.over) return;
    const { response, sentBefore, clientGone, answered } = measurement;
    if (answered !== undefined && writtenStatus(response) === undefined) {
      end(measurement, answered);
      return;
    }
    const status = clientGone ? undefined : sentStatus(response, socket, sentBefore);
    const isCut = status === undefined || !isWhole(response, socket, sentBefore);
    const wasSentTo = status === undefined && bytesSent(socket) > sentBefore;
    const isServers = (socket as Watched)[CONNECTION]?.isEndedByServer === true;
    end(measurement, status, isCut ? cutOf(socket, { wasSentTo, isServers }) : undefined);
  };

  /** An app that does not listen for upgrades may accept one even so, in the handler of the request. */
  const watchUpgrade = (measurement: MeasuredRequest, socket: Socket): void => {
    onAnswer(
      socket,
      guard('http.upgrade', (status: number | undefined) => {
        measurement.answered = status;
        if (optIn.firstByte) measurement.details?.answered();
        if (status !== SWITCHING_PROTOCOLS) return;
        measurement.active = noLongerActive(measurement.active);
        inRequest()?.follow(measurement.context, socket);
      }),
    );
  };

  // Before Node's own listener, which ends the connection and so hands corked output to a system that drops it.
  const onSocketEnd = guard('http.socket.close', function (this: Watched & Served) {
    const connection = this[CONNECTION];
    if (connection?.engine !== engine) return;
    connection.isEndedByServer = this.writableEnded;
    if (this.server?.httpAllowHalfOpen === true) return;
    for (const measurement of connection.open()) {
      const { response, sentBefore } = measurement;
      measurement.clientGone =
        response.writableCorked > 0 && sentStatus(response, this, sentBefore) === undefined;
    }
  });

  const onSocketClose = guard('http.socket.close', function (this: Watched) {
    const connection = this[CONNECTION];
    if (connection?.engine !== engine) return;
    if (connection.first === undefined) {
      const rejected = rejectedBy(this);
      if (rejected !== undefined) metrics.record(0, rejected);
    }
    held.delete(this);
    for (const measurement of connection.open()) {
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
      if (socket.destroyed) for (const measurement of connection.open()) endUnfinished(socket, measurement);
      else if (connection.first !== undefined) continue;
      held.delete(socket);
      connection.isHeld = false;
    }
    mostHeld = Math.max(MANY, 2 * held.size);
  });

  const hold = (socket: Socket, connection: Connection): void => {
    connection.isHeld = true;
    held.set(socket, connection);
    // In case nobody collects.
    if (held.size > mostHeld) sweep();
  };

  const connect = (socket: Watched, server: Server): Connection => {
    const connection = new Connection(schemeOf(socket), engine, isOwn(server));
    // Those that an engine before this one has begun to measure.
    for (const measurement of socket[CONNECTION]?.open() ?? []) connection.add(measurement);
    socket[CONNECTION] = connection;
    if (connection.isOwn) return connection;
    onConnection(server);
    // Before Node's own listener, which calls the app, which may then begin a response that nobody gets.
    socket.prependOnceListener('close', onSocketClose);
    socket.prependOnceListener('end', onSocketEnd);
    if (optIn.bodySize) watchQueue(socket);
    return connection;
  };

  const begin = guard('http.request.start', (message: unknown) => {
    const { request, response, socket, server } = message as Message;
    const known = socket[CONNECTION];
    const connection = known?.engine === engine ? known : connect(socket, server);
    const incomingUrl = request.url ?? '';
    if (connection.isOwn || ignore.path(incomingUrl)) {
      inRequest()?.continue(undefined);
      return;
    }
    routes.start(server);
    const { scheme } = connection;
    const method = methodOf(request);
    const last = connection.active;
    const active = last?.method === method ? last : metrics.active(method, scheme);
    connection.active = active;
    const measurement = new MeasuredRequest(request, response, incomingUrl, method, scheme, active);
    measurement.sentBefore = bytesSent(socket);
    measurement.tags = headerTags?.ofRequest(request.headers);
    if (isDetailed) {
      measurement.details = watchMessages(optIn, request, response, measurement.start);
      measurement.details.queueSeconds = waiting?.of(request.headers, socket);
    }
    measurement.record = measure?.(measurement);
    connection.add(measurement);
    if (!connection.isHeld) hold(socket, connection);
    active.count++;
    measurement.context = inRequest()?.enter(measurement);
    if (connection.first === measurement && asksForUpgrade(request)) watchUpgrade(measurement, socket);
  });

  const onFinish = guard('http.response.finish', (message: unknown) => {
    const { response, socket } = message as Message;
    const connection = socket[CONNECTION];
    if (connection === undefined || connection.first?.answered === SWITCHING_PROTOCOLS) return;
    const measurement = connection.take(response);
    // The next pipelined request has the connection now.
    if (connection.first !== undefined) connection.first.sentBefore = bytesSent(socket);
    if (measurement === undefined || measurement.over) return;
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
      const [only, ...others] = [...held.values()].flatMap((connection) => connection.open());
      if (only === undefined || others.length > 0 || only.context !== undefined) return;
      only.context = inRequest()?.adopt(only);
    },
    sweep,
    *streams(): Iterable<OpenStream> {
      for (const connection of held.values()) {
        yield* openStreams(options, connection.open());
      }
    },
    stop() {
      unsubscribe('http.server.request.start', begin);
      unsubscribe('http.server.response.finish', onFinish);
      // A request that is answered only after the next start is recorded by that engine.
      for (const connection of held.values()) {
        for (const measurement of connection.open()) measurement.record = undefined;
      }
      held.clear();
    },
  };
}
