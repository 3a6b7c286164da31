import { resolve } from 'node:path';
import { codeOf } from '../guest/error-code.ts';
import type { OtlpConfig } from './config.ts';
import { headers } from './lists.ts';
import type { Given, Settings } from './settings.ts';
import { choice, httpUrl, milliseconds } from './values.ts';

const protocol = choice(['http/protobuf', 'http/json'], {
  refused: { grpc: 'gRPC is not supported, a Collector takes http/protobuf on port 4318' },
});

/** https://opentelemetry.io/docs/specs/otel/protocol/exporter/ */
export function otlp(settings: Settings): OtlpConfig {
  return {
    kind: 'otlp',
    protocol: settings.get(
      protocol,
      'http/protobuf',
      'OTEL_EXPORTER_OTLP_METRICS_PROTOCOL',
      'OTEL_EXPORTER_OTLP_PROTOCOL',
    ),
    ...url(settings),
    headers: allHeaders(settings),
    compression: settings.get(
      choice(['gzip', 'none']),
      'none',
      'OTEL_EXPORTER_OTLP_METRICS_COMPRESSION',
      'OTEL_EXPORTER_OTLP_COMPRESSION',
    ),
    timeoutMillis: settings.get(
      milliseconds,
      10_000,
      'OTEL_EXPORTER_OTLP_METRICS_TIMEOUT',
      'OTEL_EXPORTER_OTLP_TIMEOUT',
    ),
    tls: tls(settings),
    temporality: settings.get(
      choice(['cumulative', 'delta', 'lowmemory']),
      'cumulative',
      'OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE',
    ),
    histogramAggregation: settings.get(
      choice(['explicit_bucket_histogram', 'base2_exponential_bucket_histogram']),
      'explicit_bucket_histogram',
      'OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION',
    ),
  };
}

/** Only the endpoint of all signals gets `/v1/metrics`; the one of metrics is taken as it is. */
function url(settings: Settings): Pick<OtlpConfig, 'url' | 'endpoint'> {
  const given = settings.find('OTEL_EXPORTER_OTLP_METRICS_ENDPOINT', 'OTEL_EXPORTER_OTLP_ENDPOINT');
  const found = (given && httpUrl(given)) ?? new URL('http://localhost:4318/v1/metrics');
  if (given?.name === 'OTEL_EXPORTER_OTLP_ENDPOINT') {
    found.pathname = `${found.pathname.replace(/\/+$/, '')}/v1/metrics`;
  }
  return { url: found.href, ...(given && { endpoint: given.name }) };
}

/** Those of all signals, then those of metrics, then those from code, a later one replacing an earlier one. */
function allHeaders(settings: Settings): OtlpConfig['headers'] {
  const given = [
    settings.variable('OTEL_EXPORTER_OTLP_HEADERS'),
    settings.variable('OTEL_EXPORTER_OTLP_METRICS_HEADERS'),
    settings.option('OTEL_EXPORTER_OTLP_METRICS_HEADERS'),
  ];
  return Object.assign({}, ...given.map((one) => one && headers(one)));
}

/** A kind of PEM block: https://www.rfc-editor.org/rfc/rfc7468 */
interface Block {
  readonly label: string;
  readonly begin: RegExp;
}

const CERTIFICATE: Block = {
  label: 'CERTIFICATE',
  begin: /^-----BEGIN ((?:X509 |TRUSTED )?CERTIFICATE)-----/gm,
};
const PRIVATE_KEY: Block = {
  label: 'PRIVATE KEY',
  begin: /^-----BEGIN ((?:[A-Z0-9]+ )?PRIVATE KEY)-----/gm,
};

function tls(settings: Settings): OtlpConfig['tls'] {
  const file = (given: Given, block: Block): Buffer | undefined => {
    const accepted = 'the path of a PEM file';
    let content: Buffer;
    try {
      content = settings.source.readFile(resolve(settings.source.cwd, String(given.value)));
    } catch (error) {
      const code = codeOf(error);
      return given.reject(`cannot be read${code === undefined ? '' : ` (${code})`}`, accepted);
    }
    return hasBlock(content, block)
      ? content
      : given.reject(`has no complete ${block.label} block`, accepted);
  };
  const read = (given: Given | undefined, block: Block) => given && file(given, block);
  const ca = read(
    settings.find('OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE', 'OTEL_EXPORTER_OTLP_CERTIFICATE'),
    CERTIFICATE,
  );
  const certificate = settings.find(
    'OTEL_EXPORTER_OTLP_METRICS_CLIENT_CERTIFICATE',
    'OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE',
  );
  const cert = read(certificate, CERTIFICATE);
  const clientKey = settings.find('OTEL_EXPORTER_OTLP_METRICS_CLIENT_KEY', 'OTEL_EXPORTER_OTLP_CLIENT_KEY');
  const key = read(clientKey, PRIVATE_KEY);
  if (certificate === undefined && clientKey !== undefined) {
    clientKey.reject('a key without its certificate', 'OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE as well');
  }
  if (clientKey === undefined && certificate !== undefined) {
    certificate.reject('a certificate without its key', 'OTEL_EXPORTER_OTLP_CLIENT_KEY as well');
  }
  return { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
}

function hasBlock(content: Buffer, { begin }: Block): boolean {
  const text = content.toString('latin1');
  return [...text.matchAll(begin)].some(({ 1: label, index }) =>
    text.includes(`\n-----END ${label}-----`, index),
  );
}
