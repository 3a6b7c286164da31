import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OtlpFailure } from '../../../src/exporters/otlp/failure.ts';
import { doubtOf, hintOf } from '../../../src/exporters/otlp/hints.ts';

const BASE = 'OTEL_EXPORTER_OTLP_ENDPOINT';
const METRICS = 'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT';
const PORT = 'port 4317 is for OTLP over gRPC; this is OTLP over HTTP, whose port is 4318';
const AT = 'http://otel:4318/v1/metrics';
const PATH = 'it has no path and is used as it is; the path of OTLP over HTTP is /v1/metrics';

const DOUBTS: readonly [endpoint: string, url: string, doubt: string, right: string][] = [
  [BASE, 'http://otel:4317/v1/metrics', `"http://otel:4317": ${PORT}`, 'http://otel:4318'],
  [
    BASE,
    'https://u:p@otel:4317/tenant/v1/metrics?key=k',
    `"https://otel:4317/tenant": ${PORT}`,
    'https://otel:4318/tenant',
  ],
  [METRICS, 'http://[::1]:4317/', `"http://[::1]:4317": ${PORT}; ${PATH}`, 'http://[::1]:4318/v1/metrics'],
  ['options.otlp.url', 'http://otel:4318/', `"http://otel:4318": ${PATH}`, AT],
  [
    BASE,
    `${AT}/v1/metrics`,
    `"${AT}": /v1/metrics is appended to this variable and is there already`,
    'http://otel:4318',
  ],
];
for (const [endpoint, url, doubt, right] of DOUBTS) {
  test(`${endpoint} ${url} is doubted`, () => {
    assert.equal(
      doubtOf({ endpoint, url }),
      `${endpoint}=${doubt}. If exports fail, set ${endpoint}=${right}`,
    );
  });
}

for (const [endpoint, url] of [
  [undefined, 'http://localhost:4317/'],
  [BASE, AT],
  [METRICS, 'https://otel/ingest'],
] as const) {
  test(`${endpoint} ${url} is not doubted`, () => assert.equal(doubtOf({ endpoint, url }), undefined));
}

const answered = (status: number, type = String(status)) => new OtlpFailure('', { type, status });
const coded = (code: string, fields = {}) => Object.assign(new Error('no'), { code, ...fields });

const HINTS: readonly [error: unknown, hint: RegExp, endpoint?: string, url?: string][] = [
  [
    coded('HPE_INVALID_CONSTANT'),
    /^ \(the response is not HTTP\/1\.1, as from a gRPC port: OTEL_EXPORTER_OTLP_ENDPOINT=http:\/\/otel:4318 needs a port for OTLP over HTTP, 4318 by default\)$/,
  ],
  [coded('ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL'), /as from a gRPC port/],
  [
    coded('EPROTO'),
    /is not TLS.* OTEL_EXPORTER_OTLP_METRICS_ENDPOINT=http:\/\/otel:4318\/v1\/metrics should begin with http:/,
    METRICS,
  ],
  [
    answered(404),
    /METRICS_ENDPOINT=http:\/\/otel:4318\/ingest .*by default its path is \/v1\/metrics\)$/,
    METRICS,
    'http://otel:4318/ingest',
  ],
  [answered(404), /OTLP_ENDPOINT=http:\/\/otel:4318 is where the backend accepts OTLP over HTTP\)$/, ''],
  [
    answered(200, 'not_otlp'),
    /OTLP_ENDPOINT=http:\/\/otel:4318 leads to the backend and not to a login page/,
    BASE,
    'http://u:p@otel:4318/v1/metrics?key=k',
  ],
  [answered(302), /login page/],
  [answered(401), /OTEL_EXPORTER_OTLP_HEADERS/],
  [answered(407), /HTTP_PROXY/],
  [coded('ERR_PROXY_TUNNEL', { statusCode: 407 }), /HTTPS_PROXY/],
  [coded('ERR_PROXY_TUNNEL', { statusCode: 503 }), /^$/],
  [answered(400), /^$/],
  [coded('ECONNREFUSED'), /^$/],
  ['no error', /^$/],
  // Logged at the start already.
  [coded('HPE_INVALID_CONSTANT'), /^$/, BASE, 'http://otel:4317/v1/metrics'],
];
for (const [error, hint, endpoint = BASE, url = AT] of HINTS) {
  test(`the hint for ${JSON.stringify(error)} from ${endpoint} ${url}`, () =>
    assert.match(hintOf(error, { endpoint: endpoint || undefined, url }), hint));
}
