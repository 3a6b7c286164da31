/** docker-compose.yml without its programs. test/backends/compose.test.ts starts them. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { BACKENDS } from '../../scripts/backends/pins.ts';
import { mounts, service, services } from '../backends/compose.ts';
import { ROOT, read } from './pages.ts';

describe('docker-compose.yml', () => {
  it('has the expected services', () =>
    assert.deepEqual(Object.keys(services).toSorted(), [
      'demo',
      'grafana',
      'otel-collector',
      'probe',
      'prometheus',
      'statsd-exporter',
      'traffic',
    ]));

  for (const [name, { volumes = [], ports = [], depends_on = {}, healthcheck }] of Object.entries(services)) {
    it(`mounts files that are there, publishes on loopback and waits for services that report their health: ${name}`, () => {
      for (const source of Object.values(mounts(name))) assert.ok(existsSync(join(ROOT, source)), source);
      for (const volume of volumes) assert.match(volume, /^(\.\/.*:ro|probe:.*|prometheus:\/prometheus)$/);
      for (const port of ports) assert.match(String(port), /^127\.0\.0\.1:/);
      for (const [other, { condition }] of Object.entries(depends_on)) {
        assert.ok(other in services, other);
        if (condition === 'service_healthy') assert.ok(service(other).healthcheck, other);
      }
      if (!['traffic', 'probe'].includes(name)) assert.ok(healthcheck);
    });
  }

  for (const [name, backend] of [
    ['otel-collector', 'otel-collector'],
    ['statsd-exporter', 'statsd-exporter'],
  ] as const) {
    it(`has the same ${name} as the tests`, () =>
      assert.equal(
        service(name).image?.split(':')[1]?.replace(/^v/, ''),
        BACKENDS[backend].version.slice(1),
      ));
  }
  it('has the Prometheus that the tests have, whose Go module calls 3.15 0.315', () =>
    assert.equal(
      service('prometheus').image,
      `prom/prometheus:${BACKENDS.prometheus.version.replace('v0.3', 'v3.')}`,
    ));
});

describe('Grafana in docker-compose.yml', () => {
  const mounted = mounts('grafana');
  const provisioned = (kind: string): unknown => {
    const [, source = ''] =
      Object.entries(mounted).find(([target]) => target.startsWith(`/etc/grafana/provisioning/${kind}/`)) ??
      [];
    return parse(read(source));
  };

  it('has Prometheus as its data source, with the interval of its scrapes', () => {
    const { apiVersion, datasources } = provisioned('datasources') as {
      apiVersion: number;
      datasources: { type: string; url: string; access: string; jsonData: { timeInterval: string } }[];
    };
    assert.equal(apiVersion, 1);
    assert.deepEqual(
      datasources.map(({ type, url, access }) => ({ type, url, access })),
      [{ type: 'prometheus', url: 'http://prometheus:9090', access: 'proxy' }],
    );
    const { global } = parse(read('examples/compose/prometheus.yml')) as {
      global: { scrape_interval: string };
    };
    assert.equal(datasources[0]?.jsonData.timeInterval, global.scrape_interval);
  });

  it('finds the dashboard where it is mounted, and opens it first', () => {
    const { apiVersion, providers } = provisioned('dashboards') as {
      apiVersion: number;
      providers: { type: string; options: { path: string } }[];
    };
    assert.equal(apiVersion, 1);
    assert.deepEqual(
      providers.map(({ type, options }) => ({ type, path: options.path })),
      [{ type: 'file', path: '/etc/dashboards' }],
    );
    assert.equal(mounted['/etc/dashboards/routemeter.json'], './dashboards/routemeter.json');
    assert.ok(String(service('grafana').environment?.GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH) in mounted);
  });
});
