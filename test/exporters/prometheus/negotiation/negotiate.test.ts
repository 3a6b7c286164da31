import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FORMATS } from '../../../../src/exporters/prometheus/formats/index.ts';
import {
  contentType,
  negotiate,
  writableEscaping,
} from '../../../../src/exporters/prometheus/negotiation/negotiate.ts';
import fc from '../../../property.ts';
import { ACCEPT_HEADERS, acceptHeader } from './headers.ts';

const TEXT = 'text/plain; version=0.0.4; charset=utf-8';
const TEXT_1 = 'text/plain; version=1.0.0; charset=utf-8';
const OPEN_METRICS = 'application/openmetrics-text; version=1.0.0; charset=utf-8';
const OPEN_METRICS_0 = 'application/openmetrics-text; version=0.0.1; charset=utf-8';
const PROTOBUF =
  'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited';
const PROTO = PROTOBUF.replaceAll(' ', '');

const [, , prometheus3, prometheus3Native, prometheus2, prometheus2Native] = ACCEPT_HEADERS;
const cases: readonly (readonly [accept: string | undefined, expected: string])[] = [
  [undefined, TEXT],
  ['', TEXT],
  ['*/*', TEXT],
  ['text/*', TEXT],
  ['text/plain', TEXT],
  ['application/json', TEXT],
  [prometheus3, `${OPEN_METRICS}; escaping=allow-utf-8`],
  [prometheus3Native, `${PROTOBUF}; escaping=underscores`],
  [prometheus2, `${OPEN_METRICS}; escaping=underscores`],
  [prometheus2Native, `${PROTOBUF}; escaping=underscores`],
  ['application/openmetrics-text', OPEN_METRICS_0],
  ['application/openmetrics-text;version=2.0.0', TEXT],
  ['text/plain;version=0.0.4;q=0.1,text/plain;version=1.0.0;escaping=dots', `${TEXT_1}; escaping=dots`],
  ['text/plain;version=1.0.0;escaping=unknown', `${TEXT_1}; escaping=underscores`],
  [`${PROTO};q=0.5,application/openmetrics-text;version=1.0.0;q=0.4`, `${PROTOBUF}; escaping=underscores`],
  [`${PROTO};escaping=values`, `${PROTOBUF}; escaping=values`],
  [PROTO.replace('delimited', 'text'), TEXT],
  ['application/vnd.google.protobuf', TEXT],
  ['text/plain; version = 1.0.0', `${TEXT_1}; escaping=underscores`],
];

for (const [accept, expected] of cases) {
  test(`Accept: ${accept} is answered with ${expected}`, () =>
    assert.equal(contentType(negotiate(accept, FORMATS)), expected));
}

test('names are in UTF-8 only in a format whose Content-Type says so', () => {
  const escapingOf = (accept: string) => writableEscaping(negotiate(accept, FORMATS));
  assert.equal(escapingOf('text/plain;version=0.0.4;escaping=allow-utf-8'), 'underscores');
  assert.equal(escapingOf('text/plain;version=0.0.4;escaping=dots'), 'dots');
  assert.equal(escapingOf('text/plain;version=1.0.0;escaping=allow-utf-8'), 'allow-utf-8');
});

test('any header is answered in one of the formats', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), acceptHeader), (accept) => {
      assert.ok(FORMATS.includes(negotiate(accept, FORMATS).format));
    }),
  );
});
