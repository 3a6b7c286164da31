import { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import {
  type Attributes,
  createNoopMeter,
  type Histogram,
  type Meter,
  ProxyTracerProvider,
} from '@opentelemetry/api';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { isPatchedByApp, onAppPatch } from './app-patch.ts';
import type { Exchange } from './attributes.ts';
import type { Engine, EngineOptions } from './engine.ts';
import { startLeanEngine } from './lean.ts';

/**
 * The engine of `@opentelemetry/instrumentation-http`, chosen by `ROUTEMETER_HTTP_ENGINE=otel`. It patches a
 * server that stands in for the app's: in the app's server it would call handlers inside its own code, where it drops
 * falsy errors that they throw, see only requests that are emitted as `request`, and read the status when the app may
 * have changed it. So the lean engine decides when a request begins and ends and which status was sent. Measurements go
 * through the same instruments, attribute rules and bounds. It makes no spans.
 *
 * Beside an instrumentation of the app's own, which patches the same methods, the lean engine measures instead.
 */
export function startOtelEngine(options: EngineOptions): Engine {
  const { metrics, guard, log } = options;
  const warn = (): void =>
    log.warn(
      'the app uses its own @opentelemetry/instrumentation-http: measuring with the lean engine instead',
    );
  if (isPatchedByApp()) {
    warn();
    return startLeanEngine(options);
  }
  // record() is called synchronously when the stand-in for a response closes.
  let ending: Exchange | undefined;
  let retired = false;

  const instrumentation = new HttpInstrumentation({
    enabled: false,
    disableOutgoingRequestInstrumentation: true,
  });
  instrumentation.setTracerProvider(new ProxyTracerProvider());
  instrumentation.setMeterProvider({
    getMeter: () =>
      meterFor((seconds, attributes = {}) => {
        if (ending !== undefined) metrics.record(seconds, toExchange(attributes, ending));
      }),
  });
  const servers = standIns(instrumentation);

  const end = guard('otel.record', (answer: Answer, exchange: Exchange): void => {
    ending = exchange;
    answer.statusCode = exchange.status;
    answer.emit('close');
    ending = undefined;
  });

  const measure = guard('otel.record', ({ request, scheme }: Exchange) => {
    if (retired || request === undefined) return undefined;
    const answer = new Answer();
    servers[scheme]?.emit('request', toMessage(request), answer);
    return (exchange: Exchange): void => end(answer, exchange);
  });

  const lean = startLeanEngine({ ...options, measure });
  const endWatch = onAppPatch(guard, () => {
    if (options.isSteppingAside()) return;
    warn();
    retired = true;
  });
  return {
    ...lean,
    stop() {
      lean.stop();
      endWatch();
    },
  };
}

/** Stands in for a response. */
class Answer extends EventEmitter {
  statusCode: number | undefined = undefined;
}

/** What the instrumentation reads of a request: a copy, since it may bind the context of the app's tracing to it. */
function toMessage({ method, url, headers, httpVersion }: IncomingMessage): object {
  return { method, url, headers, httpVersion, socket: {} };
}

interface StandIn {
  emit(event: 'request', request: object, answer: Answer): unknown;
}

/** By scheme, a class that the instrumentation has patched as if it were the server of that module. */
function standIns(instrumentation: HttpInstrumentation): Readonly<Record<string, StandIn>> {
  const servers: Record<string, StandIn> = {};
  for (const definition of instrumentation.getModuleDefinitions()) {
    class Server implements StandIn {
      emit(): boolean {
        return true;
      }
    }
    definition.patch?.({ Server });
    servers[definition.name] = new Server();
  }
  return servers;
}

/** A meter whose only instrument that records is the server's duration. */
function meterFor(record: Histogram['record']): Meter {
  const meter = createNoopMeter();
  return Object.assign(Object.create(meter) as Meter, {
    createHistogram: (name: string) =>
      name === 'http.server.request.duration' ? { record } : meter.createHistogram(name),
  });
}

/** An exchange with what the instrumentation knows, and the rest from the engine. */
function toExchange(attributes: Attributes, exchange: Exchange): Exchange {
  const { request, method, route, status, errorType, streamKind, context, tags, details, busySeconds } =
    exchange;
  return {
    request,
    // The instrumentation's is `_OTHER` for methods that it does not know.
    method,
    scheme: attributes['url.scheme'] === 'https' ? 'https' : 'http',
    protocolVersion: String(attributes['network.protocol.version']),
    route,
    status,
    errorType,
    streamKind,
    context,
    tags,
    details,
    busySeconds,
  };
}
