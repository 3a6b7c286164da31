import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RequestContext } from '../in-request/context.ts';
import { writtenHeader } from './answer.ts';
import type { StreamKind } from './attributes.ts';
import type { Details } from './details.ts';
import { isEventStream } from './event-stream.ts';
import { SWITCHING_PROTOCOLS, upgradeKind } from './handshake.ts';
import type { TagValues } from './header-tags.ts';
import type { OpenExchange } from './open-exchange.ts';
import type { ActiveRequests } from './request-metrics.ts';

/** A request over HTTP/1, with a response of Node.js. */
export class MeasuredRequest implements OpenExchange {
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
  /** Bytes that the connection had sent when the response got it. */
  sentBefore = 0;
  /** What the request, which has asked for an upgrade, was answered on the connection, by whomever. */
  answered: number | undefined = undefined;
  /** The client closed its side before anything of the answer was sent. */
  clientGone = false;
  /** It has been recorded. */
  over = false;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly incomingUrl: string;
  readonly method: string;
  readonly scheme: 'http' | 'https';
  active: ActiveRequests;

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

  kindSoFar(): StreamKind | undefined {
    if (this.answered === SWITCHING_PROTOCOLS) return upgradeKind(this.request);
    return isEventStream(this.response) ? 'event_stream' : undefined;
  }
}
