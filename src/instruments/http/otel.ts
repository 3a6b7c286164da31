import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import {
  type Attributes,
  createNoopMeter,
  type Histogram,
  type Meter,
  ProxyTracerProvider,
} from '@opentelemetry/api';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { errorTypeText } from '../error-type.ts';
import { type Exchange, methodOf, schemeOf } from './attributes.ts';
import type { EngineOptions } from './engine.ts';

/** On a request: its URL as it came in. */
const INCOMING_URL = Symbol('routemeter.incomingUrl');

/** The first time that a request is seen, its URL is what came in. */
function incomingUrlOf(request: IncomingMessage & { [INCOMING_URL]?: string }): string {
  request[INCOMING_URL] ??= request.url ?? '';
  return request[INCOMING_URL];
}

/**
 * The engine of `@opentelemetry/instrumentation-http`, chosen by `ROUTEMETER_HTTP_ENGINE=otel`: it patches the HTTP
 * server and measures; what it measures goes through the same instruments, attribute rules and bounds as the lean
 * engine's. It makes no spans.
 *
 * @returns a function that ends it
 */
export function startOtelEngine({
  metrics,
  routes,
  ignore,
  inRequest,
  guard,
  isOwn,
}: EngineOptions): () => void {
  // The hook below and record() are called one after the other, synchronously, when a response closes.
  const methods = new WeakMap<IncomingMessage, string>();
  let closing: { request: IncomingMessage; response: ServerResponse } | undefined;

  const record = guard('otel.record', (seconds: number, attributes: Attributes = {}): void => {
    const closed = closing;
    closing = undefined;
    const route = closed && routes.route(closed.request, closed.response, incomingUrlOf(closed.request));
    const context = closed && inRequest()?.of(closed.response);
    const busySeconds = inRequest()?.busySeconds(context);
    inRequest()?.finish(context, route);
    if (ignore.route(route)) return;
    const exchange = toExchange(attributes, route, closed?.request);
    // The instrumentation's own has `_OTHER` for methods that it does not know.
    const method = (closed && methods.get(closed.request)) ?? exchange.method;
    metrics.record(seconds, { ...exchange, method, context, busySeconds });
  });

  const instrumentation = new HttpInstrumentation({
    enabled: false,
    disableOutgoingRequestInstrumentation: true,
    ignoreIncomingRequestHook: (request) => {
      const server: unknown = Reflect.get(request.socket, 'server');
      const ignored = isOwn(server as Server) || ignore.path(incomingUrlOf(request));
      if (ignored) inRequest()?.continue(undefined);
      return ignored;
    },
    responseHook: (_span, response) => {
      const answer = response as ServerResponse<IncomingMessage>;
      const { req: request } = answer;
      const method = methodOf(request);
      methods.set(request, method);
      const active = metrics.active(method, schemeOf(request.socket));
      active.count++;
      answer.once('close', () => {
        active.count--;
      });
      routes.start(request, answer, Reflect.get(request.socket, 'server') as Server);
      inRequest()?.enter(request, answer, incomingUrlOf(request));
    },
    applyCustomAttributesOnSpan: (_span, request, response) => {
      closing = { request: request as IncomingMessage, response: response as ServerResponse };
    },
  });
  instrumentation.setTracerProvider(new ProxyTracerProvider());
  instrumentation.setMeterProvider({ getMeter: () => meterFor(record) });
  instrumentation.enable();
  // The patch is in `emit`, which the app may patch as well, and before which a `checkContinue` listener has run.
  const onStart = guard('http.request.start', (message: unknown) => {
    incomingUrlOf((message as { request: IncomingMessage }).request);
  });
  subscribe('http.server.request.start', onStart);
  // The instrumentation patches a module when it is required; the prototypes are the same for every importer.
  const require = createRequire(import.meta.url);
  require('node:http');
  require('node:https');
  return () => {
    unsubscribe('http.server.request.start', onStart);
    instrumentation.disable();
  };
}

/** A meter whose only live instrument is the server's duration. */
function meterFor(record: Histogram['record']): Meter {
  const meter = createNoopMeter();
  return Object.assign(Object.create(meter) as Meter, {
    createHistogram: (name: string) =>
      name === 'http.server.request.duration' ? { record } : meter.createHistogram(name),
  });
}

function toExchange(
  attributes: Attributes,
  route: string | undefined,
  request: IncomingMessage | undefined,
): Omit<Exchange, 'context' | 'busySeconds'> {
  const status = attributes['http.response.status_code'];
  const errorType = attributes['error.type'];
  return {
    request,
    method: String(attributes['http.request.method']),
    scheme: attributes['url.scheme'] === 'https' ? 'https' : 'http',
    protocolVersion: String(attributes['network.protocol.version']),
    route,
    status: typeof status === 'number' ? status : undefined,
    errorType: typeof errorType === 'string' ? errorTypeText(errorType) : undefined,
  };
}
