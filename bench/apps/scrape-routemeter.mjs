/** routemeter's exporter with its real endpoint, composed as src/pipeline/compose.ts does, over the SDK that routemeter uses. */
import { createRequire } from 'node:module';
import probe from './probe.cjs';
import sdkHistogram from './sdk-histogram.cjs';

const unbundled = new URL('../../unbundled/', import.meta.url);
const load = (path) => import(new URL(path, unbundled).href);
const [{ createPrometheusExporter }, { createLog }, { createGuard }, { collectInSlices }] = await Promise.all(
  [
    load('exporters/prometheus/index.js'),
    load('guest/log.js'),
    load('guest/guard.js'),
    load('pipeline/collect-in-slices.js'),
  ],
);
const sdk = createRequire(unbundled)('@opentelemetry/sdk-metrics');

const log = createLog('warn', (line) => process.stderr.write(line));
const prometheus = { kind: 'prometheus', host: '127.0.0.1', port: 0, scopeLabels: false };
const config = {
  strict: false,
  logLevel: 'warn',
  serviceName: 'bench',
  resourceAttributes: {},
  labels: {},
  exporters: [prometheus],
  exportIntervalMillis: 60_000,
  exportTimeoutMillis: 30_000,
  buckets: [],
  attributes: [],
  cardinalityLimit: 100_000,
  ignore: [],
  routes: [],
  httpEngine: 'lean',
  httpEnabled: true,
};
const instruments = { all: [], place: () => Number.POSITIVE_INFINITY };
const exporter = createPrometheusExporter(prometheus, { config, log, guard: createGuard(log), instruments });
const histogram = sdkHistogram(sdk, exporter.reader);
collectInSlices(exporter.reader);
await exporter.open();
probe({ server: exporter.ownServer.server, ...histogram });
