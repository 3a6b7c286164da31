import type { IncomingMessage, ServerResponse } from 'node:http';
import { importedSlot } from './slot.ts';

/** Serves the metrics in whatever way it is called. */
export interface MetricsHandler {
  /** `node:http`, Express, Connect, Polka, Restify */
  (request: IncomingMessage, response: ServerResponse, next?: unknown): Promise<void>;
  /** Fastify */
  (request: { readonly raw: IncomingMessage }, reply: FastifyReply): Promise<FastifyReply>;
  /** Koa */
  (context: KoaContext, next?: unknown): Promise<void>;
  /** A function from a `Request` to a `Response`, as in Next.js and Deno */
  (request: Request): Promise<Response>;
  /** Hono */
  (context: { readonly req: { readonly raw: Request } }): Promise<Response>;
  /** h3 1 */
  (event: { readonly node: { readonly req: IncomingMessage; readonly res: ServerResponse } }): Promise<void>;
  /** h3 2, and Elysia, SvelteKit, Remix and others with a `request` */
  (event: { readonly req: Request } | { readonly request: Request }): Promise<Response>;
}

interface FastifyReply {
  readonly raw: ServerResponse;
  hijack(): unknown;
}

interface KoaContext {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  respond?: boolean;
}

const shared = importedSlot();

/**
 * A handler that serves the metrics on the app's own port, for the sum of all processes and in every format, as the
 * endpoint of the `prometheus` exporter does. The app decides on the path, and on who may call it. The request itself is
 * not measured.
 *
 * @example
 * app.get('/metrics', metricsHandler());
 *
 * @returns a function for `node:http`, Express, Fastify, Koa, Hono, and for whatever hands over a `Request`. It answers
 *   503 while nothing is measured, or without the exporter.
 */
export function metricsHandler(): MetricsHandler {
  const handler = async (first: unknown, second: unknown): Promise<unknown> => {
    shared.recorder?.ignore?.();
    const fetched = requestOf(first);
    if (fetched !== undefined) return respond(fetched);
    const exchange = exchangeOf(first, second);
    if (exchange === undefined) {
      throw new TypeError(
        'metricsHandler: called with neither a request and a response of Node.js nor a Request',
      );
    }
    await serve(exchange.request, exchange.response);
    return exchange.result;
  };
  return handler as MetricsHandler;
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly result: unknown;
}

/** The request and the response, which the framework then leaves to us. */
function exchangeOf(first: unknown, second: unknown): Exchange | undefined {
  if (isNodeRequest(part(first, 'raw')) && isNodeResponse(part(second, 'raw'))) {
    const reply = second as FastifyReply;
    reply.hijack();
    return { request: part(first, 'raw') as IncomingMessage, response: reply.raw, result: reply };
  }
  if (isNodeRequest(part(first, 'req')) && isNodeResponse(part(first, 'res'))) {
    const context = first as KoaContext;
    context.respond = false;
    return { request: context.req, response: context.res, result: undefined };
  }
  const node = part(first, 'node');
  const [request, response] = [part(node, 'req'), part(node, 'res')];
  if (isNodeRequest(request) && isNodeResponse(response)) return { request, response, result: undefined };
  if (isNodeRequest(first) && isNodeResponse(second)) {
    return { request: first, response: second, result: undefined };
  }
  return undefined;
}

function requestOf(first: unknown): Request | undefined {
  const found = [first, part(part(first, 'req'), 'raw'), part(first, 'req'), part(first, 'request')];
  return found.find(isFetchRequest);
}

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method, url = '', headers } = request;
  const answer = await shared.answerMetrics?.({ method, query: queryOf(url), headers });
  if (answer === undefined) {
    response.writeHead(503, PLAIN);
    response.end(NOT_SERVED);
    return;
  }
  try {
    response.writeHead(answer.status, answer.headers);
    await answer.send(response);
  } catch {
    response.destroy();
  }
}

async function respond({ method, url, headers }: Request): Promise<Response> {
  const asked = { method, query: queryOf(url), headers: Object.fromEntries(headers.entries()) };
  const answer = await shared.answerMetrics?.(asked);
  return answer === undefined
    ? new Response(NOT_SERVED, { status: 503, headers: PLAIN })
    : new Response(answer.stream(), { status: answer.status, headers: answer.headers });
}

const NOT_SERVED = 'No metrics: routemeter does not run, or not with the prometheus exporter.\n';
const PLAIN = { 'content-type': 'text/plain; charset=utf-8' };

function queryOf(url: string): URLSearchParams {
  const at = url.indexOf('?');
  return new URLSearchParams(at < 0 ? '' : url.slice(at));
}

function isNodeRequest(value: unknown): value is IncomingMessage {
  return (
    typeof part(value, 'method') === 'string' &&
    isObject(part(value, 'headers')) &&
    isObject(part(value, 'socket'))
  );
}

function isNodeResponse(value: unknown): value is ServerResponse {
  return typeof part(value, 'writeHead') === 'function';
}

function isFetchRequest(value: unknown): value is Request {
  return (
    typeof part(value, 'url') === 'string' && typeof part(part(value, 'headers'), 'entries') === 'function'
  );
}

function part(value: unknown, key: string): unknown {
  return isObject(value) ? Reflect.get(value, key) : undefined;
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}
