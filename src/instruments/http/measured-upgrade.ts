import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { RequestContext } from '../in-request/context.ts';
import { methodOf, type StreamKind, schemeOf } from './attributes.ts';
import type { Details } from './details.ts';
import { SWITCHING_PROTOCOLS, upgradeKind } from './handshake.ts';
import type { TagValues } from './header-tags.ts';
import { noLongerActive, type OpenExchange } from './open-exchange.ts';
import type { ActiveRequests } from './request-metrics.ts';

/** The events with which Node.js hands a connection over to the app: https://nodejs.org/api/http.html#event-upgrade_1 */
export const HANDOVERS = ['upgrade', 'connect'] as const;
export type Handover = (typeof HANDOVERS)[number];

/** A request whose connection is the app's from now on. */
export class MeasuredUpgrade implements OpenExchange {
  readonly start = performance.now();
  route: string | undefined = undefined;
  status: number | undefined = undefined;
  errorType: string | undefined = undefined;
  streamKind: StreamKind | undefined = undefined;
  context: RequestContext | undefined = undefined;
  tags: TagValues | undefined = undefined;
  busySeconds: number | undefined = undefined;
  details: Details | undefined = undefined;
  /** When the app has answered; undefined until then. */
  answered: number | undefined = undefined;
  readonly record = undefined;
  readonly event: Handover;
  readonly request: IncomingMessage;
  readonly socket: Socket;
  /** There is none; frameworks may make one of their own. */
  readonly response = {} as ServerResponse;
  readonly incomingUrl: string;
  readonly method: string;
  readonly scheme: 'http' | 'https';
  active: ActiveRequests;

  constructor(event: Handover, request: IncomingMessage, socket: Socket, activeOf: ActiveOf) {
    this.event = event;
    this.request = request;
    this.socket = socket;
    this.incomingUrl = request.url ?? '';
    this.method = methodOf(request);
    this.scheme = schemeOf(socket);
    this.active = activeOf(this.method, this.scheme);
    this.active.count++;
  }

  get protocolVersion(): string {
    return this.request.httpVersion;
  }

  /** The app writes the answer to the connection itself. */
  sentHeader(): undefined {
    return undefined;
  }

  kindSoFar(): StreamKind | undefined {
    return this.streamKind;
  }

  /** @param status undefined if what was written is no answer of HTTP */
  answer(status: number | undefined): void {
    this.status = status;
    this.answered = performance.now();
    if (!isAccepted(this.event, status)) return;
    this.streamKind = this.event === 'connect' ? 'connect' : upgradeKind(this.request);
    this.active = noLongerActive(this.active);
  }
}

type ActiveOf = (method: string, scheme: 'http' | 'https') => ActiveRequests;

function isAccepted(event: Handover, status: number | undefined): boolean {
  return event === 'upgrade'
    ? status === SWITCHING_PROTOCOLS
    : status !== undefined && status >= 200 && status < 300;
}
