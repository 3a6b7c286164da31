// An app that traces, and makes one request by node:http and one by fetch from within a span of its own, with baggage.
// PARTS lists what else it brings: http and undici, their instrumentations; metrics, a MeterProvider of its own.
// Prints as JSON which trace headers the server got and what the app's exporters got, and listens on.
const { context, metrics, propagation, trace } = require('@opentelemetry/api');
const { AsyncLocalStorageContextManager } = require('@opentelemetry/context-async-hooks');
const {
  CompositePropagator,
  W3CBaggagePropagator,
  W3CTraceContextPropagator,
} = require('@opentelemetry/core');
const { registerInstrumentations } = require('@opentelemetry/instrumentation');
const { HttpInstrumentation } = require('@opentelemetry/instrumentation-http');
const { UndiciInstrumentation } = require('@opentelemetry/instrumentation-undici');
const {
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} = require('@opentelemetry/sdk-metrics');
const { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } = require('@opentelemetry/sdk-trace');
const { report } = require('./own-opentelemetry.cjs');

const parts = new Set((process.env.PARTS ?? '').split(','));
const spanExporter = new InMemorySpanExporter();
context.setGlobalContextManager(new AsyncLocalStorageContextManager());
propagation.setGlobalPropagator(
  new CompositePropagator({
    propagators: [new W3CTraceContextPropagator(), new W3CBaggagePropagator()],
  }),
);
trace.setGlobalTracerProvider(
  new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter: spanExporter })] }),
);
const metricExporter = new InMemoryMetricExporter(1);
let reader;
if (parts.has('metrics')) {
  reader = new PeriodicExportingMetricReader({ exporter: metricExporter, exportIntervalMillis: 1e9 });
  metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
}
registerInstrumentations({
  instrumentations: [
    ...(parts.has('http') ? [new HttpInstrumentation({ disableIncomingRequestInstrumentation: true })] : []),
    ...(parts.has('undici') ? [new UndiciInstrumentation()] : []),
  ],
});

const http = require('node:http');
const received = [];
const server = http.createServer((request, response) => {
  const names = request.rawHeaders.filter((_, i) => i % 2 === 0);
  const sent = names.filter((name) => /^(traceparent|tracestate|baggage)$/i.test(name)).sort();
  received.push(`${request.url} ${sent.join()}`);
  response.end();
});
server.listen(0, '127.0.0.1', () => {
  const url = `http://127.0.0.1:${server.address().port}`;
  trace.getTracer('app').startActiveSpan('work', (span) => {
    const baggage = propagation.createBaggage({ user: { value: 'secret' } });
    context.with(propagation.setBaggage(context.active(), baggage), async () => {
      await new Promise((resolve) => {
        http.get(`${url}/http`, { agent: false }, (response) => response.resume().on('close', resolve));
      });
      await (await fetch(`${url}/fetch`)).text();
      span.end();
      await reader?.forceFlush();
      console.log(report(spanExporter, metricExporter, { received }));
      console.log(url);
    });
  });
});
