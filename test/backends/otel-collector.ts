import { readFileSync } from 'node:fs';
import { programPath } from '../../scripts/backends/pins.ts';
import { freeHost } from '../ports.ts';
import { answers, startProcess } from './process.ts';

/** Ports of collector-config.yaml, and of the Collector's own metrics. */
const PORTS = { grpc: 4317, http: 4318, statsd: 8125, prometheus: 8889, health: 13133, own: 8888 } as const;

/** What the package ships. */
export const COLLECTOR_CONFIG = readFileSync(new URL('../../collector-config.yaml', import.meta.url), 'utf8');

/** What tests would wait for: batches of a second, and pauses of five after an export that failed. */
export const QUICK = [
  'processors::batch::timeout: 50ms',
  'exporters::otlp_http::retry_on_failure::initial_interval: 100ms',
  'exporters::otlp_http::retry_on_failure::max_interval: 500ms',
];

export type Collector = Awaited<ReturnType<typeof startCollector>>;

interface CollectorOptions {
  /** Text of its configuration; with its ports, on `${env:LISTEN_HOST}`. */
  readonly config?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** After which what came by StatsD is passed on. */
  readonly aggregationMillis?: number;
}

/** @see https://opentelemetry.io/docs/collector/ */
export async function startCollector({
  config = COLLECTOR_CONFIG,
  env = {},
  aggregationMillis = 500,
}: CollectorOptions = {}) {
  const host = await freeHost(Object.values(PORTS));
  const url = (port: number): string => `http://${host}:${port}`;
  const own = { pull: { exporter: { prometheus: { host, port: PORTS.own } } } };
  const settings = [
    `service::telemetry::metrics::readers: ${JSON.stringify([own])}`,
    `receivers::statsd::aggregation_interval: ${aggregationMillis}ms`,
    ...QUICK,
  ];
  const running = await startProcess({
    name: 'otel-collector',
    program: programPath('otel-collector', 'otelcol'),
    args: ['--config=collector-config.yaml', ...settings.map((setting) => `--config=yaml:${setting}`)],
    env: { LISTEN_HOST: host, ...env },
    files: { 'collector-config.yaml': config },
    ready: () => answers(url(PORTS.health)),
  });
  const text = async (port: number): Promise<string> => (await fetch(`${url(port)}/metrics`)).text();
  return {
    ...running,
    /** A loopback address of its own, since its ports are fixed. */
    host,
    /** As in `ROUTEMETER_STATSD_URL`. */
    statsdUrl: `udp://${host}:${PORTS.statsd}`,
    /** Base URL for OTLP over HTTP: /v1/metrics comes after it. */
    otlpUrl: url(PORTS.http),
    /** Of its Prometheus exporter, as Prometheus names a target. */
    target: `${host}:${PORTS.prometheus}`,
    metrics: () => text(PORTS.prometheus),
    /** What it measures of itself: otelcol_*. */
    ownMetrics: () => text(PORTS.own),
  };
}
