import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { KNOWN_METHODS, type TagDeclaration } from '../../config/types.ts';
import { OTHER } from '../../metric-data/other.ts';
import type { RequestContext } from '../in-request/context.ts';
import type { Details } from './details.ts';
import type { TagValues } from './header-tags.ts';

/** What lasts as long as both sides like, so that its duration is no latency. */
export type StreamKind = 'event_stream' | 'websocket' | 'upgrade' | 'connect';

/** An answer without an end in sight. */
export interface OpenStream {
  readonly route: string | undefined;
  readonly kind: StreamKind;
}

/** What is known about a request and its answer when the answer is over. */
export interface Exchange {
  /** Undefined if the engine does not know it. */
  readonly request: IncomingMessage | undefined;
  /** As it arrived, known or not: frameworks may change it afterwards. */
  readonly method: string;
  readonly scheme: 'http' | 'https';
  /** `1.1`, `1.0`, `2` */
  readonly protocolVersion: string;
  route: string | undefined;
  /** Undefined if the response never began. */
  status: number | undefined;
  errorType: string | undefined;
  /** Undefined for an ordinary answer, whose duration is a latency. */
  streamKind: StreamKind | undefined;
  /** Undefined without per-request tracking. */
  readonly context: RequestContext | undefined;
  /** Those that headers have set; undefined if none may. */
  readonly tags: TagValues | undefined;
  /** Undefined unless something of it is configured. */
  readonly details: Details | undefined;
  /** How long the request kept the thread busy; undefined if that is not measured. */
  busySeconds: number | undefined;
}

export interface ExchangeAttribute {
  readonly name: string;
  readonly required: boolean;
}

/**
 * The attributes of `http.server.request.duration`; the first of two with as many values is given up first. `required`
 * ones are recorded unless dropped, the others only if configured.
 * https://opentelemetry.io/docs/specs/semconv/http/http-metrics/#metric-httpserverrequestduration
 */
export const ATTRIBUTES = [
  { name: 'http.route', required: true },
  { name: 'server.address', required: false },
  { name: 'server.port', required: false },
  { name: 'http.request.method', required: true },
  { name: 'http.response.status_code', required: true },
  { name: 'error.type', required: true },
  { name: 'url.scheme', required: true },
  { name: 'network.protocol.version', required: false },
] as const satisfies readonly ExchangeAttribute[];

/** The attributes that the app sets by `tag`, or a header has. */
export function tagAttributes(declared: readonly TagDeclaration[]): readonly ExchangeAttribute[] {
  return declared.map(({ key }) => ({ name: key, required: true }));
}

/**
 * Takes the values of attributes. A function for each of them would be slower: one place that calls many functions is,
 * and comparing names is not.
 *
 * @param known takes a method to itself if it is known, else to `_OTHER`
 */
export function createTakeValue(known: (method: string) => string, declared: readonly TagDeclaration[]) {
  const tags: readonly string[] = declared.map(({ key }) => key);
  return (name: string, exchange: Exchange): string | number | undefined => {
    switch (name as (typeof ATTRIBUTES)[number]['name']) {
      case 'http.route':
        return exchange.route;
      case 'http.request.method':
        return known(exchange.method);
      case 'http.response.status_code':
        return exchange.status;
      case 'error.type':
        return exchange.errorType;
      case 'url.scheme':
        return exchange.scheme;
      case 'network.protocol.version':
        return exchange.protocolVersion;
      case 'server.address':
        return hostOf(exchange.request)?.address;
      case 'server.port':
        return hostOf(exchange.request)?.port;
      default:
        return (exchange.context?.tags ?? exchange.tags)?.[tags.indexOf(name)];
    }
  };
}

/** The method as the request has it. */
export function methodOf({ method }: { readonly method?: string | undefined }): string {
  return method ?? OTHER;
}

/** @returns a function that returns the method if it is known, else `_OTHER` */
export function createKnownMethods(known: readonly string[]): (method: string) => string {
  const methods = new Set(known);
  let latest: string | undefined;
  return (method) => {
    if (method === latest) return method;
    if (!methods.has(method)) return OTHER;
    latest = method;
    return method;
  };
}

export const CONVENTIONAL = createKnownMethods(KNOWN_METHODS);

export function schemeOf(socket: Socket): 'http' | 'https' {
  return 'encrypted' in socket && socket.encrypted === true ? 'https' : 'http';
}

/** `error.type` of an answered request: the status code as text for 500 to 599, else none. */
export function errorTypeOfStatus(status: number): string | undefined {
  return status >= 500 && status < 600 ? String(status) : undefined;
}

/** The host that the client asked for, in `X-Forwarded-Host`, `Host` or HTTP/2's `:authority`: in lower case, with its port if it has one. */
function hostOf(
  request: IncomingMessage | undefined,
): { address: string; port: number | undefined } | undefined {
  const { 'x-forwarded-host': forwarded, host, ':authority': authority } = request?.headers ?? {};
  const asked = [authority].flat()[0] ?? host;
  const text = ([forwarded].flat()[0]?.split(',')[0]?.trim() || asked)?.toLowerCase();
  const match = text?.match(/^(\[[0-9a-f:.]+\]|[^\s:/?#@[\]]+)(?::(\d{1,5}))?$/);
  if (!match?.[1]) return undefined;
  return {
    address: match[1].replace(/^\[|\]$/g, ''),
    port: match[2] === undefined ? undefined : Number(match[2]),
  };
}
