import { headers } from '../checks/pairs.ts';
import { pemFile } from '../checks/pem.ts';
import { NAME_ORDER, nameOrder, packetSize, prefix, statsdAddress } from '../checks/statsd.ts';
import { choice, flag, host, milliseconds, otlpUrl, port } from '../checks/values.ts';
import { codes, type Row, type Rows } from '../settings.ts';
import { type ExporterName, PROMETHEUS_NAMES, STATSD_DIALECTS } from '../types.ts';

const PROMETHEUS = {
  host: {
    variables: ['OTEL_EXPORTER_PROMETHEUS_HOST'],
    option: 'prometheus.host',
    check: host,
    fallback: 'localhost',
    meaning: 'Host name or IP address to listen on',
    readme: true,
  },
  port: {
    variables: ['OTEL_EXPORTER_PROMETHEUS_PORT'],
    option: 'prometheus.port',
    check: port,
    fallback: 9464,
    meaning: 'Port to listen on, 0 to 65535; with 0 the system chooses',
    readme: true,
  },
  names: {
    variables: ['ROUTEMETER_PROMETHEUS_NAMES'],
    option: 'prometheus.names',
    check: choice(PROMETHEUS_NAMES),
    fallback: 'underscores',
    meaning:
      '`underscores`: `http_server_request_duration_seconds`, `http_route`; `utf-8`: `http.server.request.duration_seconds`, `http.route` for [clients that accept it](endpoint.md#names)',
  },
  scopeLabels: {
    variables: ['ROUTEMETER_SCOPE_LABELS'],
    option: 'prometheus.scopeLabels',
    check: flag,
    fallback: false,
    meaning:
      '`true`: each series has the [labels of its scope](exporters.md#scope-labels), `otel_scope_name` and the like',
  },
} as const satisfies Rows;

const CERTIFICATES = [
  'OTEL_EXPORTER_OTLP_METRICS_CLIENT_CERTIFICATE',
  'OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE',
] as const;
const KEYS = ['OTEL_EXPORTER_OTLP_METRICS_CLIENT_KEY', 'OTEL_EXPORTER_OTLP_CLIENT_KEY'] as const;

/** https://opentelemetry.io/docs/specs/otel/protocol/exporter/ */
const OTLP = {
  protocol: {
    variables: ['OTEL_EXPORTER_OTLP_METRICS_PROTOCOL', 'OTEL_EXPORTER_OTLP_PROTOCOL'],
    option: 'otlp.protocol',
    check: choice(
      ['http/protobuf', 'http/json'],
      {},
      { grpc: 'gRPC is not supported, but a Collector accepts http/protobuf on port 4318' },
    ),
    fallback: 'http/protobuf',
    meaning: '`http/protobuf`, `http/json`; not `grpc` (a Collector accepts `http/protobuf` on port 4318)',
  },
  url: {
    variables: ['OTEL_EXPORTER_OTLP_METRICS_ENDPOINT', 'OTEL_EXPORTER_OTLP_ENDPOINT'],
    option: 'otlp.url',
    check: otlpUrl,
    fallback: 'http://localhost:4318/v1/metrics',
    meaning: 'Full URL, taken as it is; one without a path, or with the port of gRPC, causes a warning',
    second: {
      default: '`http://localhost:4318`',
      meaning: 'Base URL; `/v1/metrics` is added',
      details: '; the same for all signals; port 4317, which is that of gRPC, causes a warning',
      readme: true,
    },
  },
  headers: {
    variables: ['OTEL_EXPORTER_OTLP_METRICS_HEADERS', 'OTEL_EXPORTER_OTLP_HEADERS'],
    option: 'otlp.headers',
    check: headers,
    fallback: {},
    joined: true,
    secret: true,
    meaning: '`name=value,name2=value2`, percent-encoded; never printed',
  },
  compression: {
    variables: ['OTEL_EXPORTER_OTLP_METRICS_COMPRESSION', 'OTEL_EXPORTER_OTLP_COMPRESSION'],
    option: 'otlp.compression',
    check: choice(['gzip', 'none']),
    fallback: 'none',
    meaning: '`gzip`, `none`',
  },
  timeoutMillis: {
    variables: ['OTEL_EXPORTER_OTLP_METRICS_TIMEOUT', 'OTEL_EXPORTER_OTLP_TIMEOUT'],
    option: 'otlp.timeoutMillis',
    check: milliseconds,
    fallback: 10_000,
    meaning: 'Milliseconds for one export, retries included',
  },
  ca: {
    variables: ['OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE', 'OTEL_EXPORTER_OTLP_CERTIFICATE'],
    check: pemFile('CERTIFICATE'),
    meaning: 'Path of the [PEM file](#pem-files) with the authorities to trust',
  },
  cert: {
    variables: CERTIFICATES,
    check: pemFile('CERTIFICATE', KEYS),
    meaning: "Path of the client's certificate, a [PEM file](#pem-files); needs the key",
  },
  key: {
    variables: KEYS,
    check: pemFile('PRIVATE KEY', CERTIFICATES),
    meaning: "Path of the client's key, a [PEM file](#pem-files); needs the certificate",
  },
  temporality: {
    variables: ['OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE'],
    option: 'otlp.temporality',
    check: choice(['cumulative', 'delta', 'lowmemory']),
    fallback: 'cumulative',
    meaning: '`cumulative`, `delta`, `lowmemory`',
  },
  histogramAggregation: {
    variables: ['OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION'],
    check: choice(['explicit_bucket_histogram', 'base2_exponential_bucket_histogram']),
    fallback: 'explicit_bucket_histogram',
    meaning: '`explicit_bucket_histogram`, `base2_exponential_bucket_histogram`',
  },
} as const satisfies Rows;

const PREFIX = {
  variables: ['ROUTEMETER_STATSD_PREFIX'],
  option: 'statsd.prefix',
  check: prefix,
  fallback: '',
  meaning:
    'Put before every name: letters, digits, `_`, `-` and `.`; a `.` is added unless it ends with one of the last three',
} as const satisfies Row;

/** https://github.com/statsd/statsd/blob/master/docs/metric_types.md */
const STATSD = {
  address: {
    variables: ['ROUTEMETER_STATSD_URL'],
    option: 'statsd.url',
    check: statsdAddress,
    fallback: { transport: 'udp', host: '127.0.0.1', port: 8125 },
    default: '`udp://127.0.0.1:8125`',
    meaning: '`udp://host:port`, `tcp://host:port` or `unix:///path`',
    details: ' of a stream socket; port 8125 by default',
    readme: true,
  },
  dialect: {
    variables: ['ROUTEMETER_STATSD_DIALECT'],
    option: 'statsd.dialect',
    check: choice(STATSD_DIALECTS),
    fallback: 'dogstatsd',
    meaning: codes(STATSD_DIALECTS),
    details: ': [what is sent](statsd.md#what-is-sent)',
    readme: true,
  },
  prefix: PREFIX,
  nameOrder: {
    variables: ['ROUTEMETER_STATSD_NAME_ORDER'],
    option: 'statsd.nameOrder',
    check: nameOrder,
    fallback: NAME_ORDER,
    meaning: 'Attributes whose values make up the names of `etsy`, in this order',
  },
  intervalMillis: {
    variables: ['ROUTEMETER_STATSD_INTERVAL'],
    option: 'statsd.intervalMillis',
    check: milliseconds,
    fallback: 10_000,
    meaning: 'Milliseconds between two pushes',
  },
  packetSize: {
    variables: ['ROUTEMETER_STATSD_PACKET_SIZE'],
    option: 'statsd.packetSize',
    check: (given, settings) => packetSize(settings.get(PREFIX))(given, settings),
    fallback: 1432,
    meaning:
      'Bytes of the largest packet, up to 65507; it must hold one line: 300 bytes, the prefix and the labels',
  },
} as const satisfies Rows;

/** The rows of each exporter: they count only if it is chosen. */
export const EXPORTERS = {
  prometheus: PROMETHEUS,
  otlp: OTLP,
  statsd: STATSD,
  console: {},
} as const satisfies Record<ExporterName, Rows>;
