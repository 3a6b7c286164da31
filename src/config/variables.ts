/** The names: every variable there is, and the option that says the same from code. */

/**
 * In the order in which problems are told. Variables that share an option are one setting, the first one given
 * decides; only headers are merged.
 */
export const VARIABLES = {
  OTEL_SDK_DISABLED: undefined,
  OTEL_CONFIG_FILE: undefined,
  OTEL_LOG_LEVEL: 'logLevel',
  OTEL_SERVICE_NAME: 'serviceName',
  OTEL_RESOURCE_ATTRIBUTES: 'resourceAttributes',
  OTEL_METRICS_EXPORTER: 'exporters',
  OTEL_EXPORTER_PROMETHEUS_HOST: 'prometheus.host',
  OTEL_EXPORTER_PROMETHEUS_PORT: 'prometheus.port',
  ROUTEMETER_SCOPE_LABELS: 'prometheus.scopeLabels',
  OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: 'otlp.protocol',
  OTEL_EXPORTER_OTLP_PROTOCOL: 'otlp.protocol',
  OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'otlp.url',
  OTEL_EXPORTER_OTLP_ENDPOINT: 'otlp.url',
  OTEL_EXPORTER_OTLP_METRICS_HEADERS: 'otlp.headers',
  OTEL_EXPORTER_OTLP_HEADERS: 'otlp.headers',
  OTEL_EXPORTER_OTLP_METRICS_COMPRESSION: 'otlp.compression',
  OTEL_EXPORTER_OTLP_COMPRESSION: 'otlp.compression',
  OTEL_EXPORTER_OTLP_METRICS_TIMEOUT: 'otlp.timeoutMillis',
  OTEL_EXPORTER_OTLP_TIMEOUT: 'otlp.timeoutMillis',
  OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE: undefined,
  OTEL_EXPORTER_OTLP_CERTIFICATE: undefined,
  OTEL_EXPORTER_OTLP_METRICS_CLIENT_CERTIFICATE: undefined,
  OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: undefined,
  OTEL_EXPORTER_OTLP_METRICS_CLIENT_KEY: undefined,
  OTEL_EXPORTER_OTLP_CLIENT_KEY: undefined,
  OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'otlp.temporality',
  OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION: undefined,
  ROUTEMETER_STATSD_URL: 'statsd.url',
  ROUTEMETER_STATSD_DIALECT: 'statsd.dialect',
  ROUTEMETER_STATSD_PREFIX: 'statsd.prefix',
  ROUTEMETER_STATSD_NAME_ORDER: 'statsd.nameOrder',
  ROUTEMETER_STATSD_INTERVAL: 'statsd.intervalMillis',
  ROUTEMETER_STATSD_PACKET_SIZE: 'statsd.packetSize',
  OTEL_METRIC_EXPORT_INTERVAL: 'exportIntervalMillis',
  OTEL_METRIC_EXPORT_TIMEOUT: 'exportTimeoutMillis',
  OTEL_NODE_ENABLED_INSTRUMENTATIONS: undefined,
  OTEL_NODE_DISABLED_INSTRUMENTATIONS: undefined,
  OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS: 'knownMethods',
  ROUTEMETER_BUCKETS: 'buckets',
  ROUTEMETER_GAUGES: 'gauges',
  ROUTEMETER_ATTRIBUTES: 'attributes',
  ROUTEMETER_CARDINALITY_LIMIT: 'cardinalityLimit',
  ROUTEMETER_LABELS: 'labels',
  ROUTEMETER_TAGS: 'tags',
  ROUTEMETER_IGNORE: 'ignore',
  ROUTEMETER_ROUTES: 'routes',
  ROUTEMETER_HTTP_ENGINE: 'httpEngine',
  ROUTEMETER_HTTP_CLIENT: 'httpClient',
  ROUTEMETER_CPU: 'cpu',
  ROUTEMETER_STRICT: 'strict',
} as const;

export type Variable = keyof typeof VARIABLES;

/** Every option by its path, `prometheus.port`. */
export const OPTIONS: readonly string[] = [...new Set(Object.values(VARIABLES))].filter(
  (path) => path !== undefined,
);

/**
 * The name that was probably meant: at most three letters away, and no more than half of it.
 * @param most letters, if not three
 */
export function closest(name: string, known: readonly string[], most = 3): string | undefined {
  let best: string | undefined;
  let bestDistance = most + 1;
  for (const candidate of known) {
    if (Math.abs(candidate.length - name.length) >= bestDistance) continue;
    const edits = distance(name, candidate);
    if (edits < bestDistance && edits * 2 <= candidate.length) {
      best = candidate;
      bestDistance = edits;
    }
  }
  return best;
}

/** Levenshtein's edit distance. */
function distance(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const [insert = 0, erase = 0, swap = 0] = [current[column - 1], above[column], above[column - 1]];
      current.push(Math.min(insert + 1, erase + 1, swap + (a[row - 1] === b[column - 1] ? 0 : 1)));
    }
    above = current;
  }
  return above[b.length] ?? 0;
}

/** `ROUTEMETER_PORT=tcp://...` and the like, which Kubernetes sets beside a Service called routemeter. */
export function isServiceLink(name: string, value: string): boolean {
  return (
    /_SERVICE_(HOST|PORT(_\w+)?)$|_PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?$/.test(name) ||
    (name.endsWith('_PORT') && /^(tcp|udp|sctp):\/\//.test(value))
  );
}
