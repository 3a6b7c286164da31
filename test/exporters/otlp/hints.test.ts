import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OtlpFailure } from '../../../src/exporters/otlp/failure.ts';
import { doubtOf, hintOf } from '../../../src/exporters/otlp/hints.ts';

const BASE = 'OTEL_EXPORTER_OTLP_ENDPOINT';
const METRICS = 'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT';
const PORT = 'port 4317 is for OTLP over gRPC; this is OTLP over HTTP, whose port is 4318';
const PATH = 'it has no path and is used as it is; the path of OTLP over HTTP is /v1/metrics';

const DOUBTS: readonly [endpoint: string | undefined, url: string, doubt: string | undefined][] = [
  [
    BASE,
    'http://otel:4317/v1/metrics',
    `${BASE}="http://otel:4317": ${PORT}. If exports fail, set ${BASE}=http://otel:4318`,
  ],
  [
    BASE,
    'https://u:p@otel:4317/tenant/v1/metrics?key=k',
    `${BASE}="https://otel:4317/tenant": ${PORT}. If exports fail, set ${BASE}=https://otel:4318/tenant`,
  ],
  [
    METRICS,
    'http://[::1]:4317/',
    `${METRICS}="http://[::1]:4317": ${PORT}; ${PATH}. If exports fail, set ${METRICS}=http://[::1]:4318/v1/metrics`,
  ],
  [
    'options.otlp.url',
    'http://otel:4318/',
    `options.otlp.url="http://otel:4318": ${PATH}. If exports fail, set options.otlp.url=http://otel:4318/v1/metrics`,
  ],
  [
    BASE,
    'http://otel:4318/v1/metrics/v1/metrics',
    `${BASE}="http://otel:4318/v1/metrics": /v1/metrics is appended to this variable and is there already. If exports fail, set ${BASE}=http://otel:4318`,
  ],
  [undefined, 'http://localhost:4318/v1/metrics', undefined],
  [BASE, 'http://otel:4318/v1/metrics', undefined],
  [METRICS, 'http://otel:4318/v1/metrics', undefined],
  [METRICS, 'http://otel:9090/api/v1/otlp/v1/metrics', undefined],
  [METRICS, 'https://otel/ingest', undefined],
];
for (const [endpoint, url, doubt] of DOUBTS) {
  test(`${endpoint} ${url} ${doubt === undefined ? 'is not' : 'is'} doubted`, () => {
    assert.equal(doubtOf({ endpoint, url }), doubt);
  });
}

const answered = (type: string, status: number) => new OtlpFailure('', { type, status });
const coded = (code: string) => Object.assign(new Error('no'), { code });

const HINTS: readonly [error: unknown, endpoint: string | undefined, url: string, hint: RegExp][] = [
  [
    coded('HPE_INVALID_CONSTANT'),
    BASE,
    'http://otel:5317/v1/metrics',
    /^ \(the response is not HTTP\/1\.1, as from a gRPC port: OTEL_EXPORTER_OTLP_ENDPOINT=http:\/\/otel:5317 needs a port for OTLP over HTTP, 4318 by default\)$/,
  ],
  [
    coded('EPROTO'),
    METRICS,
    'https://otel:4318/v1/metrics',
    /is not TLS.* OTEL_EXPORTER_OTLP_METRICS_ENDPOINT=https:\/\/otel:4318\/v1\/metrics should begin with http:/,
  ],
  [
    answered('404', 404),
    METRICS,
    'http://otel:4318/ingest',
    /METRICS_ENDPOINT=http:\/\/otel:4318\/ingest .*by default its path is \/v1\/metrics\)$/,
  ],
  [
    answered('404', 404),
    undefined,
    'http://localhost:4318/v1/metrics',
    /OTLP_ENDPOINT=http:\/\/localhost:4318 is where the backend accepts OTLP over HTTP\)$/,
  ],
  [
    answered('not_otlp', 200),
    BASE,
    'http://u:p@otel:4318/v1/metrics?key=k',
    /OTLP_ENDPOINT=http:\/\/otel:4318 leads to the backend and not to a login page/,
  ],
  [answered('302', 302), BASE, 'http://otel:4318/v1/metrics', /login page/],
  [answered('401', 401), BASE, 'http://otel:4318/v1/metrics', /OTEL_EXPORTER_OTLP_HEADERS/],
  [answered('407', 407), BASE, 'http://otel:4318/v1/metrics', /HTTP_PROXY/],
  [
    Object.assign(coded('ERR_PROXY_TUNNEL'), { statusCode: 407 }),
    BASE,
    'https://otel:4318/v1/metrics',
    /HTTPS_PROXY/,
  ],
  [Object.assign(coded('ERR_PROXY_TUNNEL'), { statusCode: 503 }), BASE, 'https://otel:4318/v1/metrics', /^$/],
  [answered('400', 400), BASE, 'http://otel:4318/v1/metrics', /^$/],
  [coded('ECONNREFUSED'), BASE, 'http://otel:4318/v1/metrics', /^$/],
  ['no error', BASE, 'http://otel:4318/v1/metrics', /^$/],
  [
    coded('ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL'),
    BASE,
    'https://otel:5317/v1/metrics',
    /as from a gRPC port/,
  ],
  // Logged at the start already.
  [coded('HPE_INVALID_CONSTANT'), BASE, 'http://otel:4317/v1/metrics', /^$/],
  [answered('404', 404), METRICS, 'http://otel:4318/', /^$/],
];
for (const [error, endpoint, url, hint] of HINTS) {
  test(`the hint for ${JSON.stringify(error)} from ${endpoint} ${url}`, () => {
    assert.match(hintOf(error, { endpoint, url }), hint);
  });
}
