import fc from '../../../property.ts';

/** What scrapers, browsers and people send. */
export const ACCEPT_HEADERS: readonly string[] = [
  '',
  '*/*',
  // Prometheus 3, without and with native histograms
  'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2',
  'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1',
  // Prometheus 2.42, without and with native histograms
  'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
  'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited,application/openmetrics-text;version=1.0.0;q=0.8,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
  // Prometheus 2.4
  'text/plain;version=0.0.4;q=1,*/*;q=0.1',
  // A browser
  'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8',
  'text/plain',
  'text/plain;version=0.0.4',
  'text/plain;version=0.0.5',
  'text/plain; version=1.0.0; escaping=values',
  'text/*',
  'application/*',
  'application/openmetrics-text',
  'application/openmetrics-text; version=2.0.0, text/plain;q=0.1',
  'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=text;q=0.9,text/plain;q=0.1',
  'application/json',
  '*',
  'a//, /, ;q=1, text/plain;q=x;version=0.0.4, application/openmetrics-text;q=0',
];

const type = fc.constantFrom(
  'text/plain',
  'application/openmetrics-text',
  'application/vnd.google.protobuf',
  'text/*',
  '*/*',
  '*',
  'application/json',
  'text',
  'a/b/c',
  ' text / plain ',
);
const parameter = fc.oneof(
  fc
    .constantFrom('0', '1', '0.5', '0.50', '.3', '1e-1', ' 0.2', 'x', '', '-1', '7')
    .map((weight) => `q=${weight}`),
  fc.constantFrom('0.0.1', '0.0.4', '1.0.0', '2.0.0', ' 1.0.0 ').map((version) => `version=${version}`),
  fc
    .constantFrom('allow-utf-8', 'underscores', 'dots', 'values', 'other', '')
    .map((escaping) => `escaping=${escaping}`),
  fc.constantFrom(
    'proto=io.prometheus.client.MetricFamily',
    'encoding=delimited',
    'encoding=text',
    'charset=utf-8',
    'version=1.0.0=',
    'version=1=2',
    ' ',
    '=',
  ),
);
const range = fc
  .tuple(type, fc.array(parameter, { maxLength: 5 }), fc.constantFrom(';', '; ', ' ;'))
  .map(([essence, parameters, separator]) => [essence, ...parameters].join(separator));

/** Up to twelve media ranges, well formed or not. */
export const acceptHeader = fc.array(range, { maxLength: 12 }).map((ranges) => ranges.join(','));
