import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UNDERSCORES, utf8Naming } from '../../../src/exporters/prometheus/naming.ts';
import type { Kind } from '../../../src/metric-data/kind.ts';

/** The names of the Collector's Prometheus exporter, without and with UTF-8. */
const families: readonly (readonly [
  name: string,
  unit: string,
  kind: Kind,
  underscores: string | undefined,
  utf8: string | undefined,
])[] = [
  [
    'http.server.request.duration',
    's',
    'histogram',
    'http_server_request_duration_seconds',
    'http.server.request.duration_seconds',
  ],
  [
    'http.server.active_requests',
    '{request}',
    'upDownCounter',
    'http_server_active_requests',
    'http.server.active_requests',
  ],
  ['orders', '', 'counter', 'orders_total', 'orders_total'],
  ['orders.total', '', 'counter', 'orders_total', 'orders_total'],
  ['io', 'By/s', 'counter', 'io_bytes_per_second_total', 'io_bytes_per_second_total'],
  ['cpu.share', '1', 'gauge', 'cpu_share_ratio', 'cpu.share_ratio'],
  ['temperature_celsius', 'Cel', 'gauge', 'temperature_celsius', 'temperature_celsius'],
  ['größe', 'By', 'gauge', 'gr_e_bytes', 'größe_bytes'],
  ['subtotal', '', 'counter', 'subtotal_total', 'subtotal_total'],
  ['\uD800', '', 'gauge', undefined, '\uFFFD'],
  ['', '', 'counter', 'total', undefined],
];

for (const [name, unit, kind, underscores, utf8] of families) {
  test(`a ${kind} ${name} of unit ${unit} is ${underscores}, or ${utf8}`, () => {
    assert.equal(UNDERSCORES.family(name, unit, kind), underscores);
    assert.equal(utf8Naming('allow-utf-8').family(name, unit, kind), utf8);
  });
}

test('UTF-8 names are escaped as the client asks for it', () => {
  const naming = utf8Naming('dots');
  assert.equal(naming.family('a.b', 's', 'gauge'), 'a_dot_b__seconds');
  assert.equal(naming.label('http.route'), 'http_dot_route');
});

test('a label never begins with two underscores, and is never empty', () => {
  for (const scheme of ['allow-utf-8', 'underscores', 'dots', 'values'] as const) {
    for (const key of ['', '__name__', '__a', '..', '0'])
      assert.doesNotMatch(utf8Naming(scheme).label(key), /^(__|$)/);
  }
});
