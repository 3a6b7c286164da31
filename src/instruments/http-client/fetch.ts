import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { createRequire } from 'node:module';
import {
  type Attributes,
  createNoopMeter,
  INVALID_SPAN_CONTEXT,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import type * as Library from '@opentelemetry/instrumentation-undici';
import type { Guard } from '../../guest/guard.ts';
import { CONVENTIONAL } from '../http/attributes.ts';
import { type Call, errorTypeOfFailure, errorTypeOfResponse } from './attributes.ts';
import type { RecordCall } from './client-metrics.ts';

/** What undici publishes: https://undici.nodejs.org/#/docs/api/DiagnosticsChannel */
interface Message {
  readonly request: { readonly origin: string; readonly method: string };
  readonly error?: unknown;
}

/** The channels, with the method of the instrumentation that takes the messages of each. */
const CHANNELS = {
  'undici:request:create': 'onRequestCreated',
  'undici:client:sendHeaders': 'onRequestHeaders',
  'undici:request:headers': 'onResponseHeaders',
  'undici:request:trailers': 'onDone',
  'undici:request:error': 'onError',
} as const;

type Listeners = Record<(typeof CHANNELS)[keyof typeof CHANNELS], (message: object) => void>;

export interface FetchOptions {
  readonly record: RecordCall;
  readonly guard: Guard;
  /** Gives unknown methods one name; by default those of the conventions are known. */
  readonly known?: (method: string) => string;
}

/**
 * Measures the requests that the process makes by `fetch` and undici, with `@opentelemetry/instrumentation-undici`: one
 * observation per request, and one per redirect. The instrumentation gets copies of the requests, so it cannot
 * add headers; it makes no spans.
 *
 * @returns a function that stops measuring
 */
export function measureFetch({ record, guard, known = CONVENTIONAL }: FetchOptions): () => void {
  /** The error that has just ended a request, and its method; `record` is called synchronously. */
  let failure: { readonly error: unknown } | undefined;
  let method = '';
  const listeners = createListeners((seconds, attributes) =>
    record(seconds, toCall(attributes, known(method), failure)),
  );
  const copies = new WeakMap<Message['request'], object>();

  const copyOf = (request: Message['request']): object => {
    // The path is not recorded, and one that begins with `//` would be read as another host.
    const copy = copies.get(request) ?? {
      origin: request.origin,
      method: request.method,
      path: '/',
      headers: [],
    };
    copies.set(request, copy);
    return copy;
  };

  const ends = Object.entries(CHANNELS).map(([channel, listens]) => {
    const listener = guard('http.client', (published: unknown) => {
      const message = published as Message;
      failure = listens === 'onError' ? { error: message.error } : undefined;
      method = message.request.method;
      listeners[listens]({ ...message, request: copyOf(message.request) });
    });
    subscribe(channel, listener);
    return () => unsubscribe(channel, listener);
  });
  return () => {
    for (const end of ends) end();
  };
}

/** Requires from within the instrumentation's package. */
const inside = createRequire(createRequire(import.meta.url).resolve('@opentelemetry/instrumentation-undici'));

/** The instrumentation, without its own subscriptions. */
function createListeners(record: (seconds: number, attributes: Attributes) => void): Listeners {
  const { UndiciInstrumentation }: typeof Library = inside('./index.cjs');
  const instrumentation = withoutRequireHook(() => new UndiciInstrumentation({ enabled: false }));
  instrumentation.setConfig({ enabled: true });
  instrumentation.setTracerProvider({ getTracer: () => NO_TRACER });
  const meter = createNoopMeter();
  instrumentation.setMeterProvider({
    getMeter: () => Object.assign(Object.create(meter), { createHistogram: () => ({ record }) }),
  });
  return instrumentation as unknown as Listeners;
}

/** Makes spans without a context, not even that of the app's active span, which propagators would pass on. */
const NO_TRACER: Tracer = {
  startSpan: () => trace.wrapSpanContext(INVALID_SPAN_CONTEXT),
  startActiveSpan: () => {
    throw new Error('not used by the instrumentation');
  },
};

/** Every instrumentation replaces `require` in the whole process, for good, to patch modules; this one patches none. */
function withoutRequireHook<Result>(create: () => Result): Result {
  const base = createRequire(inside.resolve('@opentelemetry/instrumentation'));
  const { RequireInTheMiddleSingleton: hook } = base('./platform/node/RequireInTheMiddleSingleton.cjs');
  const { _instance: before } = hook;
  hook._instance = before ?? {};
  try {
    return create();
  } finally {
    hook._instance = before;
  }
}

function toCall(
  attributes: Attributes,
  method: string,
  failure: { readonly error: unknown } | undefined,
): Call {
  const status = number(attributes['http.response.status_code']);
  const version = attributes['network.protocol.version'];
  return {
    address: String(attributes['server.address']).replace(/^\[|\]$/g, ''),
    port: number(attributes['server.port']),
    // The instrumentation has `_OTHER` for methods that it does not know.
    method,
    status,
    // The instrumentation takes numeric codes of errors as well, and gives aborted requests no type.
    errorType:
      status === undefined ? errorTypeOfFailure(failure?.error) : errorTypeOfResponse(status, failure?.error),
    scheme: attributes['url.scheme'] === 'https' ? 'https' : 'http',
    protocolVersion: status === undefined || version === undefined ? undefined : String(version),
  };
}

function number(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}
