import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ownNameFault } from '../../src/instruments/own-names.ts';
import { ownMetrics } from '../docs/metrics.ts';

/** Other words for the same metric in some backend, and the units that would make one of it. */
const others: readonly (readonly [name: string, unit: string, metric: string])[] = [
  ['HTTP.Server.Request.Duration', '', 'http.server.request.duration'],
  ['http/server/request/duration', 'ms', 'http.server.request.duration'],
  ['http.server.request.duration.seconds', '', 'http.server.request.duration'],
  ['http_server_request_duration_seconds_bucket', '', 'http.server.request.duration'],
  ['http_server_request_duration_seconds_count_total', '', 'http.server.request.duration'],
  ['http.server.request', 'duration', 'http.server.request.duration'],
  ['http_server__active_requests_', '', 'http.server.active_requests'],
  ['process_total_cpu_time_seconds', '', 'process.cpu.time'],
  ['target.info', '', 'target_info'],
];

describe('a name that the in-request API rejects', () => {
  for (const { name, family, unit } of ownMetrics()) {
    it(`is ${name || family}`, () => {
      for (const given of [name, name.replaceAll('.', '_'), family, `${family}_total`]) {
        if (given !== '')
          assert.match(ownNameFault(given, unit) ?? '', /^has (the name of the metric|a name)/);
      }
    });
  }

  for (const [name, unit, metric] of others) {
    it(`is ${name} in ${unit || 'no unit'}`, () =>
      assert.equal(ownNameFault(name, unit), `has the name of the metric ${metric}`));
  }

  it("is any name of routemeter's own metrics, and of OpenTelemetry's", () => {
    for (const name of ['routemeter', 'routemeter.new', 'Routemeter_x', 'routemeter/x']) {
      assert.equal(ownNameFault(name, ''), "has a name that is reserved for routemeter's own metrics");
    }
    assert.equal(ownNameFault('otel.sdk.x', ''), 'has a name that OpenTelemetry reserves');
  });

  const free = ['user.signup', 'http.server.errors', 'process.order', 'process_payment', 'nodejs.builds'];
  for (const name of [...free, 'routemeters.sold', 'hotel.booked', 'target', 'info', 'total', 'count', 's']) {
    it(`is not ${name}`, () => assert.equal(ownNameFault(name, ''), undefined));
  }
});
