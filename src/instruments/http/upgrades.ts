import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { RequestContext } from '../in-request/context.ts';
import { methodOf, type StreamKind, schemeOf } from './attributes.ts';
import { cutOf } from './cut.ts';
import { Details } from './details.ts';
import type { EngineOptions } from './engine.ts';
import { onAnswer } from './handshake.ts';
import type { TagValues } from './header-tags.ts';
import { createFinish, type OpenExchange, openStreams } from './open-exchange.ts';
import type { Waiting } from './waiting.ts';

/** The events with which Node.js hands a connection over to the app: https://nodejs.org/api/http.html#event-upgrade_1 */
const EVENTS = ['upgrade', 'connect'] as const;
type Handover = (typeof EVENTS)[number];

/** A request whose connection is the app's from now on. */
class MeasuredUpgrade implements OpenExchange {
  readonly start = performance.now();
  route: string | undefined = undefined;
  status: number | undefined = undefined;
  errorType: string | undefined = undefined;
  streamKind: StreamKind | undefined = undefined;
  readonly context: RequestContext | undefined = undefined;
  tags: TagValues | undefined = undefined;
  busySeconds: number | undefined = undefined;
  details: Details | undefined = undefined;
  readonly record = undefined;
  readonly request: IncomingMessage;
  /** There is none; frameworks may make one of their own. */
  readonly response = {} as ServerResponse;
  readonly incomingUrl: string;
  readonly method: string;
  readonly scheme: 'http' | 'https';
  /** It is no request in progress. */
  readonly active = { attributes: {}, count: 0 };

  constructor(request: IncomingMessage, scheme: 'http' | 'https') {
    this.request = request;
    this.incomingUrl = request.url ?? '';
    this.method = methodOf(request);
    this.scheme = scheme;
  }

  get protocolVersion(): string {
    return this.request.httpVersion;
  }

  /** The app writes the answer to the connection itself. */
  sentHeader(): undefined {
    return undefined;
  }
}

/**
 * Measures requests by which a client asks for the connection itself, as for a WebSocket: accepted ones as streams, which
 * end when the connection closes, and refused ones as ordinary requests. Node.js publishes neither on a channel. A server
 * is listened to only while the app itself listens for the event: without a listener Node.js takes such a request as an
 * ordinary one.
 */
export function measureUpgrades(options: EngineOptions, waiting: Waiting | undefined) {
  const { routes, ignore, guard, optIn } = options;
  const finish = createFinish(options);
  const open = new Set<MeasuredUpgrade>();

  const begin = guard(
    'http.upgrade',
    function (this: Server, event: Handover, request: IncomingMessage, socket: Socket) {
      if (ignore.path(request.url ?? '')) return;
      const measurement = new MeasuredUpgrade(request, schemeOf(socket));
      measurement.tags = options.headerTags?.ofRequest(request.headers);
      routes.start(request, measurement.response, this);
      open.add(measurement);
      if (optIn.firstByte || optIn.queue) measurement.details = new Details(measurement.start);
      if (measurement.details !== undefined) {
        measurement.details.queueSeconds = waiting?.of(request.headers, socket);
      }
      let answered: number | undefined;
      onAnswer(
        socket,
        guard('http.upgrade', (status: number | undefined) => {
          measurement.status = status;
          answered = performance.now();
          if (optIn.firstByte) measurement.details?.answered();
          if (isAccepted(event, status)) measurement.streamKind = kindOf(event, request);
        }),
      );
      socket.prependOnceListener(
        'close',
        guard('http.upgrade', () => {
          open.delete(measurement);
          const { status, streamKind } = measurement;
          const cut = status === undefined ? cutOf(socket, answered !== undefined) : undefined;
          const millis = streamKind === undefined ? (answered ?? performance.now()) : performance.now();
          finish(measurement, status, cut, millis);
        }),
      );
    },
  );

  const listeners = {
    upgrade(this: Server, request: IncomingMessage, socket: Socket): void {
      begin.call(this, 'upgrade', request, socket);
    },
    connect(this: Server, request: IncomingMessage, socket: Socket): void {
      begin.call(this, 'connect', request, socket);
    },
  };
  const watched: WeakRef<Server>[] = [];

  /** The app's last listener has gone: Node.js must not find ours. */
  const onRemoved = guard('http.upgrade', function (this: Server, event: Handover) {
    if (EVENTS.includes(event) && this.listenerCount(event) === 1)
      this.removeListener(event, listeners[event]);
  });

  const watch = (server: Server): void => {
    for (const event of EVENTS) {
      if (server.listenerCount(event) === 0 || server.listeners(event).includes(listeners[event])) continue;
      server.prependListener(event, listeners[event]);
      if (server.listeners('removeListener').includes(onRemoved)) continue;
      server.on('removeListener', onRemoved);
      watched.push(new WeakRef(server));
    }
  };

  return {
    /** To be called with each connection, for an app may listen for the events at any time. */
    watch,
    streams: () => openStreams(options, open, ({ streamKind }) => streamKind),
    stop() {
      for (const each of watched) {
        const server = each.deref();
        server?.removeListener('removeListener', onRemoved);
        for (const event of EVENTS) server?.removeListener(event, listeners[event]);
      }
    },
  };
}

function isAccepted(event: Handover, status: number | undefined): boolean {
  return event === 'upgrade' ? status === 101 : status !== undefined && status >= 200 && status < 300;
}

function kindOf(event: Handover, { headers }: IncomingMessage): StreamKind {
  if (event === 'connect') return 'connect';
  return headers.upgrade?.toLowerCase() === 'websocket' ? 'websocket' : 'upgrade';
}
