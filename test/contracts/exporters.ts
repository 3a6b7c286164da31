/** The exporters that the contracts are about. */
import type { ExporterConfig } from '../../src/config/config.ts';
import type { AppProcess } from '../app-process.ts';
import { NO_RETRY } from '../exporters/otlp/pipeline.ts';
import { otlpConfig } from '../exporters/push-context.ts';
import { startOtlpReceiver } from '../receivers/otlp.ts';
import { startStatsdReceiver } from '../receivers/statsd.ts';

type Kind = ExporterConfig['kind'];

/** Where an exporter's metrics go. */
export interface Backend {
  /** The settings of an app that exports there, at no interval. */
  readonly env: Readonly<Record<string, string>>;
  /** Whether it has got the one request of an app that has ended. */
  has(app: AppProcess): boolean;
  /** Resolves when it has got the request: an app may have sent what is not read yet. */
  got(): Promise<unknown>;
  stop(): Promise<unknown>;
}

interface TestedExporter {
  /** Its configuration with a backend on that port of loopback. */
  config(port: number): ExporterConfig;
  /** What it logs each time that a backend stops answering. */
  readonly down?: RegExp;
  /** Undefined where it is the backend that asks. */
  start?(): Promise<Backend>;
}

const INTERVAL = { OTEL_METRIC_EXPORT_INTERVAL: '3600000', ROUTEMETER_STATSD_INTERVAL: '3600000' };

export const EXPORTERS: Readonly<Record<Kind, TestedExporter>> = {
  prometheus: {
    config: () => ({
      kind: 'prometheus',
      host: '127.0.0.1',
      port: 0,
      names: 'underscores',
      scopeLabels: false,
    }),
  },
  otlp: {
    config: (port) => otlpConfig(`http://127.0.0.1:${port}/v1/metrics`, { timeoutMillis: NO_RETRY }),
    down: /cannot export metrics to http:/,
    async start() {
      const receiver = await startOtlpReceiver();
      return {
        env: { ...INTERVAL, OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${receiver.port}` },
        has: () => receiver.requests.length > 0,
        got: () => receiver.received(1),
        stop: () => receiver.close(),
      };
    },
  },
  statsd: {
    config: (port) => ({
      kind: 'statsd',
      address: { transport: 'tcp', host: '127.0.0.1', port },
      dialect: 'dogstatsd',
      prefix: '',
      intervalMillis: 3_600_000,
      packetSize: 1432,
      nameOrder: [],
    }),
    down: /cannot export metrics to tcp:/,
    async start() {
      const { url, lines, until, stop } = await startStatsdReceiver({ transport: 'tcp' });
      const has = (): boolean => lines.some((line) => /^http_server_request/.test(line));
      return { env: { ...INTERVAL, ROUTEMETER_STATSD_URL: url }, has, got: () => until(has), stop };
    },
  },
  console: {
    config: () => ({ kind: 'console' }),
    async start() {
      return {
        env: INTERVAL,
        has: (app) => app.stderr.some((line) => /^GET .* 200 +1 /.test(line)),
        got: async () => {},
        stop: async () => {},
      };
    },
  },
};

export const KINDS = Object.keys(EXPORTERS) as Kind[];
