import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { createPrometheusExporter } from '../../../src/exporters/prometheus/index.ts';
import { recordedContext } from '../push-context.ts';
import { parse } from './parser.ts';

async function exporting(t: TestContext) {
  const context = recordedContext({ labels: { environment: 'dev' } });
  const exporter = createPrometheusExporter(
    { kind: 'prometheus', host: '127.0.0.1', port: 0, names: 'underscores', scopeLabels: false },
    context,
  );
  const provider = new MeterProvider({ readers: [exporter.reader] });
  t.after(async () => {
    await exporter.close();
    await provider.shutdown();
  });
  const url = (await exporter.open()) ?? assert.fail('did not open');
  const scrape = async (query = ''): Promise<string> => (await fetch(url + query)).text();
  return { provider, scrape, lines: context.lines };
}

test('measurements of the app are served, with the default labels', async (t) => {
  const { provider, scrape } = await exporting(t);
  const orders = provider.getMeter('shop').createCounter('orders', { description: 'Orders.' });
  orders.add(2, { product: 'tea' });
  orders.add(1, { product: 'tea' });
  const text = await scrape();
  const families = parse(text);
  const ours = ['process_start_time_seconds', 'routemeter_collect_errors_total'];
  assert.deepEqual([...families.keys()], ['target_info', 'orders_total', ...ours]);
  assert.match(text, /^orders_total\{environment="dev",product="tea"\} 3$/m);
  assert.match(text, /^routemeter_collect_errors_total\{environment="dev"\} 0$/m);
  assert.equal(families.get('target_info')?.samples[0]?.labels.get('telemetry_sdk_language'), 'nodejs');
});

test('a callback of the app that throws is counted and logged once, the rest is served', async (t) => {
  const { provider, scrape, lines } = await exporting(t);
  const meter = provider.getMeter('shop');
  meter.createObservableGauge('broken').addCallback(() => {
    throw new Error('no database');
  });
  meter.createObservableGauge('stock').addCallback((result) => result.observe(7));
  for (const errors of [1, 2]) {
    const text = await scrape();
    assert.match(text, /^stock\{environment="dev"\} 7$/m);
    assert.match(text, new RegExp(`^routemeter_collect_errors_total\\{environment="dev"\\} ${errors}$`, 'm'));
  }
  assert.equal(lines.length, 1);
  assert.match(lines[0] ?? '', /no database$/);
});

for (const [names, expected] of [
  [['orders_total'], ['orders_total']],
  [['orders'], ['orders_total']],
  [
    ['duration_bucket', 'orders_total'],
    ['duration', 'orders_total'],
  ],
  [['target_info'], ['target_info']],
  [['unknown'], []],
] as const) {
  test(`a scrape that asks for ${names.join(' and ')} gets ${expected.join(', ') || 'nothing'}`, async (t) => {
    const { provider, scrape } = await exporting(t);
    const meter = provider.getMeter('shop');
    meter.createCounter('orders').add(2);
    meter.createHistogram('duration').record(1);
    const families = parse(await scrape(`?${names.map((name) => `name[]=${name}`).join('&')}`));
    assert.deepEqual([...families.keys()], expected);
  });
}
