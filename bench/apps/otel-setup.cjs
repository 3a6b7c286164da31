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

/** The package that Express is: the instrumentation goes by its name. */
const { BENCH_EXPRESS = 'express' } = process.env;

class InstrumentationOfExpress extends ExpressInstrumentation {
  init() {
    return super.init().map((definition) => Object.assign(definition, { name: BENCH_EXPRESS }));
  }
}

const reader = new PrometheusExporter({ preventServerStart: true });
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
registerInstrumentations({
  meterProvider: new MeterProvider({ readers: [reader] }),
  instrumentations: [new HttpInstrumentation(), new InstrumentationOfExpress()],
});

const points = async () => {
  const { resourceMetrics } = await reader.collect();
  return resourceMetrics.scopeMetrics
    .flatMap((scope) => scope.metrics)
    .filter((metric) => metric.descriptor.name === 'http.server.request.duration')
    .flatMap((metric) => metric.dataPoints);
};

globalThis.otelCounted = async () => (await points()).reduce((sum, { value }) => sum + value.count, 0);

globalThis.otelRoutes = async () => {
  const counts = {};
  for (const { attributes, value } of await points()) {
    const route = attributes['http.route'] ?? '';
    counts[route] = (counts[route] ?? 0) + value.count;
  }
  return counts;
};
