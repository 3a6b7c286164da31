/**
 * Preloaded: OpenTelemetry's own HTTP and Express instrumentations with the metrics SDK, a Prometheus reader and no
 * tracing SDK. The context manager is what lets http.route reach the metric.
 */
const { context } = require('@opentelemetry/api');
const { AsyncLocalStorageContextManager } = require('@opentelemetry/context-async-hooks');
const { PrometheusExporter } = require('@opentelemetry/exporter-prometheus');
const { registerInstrumentations } = require('@opentelemetry/instrumentation');
const { ExpressInstrumentation } = require('@opentelemetry/instrumentation-express');
const { HttpInstrumentation } = require('@opentelemetry/instrumentation-http');
const { MeterProvider } = require('@opentelemetry/sdk-metrics');

const reader = new PrometheusExporter({ preventServerStart: true });
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
registerInstrumentations({
  meterProvider: new MeterProvider({ readers: [reader] }),
  instrumentations: [new HttpInstrumentation(), new ExpressInstrumentation()],
});

globalThis.otelCounted = async () => {
  const { resourceMetrics } = await reader.collect();
  return resourceMetrics.scopeMetrics
    .flatMap((scope) => scope.metrics)
    .filter((metric) => metric.descriptor.name === 'http.server.request.duration')
    .flatMap((metric) => metric.dataPoints)
    .reduce((sum, point) => sum + point.value.count, 0);
};
