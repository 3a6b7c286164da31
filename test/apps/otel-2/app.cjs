// An app with OpenTelemetry of its own: API 1.9, SDK 2.x.
const { metrics, trace } = require('@opentelemetry/api');
const { registerInstrumentations } = require('@opentelemetry/instrumentation');
const { HttpInstrumentation } = require('@opentelemetry/instrumentation-http');
const {
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} = require('@opentelemetry/sdk-metrics');
const {
  InMemorySpanExporter,
  NodeTracerProvider,
  SimpleSpanProcessor,
} = require('@opentelemetry/sdk-trace-node');
const { run } = require('../otel-report.cjs');

const spanExporter = new InMemorySpanExporter();
const registerTracing = () =>
  new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spanExporter)] }).register();

run({
  api: { metrics, trace },
  registerTracing,
  spanExporter,
  registerInstrumentations,
  HttpInstrumentation,
  sdkMetrics: { InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader },
  http: () => require('node:http'),
});
