import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { getBuiltinModule } from '../../builtin.ts';
import type { RequestContext } from '../in-request/context.ts';
import { ABORTED, type Exchange, errorTypeOf, methodOf, schemeOf } from './attributes.ts';
import type { EngineOptions } from './engine.ts';
import type { ActiveRequests } from './request-metrics.ts';

/** What Node publishes: https://nodejs.org/api/diagnostics_channel.html#http */
interface Message {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly socket: Socket;
  readonly server: Server;
}

class Measurement implements Exchange {
  readonly start = performance.now();
  route: string | undefined = undefined;
  status: number | undefined = undefined;
  errorType: string | undefined = undefined;
  context: RequestContext | undefined = undefined;
  busySeconds: number | undefined = undefined;
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
}

/** On a response: its measurement, until it is over. */
const MEASUREMENT = Symbol('routemeter.measurement');
/** On a socket: the measurements that its closing would end; more than one only when requests are pipelined. */
const OPEN = Symbol('routemeter.open');

type Measured<T> = T & { [MEASUREMENT]?: Measurement | undefined };
type Watched<T> = T & { [OPEN]?: Measurement[] };

/**
 * Measures HTTP/1 requests of every server in the process, without patching any: one observation a request, when
 * its response has been handed to the system, or when its connection closes before that.
 *
 * @returns a function that ends it
 */
export function startLeanEngine({
  metrics,
  routes,
  ignore,
  inRequest,
  guard,
  isOwn,
}: EngineOptions): () => void {
  const end = (measurement: Measurement, response: ServerResponse, begun: boolean): void => {
    measurement.active.count--;
    const route = routes.route(measurement.request, response, measurement.incomingUrl);
    measurement.route = route;
    if (measurement.context !== undefined) {
      measurement.busySeconds = inRequest()?.busySeconds(measurement.context);
      inRequest()?.finish(measurement.context, route);
    }
    if (ignore.route(route)) return;
    measurement.status = begun ? response.statusCode : undefined;
    measurement.errorType = begun ? errorTypeOf(response.statusCode) : ABORTED;
    metrics.record((performance.now() - measurement.start) / 1000, measurement);
  };

  // What Node itself says of a response: frameworks lay properties of their own over it.
  const { OutgoingMessage } = getBuiltinModule('node:http');
  const headersSent = Object.getOwnPropertyDescriptor(OutgoingMessage.prototype, 'headersSent')?.get;

  const onSocketClose = guard('http.socket.close', function (this: Watched<Socket>) {
    for (const measurement of this[OPEN] ?? []) {
      // So that what the app does when it is told belongs to the request.
      if (measurement.context !== undefined) inRequest()?.continue(measurement.context);
      const response: Measured<ServerResponse> = measurement.response;
      response[MEASUREMENT] = undefined;
      end(measurement, response, headersSent?.call(response) === true);
    }
    this[OPEN] = [];
  });

  const onStart = guard('http.request.start', (message: unknown) => {
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
    const measurement = new Measurement(request, response, incomingUrl, method, scheme, active);
    (response as Measured<ServerResponse>)[MEASUREMENT] = measurement;
    const watched: Watched<Socket> = socket;
    if (watched[OPEN] === undefined) {
      watched[OPEN] = [measurement];
      // Before Node's own listener, which tells the app, which may then begin a response that nobody gets.
      socket.prependOnceListener('close', onSocketClose);
    } else {
      watched[OPEN].push(measurement);
    }
    active.count++;
    measurement.context = inRequest()?.enter(request, response, incomingUrl);
  });

  const onFinish = guard('http.response.finish', (message: unknown) => {
    const { response, socket } = message as { response: Measured<ServerResponse>; socket: Watched<Socket> };
    const measurement = response[MEASUREMENT];
    if (measurement === undefined) return;
    response[MEASUREMENT] = undefined;
    const open = socket[OPEN];
    if (open !== undefined) {
      if (open.length === 1 && open[0] === measurement) open.length = 0;
      else open.splice(open.indexOf(measurement) >>> 0, 1);
    }
    end(measurement, response, true);
  });

  subscribe('http.server.request.start', onStart);
  subscribe('http.server.response.finish', onFinish);
  return () => {
    unsubscribe('http.server.request.start', onStart);
    unsubscribe('http.server.response.finish', onFinish);
  };
}
