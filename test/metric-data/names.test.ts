import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Kind } from '../../src/metric-data/kind.ts';
import { familyName } from '../../src/metric-data/names.ts';

// The expectations of TestMetricNamer_Build in github.com/prometheus/otlptranslator for a namer with suffixes and
// without UTF-8, and those of the Collector's former normalize_name_test.go that still hold there.
type Case = readonly [name: string, unit: string, expected: string | undefined];

const UNITS = `d days, h hours, min minutes, s seconds, ms milliseconds, us microseconds, ns nanoseconds, By bytes,
  KiBy kibibytes, MiBy mebibytes, GiBy gibibytes, TiBy tibibytes, KBy kilobytes, MBy megabytes, GBy gigabytes,
  TBy terabytes, m meters, V volts, A amperes, J joules, W watts, g grams, Cel celsius, Hz hertz, % percent,
  1/s per_second, 1/m per_minute, 1/h per_hour, 1/d per_day, 1/w per_week, 1/mo per_month, 1/y per_year`;

const CASES: { readonly [kind in Kind]?: readonly Case[] } = {
  gauge: [
    ...UNITS.split(/,\s+/).map((pair): Case => {
      const [unit = '', suffix] = pair.split(' ');
      return ['metric', unit, `metric_${suffix}`];
    }),
    ['metric', 'custom_unit', 'metric_custom_unit'],
    ['metric', '1/custom_unit', 'metric_per_custom_unit'],
    ['metric', '{custom}', 'metric'],
    ['metric', 'By/{custom}', 'metric_bytes'],
    ['metric', 'By/', 'metric_bytes'],
    ['metric', ' By / s ', 'metric_bytes_per_second'],
    ['metric', '/', 'metric'],
    ['metric', '   \t  ', 'metric'],
    ['metric', 'unit@with#special/chars', 'metric_unit_with_special_per_chars'],
    ['metric__with__underscores', 'unit__underscores', 'metric_with_underscores_unit_underscores'],
    ['cpu_usage', '1', 'cpu_usage_ratio'],
    ['hw.fan.speed_ratio', '1', 'hw_fan_speed_ratio'],
    ['response_time_seconds', 's', 'response_time_seconds'],
    ['mongodbatlas.process.oplog.rate', 'GiBy/h', 'mongodbatlas_process_oplog_rate_gibibytes_per_hour'],
    ['scanned_per_returned', '{scanned}/{returned}', 'scanned_per_returned'],
    ['\t system.filesystem.usage       ', '  By\t', 'system_filesystem_usage_bytes'],
    ['broken.metric.speed', 'km/h', 'broken_metric_speed_km_per_hour'],
    ['broken.metric.success_percent', '%', 'broken_metric_success_percent'],
    ['unsupported.temperature', '°F', 'unsupported_temperature_F'],
    ['unsupported.redundant', '__test $/°C', 'unsupported_redundant_test_per_C'],
    ['3.14 digits', '', '_3_14_digits'],
    ['', 's', 'seconds'],
    ['@#$%', '', undefined],
  ],
  counter: [
    ['requests_total', '', 'requests_total'],
    ['total.requests', '', 'requests_total'],
    ['http.requests', '1', 'http_requests_total'],
    ['network_transmitted_bytes_total', 'By', 'network_transmitted_bytes_total'],
    ['system.network.packets.dropped', 'packets', 'system_network_packets_dropped_total'],
  ],
  histogram: [['http.server.request.duration', 's', 'http_server_request_duration_seconds']],
  upDownCounter: [
    ['http.server.active_requests', '{request}', 'http_server_active_requests'],
    ['pool.share', '1', 'pool_share'],
  ],
};

for (const kind of Object.keys(CASES) as Kind[]) {
  for (const [name, unit, expected] of CASES[kind] ?? []) {
    test(`${kind} ${JSON.stringify(name)} in ${JSON.stringify(unit)} is ${expected}`, () =>
      assert.equal(familyName(name, unit, kind), expected));
  }
}
