import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RequestContext } from '../in-request/context.ts';
import { type Exchange, errorTypeOfStatus, type OpenStream, type StreamKind } from './attributes.ts';
import type { Cut } from './cut.ts';
import type { EngineOptions } from './engine.ts';
import type { HeaderOf, TagValues } from './header-tags.ts';
import type { ActiveRequests } from './request-metrics.ts';

/** A request that is being answered. */
export interface OpenExchange extends Exchange {
  /** Milliseconds of a monotonic clock. */
  readonly start: number;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly incomingUrl: string;
  active: ActiveRequests;
  context: RequestContext | undefined;
  tags: TagValues | undefined;
  /** A header of the answer as it was sent. */
  readonly sentHeader: HeaderOf;
  /** Which kind of stream the answer is, as far as that can be told while it is open. */
  kindSoFar(): StreamKind | undefined;
  /** Records the duration in place of the engine. */
  record: ((exchange: Exchange) => void) | undefined;
}

/**
 * Ends a request.
 *
 * @param status that the client got; undefined if it got no answer
 * @param cut why there is no whole answer, unless there is
 * @param at when it ended, in milliseconds of the clock with which it began; now, by default
 */
export type Finish = (
  exchange: OpenExchange,
  status: number | undefined,
  cut?: Cut | undefined,
  at?: number,
) => void;

export function createFinish({ metrics, routes, ignore, inRequest, headerTags }: EngineOptions): Finish {
  return (exchange, status, cut, at) => {
    const { request, response, incomingUrl, context } = exchange;
    exchange.active.count--;
    const route = routes.route(request, response, incomingUrl, context?.named);
    exchange.route = route;
    if (exchange.tags !== undefined && status !== undefined) {
      headerTags?.addAnswer(exchange.tags, (name) => exchange.sentHeader(name));
    }
    if (context !== undefined) {
      exchange.busySeconds = inRequest()?.busySeconds(context);
      inRequest()?.finish(context, route);
    }
    if (ignore.route(route, context?.ignored)) return;
    exchange.status = status;
    exchange.errorType = (status === undefined ? undefined : errorTypeOfStatus(status)) ?? cut;
    // However it ends, an end is what a stream is meant to have.
    if (exchange.streamKind !== undefined) exchange.errorType = undefined;
    if (exchange.record !== undefined) exchange.record(exchange);
    // Not earlier: no request is busy for longer than it takes.
    else metrics.record(((at ?? performance.now()) - exchange.start) / 1000, exchange);
  };
}

/** A request that has become a stream in progress. @returns what it counts as until it is over */
export function noLongerActive(active: ActiveRequests): ActiveRequests {
  active.count--;
  return { ...active, count: 1 };
}

/** Those of the open requests that are streams, with their routes so far as they are known, unless they are ignored. */
export function* openStreams(
  { routes, ignore }: Pick<EngineOptions, 'routes' | 'ignore'>,
  open: Iterable<OpenExchange>,
): Iterable<OpenStream> {
  for (const exchange of open) {
    const kind = exchange.kindSoFar();
    if (kind === undefined) continue;
    const { request, response, incomingUrl, context } = exchange;
    const route = routes.route(request, response, incomingUrl, context?.named);
    if (!ignore.route(route, context?.ignored)) yield { route, kind };
  }
}
