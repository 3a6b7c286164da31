import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AppProcess, samples } from '../app-process.ts';
import { freePort } from '../ports.ts';
import { startOtlpReceiver } from '../receivers/otlp.ts';
import { startStatsdReceiver } from '../receivers/statsd.ts';
import { until } from '../until.ts';
import { bound, TestedGroup } from './group/tested-group.ts';

/** Counts one order each of that many users, listens, and tells where. */
const orders = (users: number): string => `
  import http from 'node:http';
  import { metrics } from '@opentelemetry/api';
  const counter = metrics.getMeter('app').createCounter('orders');
  for (let user = 0; user < ${users}; user++) counter.add(1, { kind: 'x', user });
  const server = http.createServer((_, res) => res.end()).listen(0, '127.0.0.1', () => {
    console.log('http://127.0.0.1:' + server.address().port);
  });`;

/** Without the runtime's own metrics, which have more series than this limit. */
const LIMITED = {
  ROUTEMETER_CARDINALITY_LIMIT: '10',
  OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'runtime-node',
};
const FAMILY = 'routemeter_series_overflow_total';
const LABELS = 'routemeter_attribute="user",routemeter_instrument="orders"';

describe('what the limit on series collapses is counted, by instrument and attribute', () => {
  it('not while nothing is', async () => {
    const exposition = await new AppProcess(orders(9), { env: LIMITED }).scrape();
    assert.equal(Object.keys(samples(exposition, 'orders_total')).length, 9);
    assert.doesNotMatch(exposition, new RegExp(FAMILY));
  });

  it('for Prometheus', async () => {
    const exposition = await new AppProcess(orders(14), { env: LIMITED }).scrape();
    assert.deepEqual(samples(exposition, FAMILY), { [LABELS]: 5 });
    assert.equal(samples(exposition, 'orders_total')['otel_metric_overflow="true"'], 5);
  });

  it('for OTLP', async () => {
    const receiver = await startOtlpReceiver();
    new AppProcess(orders(14), {
      env: {
        ...LIMITED,
        OTEL_METRICS_EXPORTER: 'otlp',
        OTEL_METRIC_EXPORT_INTERVAL: '50',
        OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: receiver.url,
      },
    });
    const request = await receiver.first(({ points }) => points.length > 0);
    const points = request.points.filter(({ metric }) => metric === 'routemeter.series.overflow');
    assert.deepEqual(
      points.map(({ scope, unit, attributes, value }) => ({ scope, unit, attributes, value })),
      [
        {
          scope: 'routemeter',
          unit: '{measurement}',
          attributes: { 'routemeter.instrument': 'orders', 'routemeter.attribute': 'user' },
          value: 5,
        },
      ],
    );
    await receiver.close();
  });

  it('for StatsD, as a difference', async () => {
    const receiver = await startStatsdReceiver();
    new AppProcess(orders(14), {
      env: {
        ...LIMITED,
        OTEL_METRICS_EXPORTER: 'statsd',
        ROUTEMETER_STATSD_INTERVAL: '50',
        ROUTEMETER_STATSD_URL: receiver.url,
      },
    });
    const isOverflow = (line: string): boolean => line.startsWith(FAMILY);
    await receiver.until(({ lines }) => lines.some(isOverflow));
    assert.deepEqual(receiver.lines.filter(isOverflow), [
      'routemeter_series_overflow_total:5|c|#routemeter_attribute:user,routemeter_instrument:orders',
    ]);
    await receiver.stop();
  });

  it('for a group of processes, of which those that have ended still count', bound, async () => {
    const group = new TestedGroup(await freePort());
    const [first, ...others] = [14, 15, 11].map((users) => group.launch(orders(users), { env: LIMITED }));
    await Promise.all([first, ...others].map((app) => app?.url()));
    const total = async (): Promise<number | undefined> => {
      const { families } = await group.scrape();
      return families.get(FAMILY)?.samples[0]?.value;
    };
    await until('the sum of all', async () => (await total()) === 5 + 6 + 2);
    await first?.end('SIGTERM');
    await until('another serves the same', async () => (await total()) === 5 + 6 + 2);
  });
});
