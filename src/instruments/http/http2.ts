import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { IncomingHttpHeaders, ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import type { RequestContext } from '../in-request/context.ts';
import type { StreamKind } from './attributes.ts';
import { cutOfStream } from './cut.ts';
import { type Details, settleStream, watchStream } from './details.ts';
import type { EngineOptions } from './engine.ts';
import { isEventStreamType } from './event-stream.ts';
import { joined, type TagValues } from './header-tags.ts';
import { createFinish, type OpenExchange, openStreams } from './open-exchange.ts';
import type { ActiveRequests } from './request-metrics.ts';
import type { Waiting } from './waiting.ts';

/** What Node.js publishes: https://nodejs.org/api/diagnostics_channel.html#http2 */
interface Message {
  readonly stream: ServerHttp2Stream;
  readonly headers: IncomingHttpHeaders;
}

/** What there is to read of a request before Node.js makes its own object, and if the app uses the stream itself. */
class StreamRequest {
  readonly method: string;
  url: string;
  readonly headers: IncomingHttpHeaders;
  readonly httpVersion = '2';

  constructor(method: string, url: string, headers: IncomingHttpHeaders) {
    this.method = method;
    this.url = url;
    this.headers = headers;
  }
}

class MeasuredStream implements OpenExchange {
  readonly start = performance.now();
  route: string | undefined = undefined;
  status: number | undefined = undefined;
  errorType: string | undefined = undefined;
  streamKind: StreamKind | undefined = undefined;
  context: RequestContext | undefined = undefined;
  tags: TagValues | undefined = undefined;
  busySeconds: number | undefined = undefined;
  details: Details | undefined = undefined;
  record: OpenExchange['record'] = undefined;
  readonly protocolVersion = '2';
  readonly scheme: 'http' | 'https';
  readonly active: ActiveRequests;
  readonly stream: ServerHttp2Stream;
  readonly #request: StreamRequest;

  constructor(
    stream: ServerHttp2Stream,
    request: StreamRequest,
    scheme: 'http' | 'https',
    active: ActiveRequests,
  ) {
    this.stream = stream;
    this.#request = request;
    this.scheme = scheme;
    this.active = active;
  }

  get method(): string {
    return this.#request.method;
  }

  get headers(): IncomingHttpHeaders {
    return this.#request.headers;
  }

  get incomingUrl(): string {
    return this.#request.url;
  }

  /** The one that frameworks have, once there is one. */
  get request(): IncomingMessage {
    return (compatible(this.stream, 'request') ?? this.#request) as IncomingMessage;
  }

  get response(): ServerResponse {
    return (compatible(this.stream, 'response') ?? {}) as ServerResponse;
  }

  /** A tunnel is asked for by CONNECT: https://www.rfc-editor.org/rfc/rfc8441#section-4 */
  kindSoFar(): StreamKind | undefined {
    const { sentHeaders } = this.stream;
    const status = Number(sentHeaders?.[':status']);
    if (this.method === 'CONNECT' && status >= 200 && status < 300) {
      return this.headers[':protocol'] === 'websocket' ? 'websocket' : 'connect';
    }
    const type = sentHeaders?.['content-type'] ?? this.sentHeader('content-type');
    return this.method !== 'HEAD' && isEventStreamType(type) ? 'event_stream' : undefined;
  }

  /** The names are in the case in which the app has given them. */
  sentHeader(name: string): string | undefined {
    const sent = Object.entries(this.stream.sentHeaders ?? {});
    const values = sent.filter(([key]) => key.toLowerCase() === name).map(([, value]) => value);
    return joined(values.length > 1 ? values.flat() : values[0]);
  }
}

/**
 * The request or the response that Node.js makes of a stream for listeners of `request`; undefined if there is none.
 * https://nodejs.org/api/http2.html#compatibility-api
 */
function compatible(stream: ServerHttp2Stream, name: 'request' | 'response'): unknown {
  const symbol = Object.getOwnPropertySymbols(stream).find(({ description }) => description === name);
  return symbol && Reflect.get(stream, symbol);
}

/** On a stream: its measurement, until it is over. */
const MEASUREMENT = Symbol('routemeter.measurement');
type Measured = ServerHttp2Stream & { [MEASUREMENT]?: MeasuredStream | undefined };

/** Measures requests over HTTP/2, when their stream closes. A stream that the server pushes is no request. */
export function measureHttp2(options: EngineOptions, waiting: Waiting | undefined) {
  const { metrics, routes, ignore, inRequest, guard, measure } = options;
  const finish = createFinish(options);
  const { optIn, headerTags } = options;
  const isDetailed = optIn.firstByte || optIn.bodySize || optIn.queue;
  const open = new Set<MeasuredStream>();

  const begin = guard('http.request.start', (message: unknown) => {
    const { stream, headers } = message as Message;
    if (isPushed(stream)) return;
    const request = new StreamRequest(String(headers[':method']), String(headers[':path'] ?? ''), headers);
    if (ignore.path(request.url)) {
      inRequest()?.continue(undefined);
      return;
    }
    const session = stream.session as ServerHttp2Session | undefined;
    const scheme = session?.encrypted === true ? 'https' : 'http';
    const measurement = new MeasuredStream(stream, request, scheme, metrics.active(request.method, scheme));
    routes.start(session?.server as Server | undefined);
    (stream as Measured)[MEASUREMENT] = measurement;
    measurement.tags = headerTags?.ofRequest(headers);
    if (isDetailed) {
      measurement.details = watchStream(optIn, stream, measurement.start);
      measurement.details.queueSeconds = waiting?.of(headers, session?.socket);
    }
    measurement.record = measure?.(measurement);
    measurement.active.count++;
    open.add(measurement);
    measurement.context = inRequest()?.enterStream(measurement, stream);
  });

  const onClose = guard('http.response.finish', (message: unknown) => {
    const stream = (message as Message).stream as Measured;
    const measurement = stream[MEASUREMENT];
    if (measurement === undefined) return;
    stream[MEASUREMENT] = undefined;
    open.delete(measurement);
    const status = Number(stream.sentHeaders?.[':status']);
    measurement.streamKind = measurement.kindSoFar();
    const cut = cutOfStream(stream);
    if (measurement.details !== undefined) {
      settleStream(measurement.details, stream, measurement.method, cut === undefined);
    }
    finish(measurement, status > 0 ? status : undefined, cut);
  });

  const onHead = guard('http.response.finish', (message: unknown) => {
    ((message as Message).stream as Measured)[MEASUREMENT]?.details?.answered();
  });

  subscribe('http2.server.stream.start', begin);
  subscribe('http2.server.stream.close', onClose);
  if (optIn.firstByte) subscribe('http2.server.stream.finish', onHead);
  return {
    /** How many requests are open. */
    open: () => open.size,
    streams: () => openStreams(options, open),
    stop() {
      unsubscribe('http2.server.stream.start', begin);
      unsubscribe('http2.server.stream.close', onClose);
      unsubscribe('http2.server.stream.finish', onHead);
    },
  };
}

/** https://www.rfc-editor.org/rfc/rfc9113#name-stream-identifiers */
function isPushed({ id = 0 }: ServerHttp2Stream): boolean {
  return id % 2 === 0;
}
