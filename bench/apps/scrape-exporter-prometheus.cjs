const http = require('node:http');
const { PrometheusExporter } = require('@opentelemetry/exporter-prometheus');
const sdk = require('@opentelemetry/sdk-metrics');
const probe = require('./probe.cjs');
const sdkHistogram = require('./sdk-histogram.cjs');

const exporter = new PrometheusExporter({ preventServerStart: true });
const histogram = sdkHistogram(sdk, exporter);

// Its own server cannot listen on any free port.
const server = http.createServer((request, response) => exporter.getMetricsRequestHandler(request, response));
server.listen(0, '127.0.0.1', () => probe({ server, ...histogram }));
