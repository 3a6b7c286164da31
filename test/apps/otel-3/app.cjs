// An app with OpenTelemetry of its own: API 1.10, SDK 3.x.
const { context, metrics, trace } = require('@opentelemetry/api');
const { AsyncLocalStorageContextManager } = require('@opentelemetry/context-async-hooks');
const { registerInstrumentations } = require('@opentelemetry/instrumentation');
const { HttpInstrumentation } = require('@opentelemetry/instrumentation-http');
const {
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} = require('@opentelemetry/sdk-metrics');
const { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } = require('@opentelemetry/sdk-trace');
const { run } = require('../otel-report.cjs');

const spanExporter = new InMemorySpanExporter();
const registerTracing = () => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager());
  trace.setGlobalTracerProvider(
    new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter: spanExporter })] }),
  );
};

run({
  api: { metrics, trace },
  registerTracing,
  spanExporter,
  registerInstrumentations,
  HttpInstrumentation,
  sdkMetrics: { InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader },
  http: () => require('node:http'),
});
