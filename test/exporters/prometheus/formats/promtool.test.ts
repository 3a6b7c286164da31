import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { createCollect } from '../../../../src/exporters/prometheus/collect.ts';
import { PullReader } from '../../../../src/exporters/prometheus/reader.ts';
import { startTimeMetric } from '../../../../src/exporters/prometheus/start-time.ts';
import { createLog } from '../../../../src/guest/log.ts';
import { textWriter } from '../metrics.ts';

const absent = spawnSync('promtool', ['--version']).error !== undefined;
const skip =
  absent &&
  process.env.CI !== 'true' &&
  'promtool is not on the PATH: npm run backends puts it into .cache/backends/prometheus';

test('promtool check metrics finds no problem in the metrics of a real app', {
  skip,
}, async () => {
  const reader = new PullReader();
  const provider = new MeterProvider({ readers: [reader] });
  const meter = provider.getMeter('routemeter', '1.0.0');
  const duration = meter.createHistogram('http.server.request.duration', {
    unit: 's',
    description: 'Duration of HTTP server requests.',
    advice: { explicitBucketBoundaries: [0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5, 10, 2e6] },
  });
  for (const route of ['/', '/users/:id', '/say "hi"\\now\n']) {
    for (const seconds of [0.001, 0.02, 0.4, 12]) {
      const answered = { 'http.request.method': 'GET', 'http.response.status_code': 200 };
      duration.record(seconds, { ...answered, 'http.route': route });
    }
  }
  meter.createUpDownCounter('http.server.active_requests', { unit: '{request}' }).add(3);
  meter
    .createObservableGauge('nodejs.eventloop.utilization', { unit: '1' })
    .addCallback((result) => result.observe(0.125));
  meter
    .createObservableGauge('v8js.memory.heap.used', { unit: 'By' })
    .addCallback((result) => result.observe(1e8, { 'v8js.heap.space.name': 'new_space' }));
  const shop = provider.getMeter('shop');
  shop.createCounter('orders').add(2, { 'a.b': 1, a_b: 2, tags: ['x', 'y'] });
  shop.createCounter('routemeter.orders', { unit: '1' }).add(1.5, { 'half\uD800': 'of \uDC00' });
  provider.getMeter('warehouse').createCounter('orders').add(5);

  const collect = createCollect({
    reader,
    log: createLog('none', () => {}),
    added: [startTimeMetric(1.7e9)],
  });
  const { text, warnings } = textWriter({ labels: { environment: 'dev' } })(await collect());
  assert.deepEqual(warnings, []);
  assert.match(text, /^http_server_request_duration_seconds_bucket\{.*le="2e\+06"\} 4$/m);
  const { status, stdout, stderr, error } = spawnSync('promtool', ['check', 'metrics'], {
    input: text,
    encoding: 'utf8',
  });
  assert.ifError(error);
  assert.equal(stdout + stderr, '');
  assert.equal(status, 0);
  await provider.shutdown();
});
