import { headers } from '../checks/pairs.ts';
import { pemFile } from '../checks/pem.ts';
import { choice, milliseconds, otlpUrl } from '../checks/values.ts';
import type { Rows } from '../settings.ts';

const CERTIFICATES = [
  'OTEL_EXPORTER_OTLP_METRICS_CLIENT_CERTIFICATE',
  'OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE',
] as const;
const KEYS = ['OTEL_EXPORTER_OTLP_METRICS_CLIENT_KEY', 'OTEL_EXPORTER_OTLP_CLIENT_KEY'] as const;

/** https://opentelemetry.io/docs/specs/otel/protocol/exporter/ */
export const OTLP = {
  protocol: {
    variables: ['OTEL_EXPORTER_OTLP_METRICS_PROTOCOL', 'OTEL_EXPORTER_OTLP_PROTOCOL'],
    option: 'otlp.protocol',
    check: choice(['http/protobuf', 'http/json'], {
      refused: { grpc: 'gRPC is not supported, but a Collector accepts http/protobuf on port 4318' },
    }),
    fallback: 'http/protobuf',
    meaning: '`http/protobuf`, `http/json`; not `grpc` (a Collector accepts `http/protobuf` on port 4318)',
  },
  url: {
    variables: ['OTEL_EXPORTER_OTLP_METRICS_ENDPOINT', 'OTEL_EXPORTER_OTLP_ENDPOINT'],
    option: 'otlp.url',
    check: otlpUrl,
    fallback: 'http://localhost:4318/v1/metrics',
    meaning:
      'Full http or https URL, taken as it is; one without a path, or with the port of gRPC, causes a warning',
    allSignals: {
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
    fallback: undefined,
    meaning: 'Path of the [PEM file](#pem-files) with the authorities to trust',
  },
  cert: {
    variables: CERTIFICATES,
    check: pemFile('CERTIFICATE', KEYS),
    fallback: undefined,
    meaning: "Path of the client's certificate, a [PEM file](#pem-files); needs the key",
  },
  key: {
    variables: KEYS,
    check: pemFile('PRIVATE KEY', CERTIFICATES),
    fallback: undefined,
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
