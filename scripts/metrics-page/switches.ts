/** Makes metrics appear that are not always there. */
export interface Switch {
  /** As the page words it. */
  readonly text: string;
  /** On top of an environment in which everything is off, and of which each process has its own port. */
  env(settings: SwitchSettings): Readonly<Record<string, string>>;
}

export interface SwitchSettings {
  /** Of a StatsD server. */
  readonly statsdUrl: string;
  /** On which no process listens. */
  readonly port: string;
}

export const SWITCHES: readonly Switch[] = [
  {
    text: 'unless `OTEL_NODE_DISABLED_INSTRUMENTATIONS` has `runtime-node`',
    env: () => ({ OTEL_NODE_DISABLED_INSTRUMENTATIONS: '' }),
  },
  {
    text: 'with `ROUTEMETER_CPU=true`',
    env: () => ({ ROUTEMETER_CPU: 'true' }),
  },
  {
    text: 'with `ROUTEMETER_FIRST_BYTE=true`',
    env: () => ({ ROUTEMETER_FIRST_BYTE: 'true' }),
  },
  {
    text: 'with `ROUTEMETER_BODY_SIZE=true`',
    env: () => ({ ROUTEMETER_BODY_SIZE: 'true' }),
  },
  {
    text: 'with `ROUTEMETER_QUEUE=true`',
    env: () => ({ ROUTEMETER_QUEUE: 'true' }),
  },
  {
    text: 'with `ROUTEMETER_HTTP_CLIENT=true`',
    env: () => ({ ROUTEMETER_HTTP_CLIENT: 'true' }),
  },
  {
    text: 'with the exporter `otlp`',
    env: () => ({ OTEL_METRICS_EXPORTER: 'prometheus,otlp' }),
  },
  {
    text: 'with the exporter `statsd`',
    env: ({ statsdUrl }) => ({
      OTEL_METRICS_EXPORTER: 'prometheus,statsd',
      ROUTEMETER_STATSD_URL: statsdUrl,
    }),
  },
  {
    text: 'unless `OTEL_EXPORTER_PROMETHEUS_PORT=0`',
    env: ({ port }) => ({ OTEL_EXPORTER_PROMETHEUS_PORT: port }),
  },
];
