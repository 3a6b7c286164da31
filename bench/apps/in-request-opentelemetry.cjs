/**
 * What people write by hand with OpenTelemetry's API: the metrics SDK with a Prometheus reader, and an
 * AsyncLocalStorage of one's own, so that the route is known wherever something is measured.
 */
const { AsyncLocalStorage } = require('node:async_hooks');
const { metrics } = require('@opentelemetry/api');
const { PrometheusExporter } = require('@opentelemetry/exporter-prometheus');
const { MeterProvider } = require('@opentelemetry/sdk-metrics');
const { BOUNDARIES } = require('./series.cjs');

const reader = new PrometheusExporter({ preventServerStart: true });
metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
const meter = metrics.getMeter('app');
const storage = new AsyncLocalStorage();

const advice = { explicitBucketBoundaries: BOUNDARIES };
const duration = meter.createHistogram('http.server.request.duration', { unit: 's', advice });
const counters = Object.fromEntries(
  ['user.signup', 'cache.hit', 'cache.miss', 'db.calls', 'page.views', 'mail.sent'].map((name) => [
    name,
    meter.createCounter(name),
  ]),
);
const histograms = Object.fromEntries(
  Object.entries({ 'db.query': 's', 'db.rows': '{row}', render: 's', 'page.size': 'By' }).map(
    ([name, unit]) => [name, meter.createHistogram(name, { unit, advice })],
  ),
);
const attributes = () => ({ 'http.route': storage.getStore()?.route });

exports.begin = (request, response, route, handle) => {
  const start = performance.now();
  response.on('finish', () => {
    duration.record((performance.now() - start) / 1000, {
      'http.request.method': request.method,
      'http.response.status_code': response.statusCode,
      'http.route': route,
      'url.scheme': 'http',
    });
  });
  return storage.run({ route }, handle, response);
};

exports.count = (name, value) => counters[name].add(value, attributes());

exports.observe = (name, value) => histograms[name].record(value, attributes());

exports.time = (name, work) => {
  const start = performance.now();
  try {
    return work();
  } finally {
    histograms[name].record((performance.now() - start) / 1000, attributes());
  }
};

exports.timeAsync = async (name, work) => {
  const start = performance.now();
  try {
    return await work();
  } finally {
    histograms[name].record((performance.now() - start) / 1000, attributes());
  }
};

exports.counted = async (name = 'http.server.request.duration') => {
  const { resourceMetrics } = await reader.collect();
  return resourceMetrics.scopeMetrics
    .flatMap((scope) => scope.metrics)
    .filter((metric) => metric.descriptor.name === name)
    .flatMap((metric) => metric.dataPoints)
    .reduce((sum, { value }) => sum + (value.count ?? value), 0);
};
