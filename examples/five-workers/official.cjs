// Preloaded: OpenTelemetry's own exporter and instrumentations, in each worker.
const cluster = require('node:cluster');

// In the primary as well it would take the port for a process that answers no requests, and the workers would not get it.
if (cluster.isWorker) {
  const { context } = require('@opentelemetry/api');
  const { AsyncLocalStorageContextManager } = require('@opentelemetry/context-async-hooks');
  const { PrometheusExporter } = require('@opentelemetry/exporter-prometheus');
  const { registerInstrumentations } = require('@opentelemetry/instrumentation');
  const { ExpressInstrumentation } = require('@opentelemetry/instrumentation-express');
  const { HttpInstrumentation } = require('@opentelemetry/instrumentation-http');
  const { MeterProvider } = require('@opentelemetry/sdk-metrics');

  const exporter = new PrometheusExporter({
    port: Number(process.env.OTEL_EXPORTER_PROMETHEUS_PORT ?? 9464),
  });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  registerInstrumentations({
    meterProvider: new MeterProvider({ readers: [exporter] }),
    instrumentations: [new HttpInstrumentation(), new ExpressInstrumentation()],
  });
}
