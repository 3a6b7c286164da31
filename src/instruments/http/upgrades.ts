import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import { cutOf } from './cut.ts';
import { Details } from './details.ts';
import type { EngineOptions } from './engine.ts';
import { FirstListener } from './first-listener.ts';
import { onAnswer } from './handshake.ts';
import { HANDOVERS, type Handover, MeasuredUpgrade } from './measured-upgrade.ts';
import { createFinish, openStreams } from './open-exchange.ts';
import type { Waiting } from './waiting.ts';

/** On a socket that has been handed over. */
const MEASUREMENT = Symbol('routemeter.measurement');
type Measured = Socket & { [MEASUREMENT]?: MeasuredUpgrade };

/**
 * Measures requests by which a client asks for the connection itself, as for a WebSocket: accepted ones as streams, which
 * end when the connection closes, and refused ones as ordinary requests. Node.js publishes neither on a channel. Without
 * a listener of the app's for such requests Node.js takes them as ordinary ones, and so does the engine.
 */
export function measureUpgrades(options: EngineOptions, waiting: Waiting | undefined) {
  const { metrics, routes, ignore, inRequest, guard, optIn } = options;
  const finish = createFinish(options);
  const open = new Set<MeasuredUpgrade>();

  const end = (measurement: MeasuredUpgrade): void => {
    if (!open.delete(measurement)) return;
    const { status, streamKind, socket, answered } = measurement;
    const closed = { wasSentTo: answered !== undefined, isServers: false };
    const cut = status === undefined ? cutOf(socket, closed) : undefined;
    finish(measurement, status, cut, streamKind === undefined ? answered : undefined);
  };

  const begin = guard(
    'http.upgrade',
    function (this: Server, event: Handover, request: IncomingMessage, socket: Measured) {
      // Another listener may have been the first before, and CONNECT over HTTP/2 is a stream like any other.
      if (socket[MEASUREMENT] !== undefined || request.httpVersionMajor > 1) return;
      if (ignore.path(request.url ?? '')) {
        inRequest()?.continue(undefined);
        return;
      }
      const measurement = new MeasuredUpgrade(event, request, socket, metrics.active);
      socket[MEASUREMENT] = measurement;
      measurement.tags = options.headerTags?.ofRequest(request.headers);
      routes.start(this);
      open.add(measurement);
      if (optIn.firstByte || optIn.queue) measurement.details = new Details(measurement.start);
      if (measurement.details !== undefined) {
        measurement.details.queueSeconds = waiting?.of(request.headers, socket);
      }
      measurement.context = inRequest()?.enter(measurement);
      inRequest()?.follow(measurement.context, socket);
      onAnswer(
        socket,
        guard('http.upgrade', (status: number | undefined) => {
          measurement.answer(status);
          if (optIn.firstByte) measurement.details?.answered();
        }),
      );
      // The app has said its last word: a refusal is over then, as any other answer is.
      const onFinish = guard('http.upgrade', () => {
        if (measurement.streamKind === undefined) end(measurement);
      });
      const onClose = guard('http.upgrade', () => end(measurement));
      socket.prependOnceListener('finish', onFinish).prependOnceListener('close', onClose);
    },
  );

  const first = HANDOVERS.map(
    (event) =>
      new FirstListener(event, function (this: unknown, request, socket) {
        begin.call(this as Server, event, request as IncomingMessage, socket as Socket);
      }),
  );
  const watched: WeakRef<Server>[] = [];
  const seen = new WeakSet<Server>();

  return {
    /** To be called with each connection, for an app may listen for the events at any time. */
    watch(server: Server): void {
      for (const each of first) each.watch(server);
      if (seen.has(server)) return;
      seen.add(server);
      watched.push(new WeakRef(server));
    },
    streams: () => openStreams(options, open),
    /** An app may remove every listener of a socket. */
    sweep: guard('http.socket.close', () => {
      for (const measurement of open) if (measurement.socket.destroyed) end(measurement);
    }),
    stop() {
      for (const each of watched) {
        const server = each.deref();
        if (server !== undefined) for (const listener of first) listener.stop(server);
      }
      open.clear();
    },
  };
}
