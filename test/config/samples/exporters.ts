import { STATSD_DIALECTS } from '../../../src/config/types.ts';
import { file } from '../source.ts';
import {
  boolean,
  choice,
  each,
  integer,
  MILLISECONDS,
  NOT_AN_ARRAY,
  type Sample,
  type Samples,
} from './sample.ts';

/** Names of files in /tls. */
const pem = (label: string, good: readonly string[], bad: readonly string[]): Sample => ({
  good: each(
    good.map((name) => `/tls/${name}.pem`),
    file,
  ),
  bad: {
    ...each(
      bad.map((name) => `/tls/${name}.pem`),
      () => `has no complete ${label} block`,
    ),
    ...each(['/no/ca.pem', 'ca.pem'], () => 'cannot be read (ENOENT)'),
  },
  accepted: 'the path of a PEM file',
});

const SOCKET = 'not the absolute path of a socket';
const TOO_MUCH = 'must not contain credentials, a query or a fragment';

export const EXPORTERS: Samples = {
  OTEL_EXPORTER_PROMETHEUS_HOST: {
    good: { '0.0.0.0': '0.0.0.0', '::1': '::1' },
    option: '0.0.0.0',
    bad: { 'localhost:9464': 'not a host' },
    accepted: 'a host name or an IP address, without a port',
  },
  OTEL_EXPORTER_PROMETHEUS_PORT: integer(0, 65535),
  ROUTEMETER_PROMETHEUS_NAMES: choice({ 'UTF-8': 'utf-8' }, 'dots', 'underscores, utf-8'),
  ROUTEMETER_SCOPE_LABELS: boolean('yes'),

  OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: choice(
    { 'HTTP/JSON': 'http/json' },
    'grpc',
    'http/protobuf, http/json',
    'gRPC is not supported, but a Collector accepts http/protobuf on port 4318',
  ),
  OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: {
    good: { 'http://c:9/v1/metrics': 'http://c:9/v1/metrics' },
    option: 'http://c:9/v1/metrics',
    bad: each(['collector:4318', 'ftp://c'], () => 'not an http or https URL'),
    accepted: 'a URL such as http://localhost:4318',
    badOptions: [['c:4318', 'not an http or https URL']],
  },
  OTEL_EXPORTER_OTLP_METRICS_HEADERS: {
    good: { 'api-key=a%20b,X=Basic YQ==': { 'api-key': 'a b', x: 'Basic YQ==' } },
    option: { 'api-key': 'a b', X: 'Basic YQ==' },
    bad: {
      'a=1,s3cret': 'entry 2 has no =',
      's3 cret=1': 'entry 1 has an invalid name',
      's3cret=': 'entry 1 has no value',
      'a=s3cret%': 'entry 1 is not valid percent-encoding',
      'a=s3cret%0A': 'entry 1 has a character that headers cannot contain',
    },
    accepted: 'name=value,name2=value2, percent-encoded',
    badOptions: [
      [
        { s3cret: 5, x: 's3\n' },
        'entry 1 is not a string',
        'entry 2 has a character that headers cannot contain',
      ],
    ],
  },
  OTEL_EXPORTER_OTLP_METRICS_COMPRESSION: choice({ gzip: 'gzip', none: 'none' }, 'zstd', 'gzip, none'),
  OTEL_EXPORTER_OTLP_METRICS_TIMEOUT: MILLISECONDS,
  OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE: pem(
    'CERTIFICATE',
    ['ca', 'old', 'trusted', 'both'],
    ['empty', 'der', 'key', 'request', 'cut', 'indented'],
  ),
  OTEL_EXPORTER_OTLP_METRICS_CLIENT_CERTIFICATE: pem('CERTIFICATE', ['cert'], ['key']),
  OTEL_EXPORTER_OTLP_METRICS_CLIENT_KEY: pem(
    'PRIVATE KEY',
    ['key', 'rsa', 'ec', 'encrypted', 'both'],
    ['empty', 'der', 'cert', 'public', 'cut-key'],
  ),
  OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: choice(
    { Delta: 'delta', lowmemory: 'lowmemory' },
    'both',
    'cumulative, delta, lowmemory',
  ),
  OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION: choice(
    { base2_exponential_bucket_histogram: 'base2_exponential_bucket_histogram' },
    'x',
    'explicit_bucket_histogram, base2_exponential_bucket_histogram',
  ),

  ROUTEMETER_STATSD_URL: {
    good: {
      'udp://statsd': { transport: 'udp', host: 'statsd', port: 8125 },
      'UDP://10.0.0.1:9125/': { transport: 'udp', host: '10.0.0.1', port: 9125 },
      'tcp://statsd.shop.example:1': { transport: 'tcp', host: 'statsd.shop.example', port: 1 },
      'tcp://[::1]:65535': { transport: 'tcp', host: '::1', port: 65_535 },
      'unix:///var/run/stats%20d.sock': { transport: 'unix', path: '/var/run/stats d.sock' },
      [`unix:///${'a'.repeat(106)}`]: { transport: 'unix', path: `/${'a'.repeat(106)}` },
    },
    option: 'udp://statsd',
    bad: {
      'http://statsd:8125': 'the scheme "http" is not supported',
      'statsd:8125': 'the scheme "statsd" is not supported',
      ...each(['127.0.0.1:8125', 'udp://statsd:70000', 'udp://:8125'], () => 'not a URL'),
      'udp://statsd:0': 'the port must not be 0',
      ...each(['udp://', 'udp://a%20b:8125'], () => 'has no valid host'),
      ...each(['udp:statsd:8125', 'udp://statsd/metrics'], () => 'must not contain a path'),
      ...each(['tcp://statsd?tls=1', 'tcp://statsd#x'], () => TOO_MUCH),
      ...each(['unix://run/statsd.sock', 'unix:///', 'unix:///run/'], () => SOCKET),
      ...each(['unix:///a%00b', 'unix:///a%zz'], () => SOCKET),
      [`unix:///${'a'.repeat(107)}`]: 'the path has more than 107 bytes',
    },
    accepted: 'udp://host:port, tcp://host:port or unix:///path, port 8125 by default',
    badOptions: [[8125, 'not a URL']],
  },
  ROUTEMETER_STATSD_DIALECT: choice(
    each(['etsy', ...STATSD_DIALECTS, 'ETSY'], (word) => word.toLowerCase()),
    'influx',
    STATSD_DIALECTS.join(', '),
  ),
  ROUTEMETER_STATSD_PREFIX: {
    good: { shop: 'shop.', 'shop.': 'shop.', 'shop-web_': 'shop-web_', s1: 's1.' },
    option: 'shop',
    bad: each(['my shop', '.shop', 'shop:', 'a|b', 'a#b', 'é', 'a/b', 'a..b'], () => 'not a valid prefix'),
    accepted: 'letters, digits, _, - and ., such as shop or shop.web',
    badOptions: [['', 'not a valid prefix']],
  },
  ROUTEMETER_STATSD_NAME_ORDER: {
    good: { 'http.route, team': ['http.route', 'team'] },
    option: ['http.route', 'team'],
    bad: {
      'http.route,a b': '"a b" is not the name of an attribute, or is given twice',
      'a,b,a': '"a" is not the name of an attribute, or is given twice',
      ',': 'names no attribute',
    },
    accepted: 'names of attributes, such as http.request.method,http.route,http.response.status_code',
    badOptions: [[['a', 1], NOT_AN_ARRAY]],
  },
  ROUTEMETER_STATSD_INTERVAL: MILLISECONDS,
  ROUTEMETER_STATSD_PACKET_SIZE: integer(300, 65_507),
};
