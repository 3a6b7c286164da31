import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Meter } from '@opentelemetry/api';
import { AggregationType, MeterProvider, type ViewOptions } from '@opentelemetry/sdk-metrics';
import type { Config } from '../../../src/config/config.ts';
import { createConsoleExporter } from '../../../src/exporters/console/index.ts';
import { recordedContext } from '../push-context.ts';

const DURATION = 'http.server.request.duration';
const BOUNDARIES = [0.005, 0.01, 0.1, 1];

async function setUp(
  record: (meter: Meter) => void,
  config: Partial<Config> = {},
  views: ViewOptions[] = [],
) {
  const written: string[] = [];
  const context = recordedContext(config);
  const exporter = createConsoleExporter({ kind: 'console' }, context, (text) => written.push(text));
  const provider = new MeterProvider({
    readers: [exporter.reader],
    views,
  });
  record(provider.getMeter('shop'));
  const opened = await exporter.open();
  const flush = async () => exporter.processEnd?.flush(5000);
  return { exporter, written, opened, flush, lines: context.lines };
}

function requests(
  meter: Meter,
  ...series: readonly (readonly [seconds: number[], attributes: object])[]
): void {
  const histogram = meter.createHistogram(DURATION, {
    unit: 's',
    advice: { explicitBucketBoundaries: BOUNDARIES },
  });
  for (const [durations, attributes] of series)
    for (const one of durations) histogram.record(one, { ...attributes });
}

const GET = { 'http.request.method': 'GET', 'url.scheme': 'http' };
const hundred = Array.from({ length: 100 }, (_, index) => (index < 90 ? 0.002 : 0.05));

const TABLES: readonly [name: string, record: (meter: Meter) => void, text: string][] = [
  ['nothing recorded', () => {}, ''],
  [
    'requests per route, the busiest first',
    (meter) =>
      requests(
        meter,
        [[0.002], { ...GET, 'http.route': '/', 'http.response.status_code': 200 }],
        [hundred, { ...GET, 'http.route': '/users/:id', 'http.response.status_code': 200 }],
        [[0.5], { ...GET, 'http.request.method': 'POST', 'http.response.status_code': 404 }],
        [[0.25], { ...GET, 'http.route': '/slow', 'error.type': 'ECONNRESET' }],
      ),
    `method  route       status      count  mean ms  p50 ms  p95 ms  p99 ms
GET     /users/:id  200           100      6.8     3.7    30.0    46.0
GET     /           200             1      2.0     2.0     2.0     2.0
POST    -           404             1    500.0   500.0   500.0   500.0
GET     /slow       ECONNRESET      1    250.0   250.0   250.0   250.0
`,
  ],
  [
    'series of one route and status are one row',
    (meter) =>
      requests(
        meter,
        [[0.002, 0.004], { ...GET, 'http.route': '/', 'http.response.status_code': 200 }],
        [[5], { ...GET, 'url.scheme': 'https', 'http.route': '/', 'http.response.status_code': 200 }],
      ),
    `method  route  status  count  mean ms  p50 ms  p95 ms  p99 ms
GET     /      200         3   1668.7     4.3  4400.0  4880.0
`,
  ],
  [
    'other metrics by name',
    (meter) => {
      meter.createCounter('orders', { unit: '{order}' }).add(3, { kind: 'book', paid: true });
      meter.createGauge('heat').record(36.654321);
      meter.createHistogram('db.query', { unit: 's', advice: { explicitBucketBoundaries: [1] } }).record(0.5);
      meter.createUpDownCounter('carts').add(-2);
    },
    `metric                               value  unit     attributes
carts                                   -2
db.query  count 1 mean 0.5 p50 0.5 p99 0.5  s
heat                                 36.65
orders                                   3  {order}  kind=book paid=true
`,
  ],
  [
    'both',
    (meter) => {
      requests(meter, [[0.002], { ...GET, 'http.route': '/', 'http.response.status_code': 200 }]);
      meter.createCounter('orders').add(3);
    },
    `method  route  status  count  mean ms  p50 ms  p95 ms  p99 ms
GET     /      200         1      2.0     2.0     2.0     2.0

metric  value  unit  attributes
orders      3
`,
  ],
  [
    'what would draw on the terminal is visible',
    (meter) => meter.createCounter('orders').add(1, { bad: 'a\u001b[31m\r\nb\u202e\u2028' }),
    `metric  value  unit  attributes
orders      1        bad=a\\u{1b}[31m\\u{d}\\u{a}b\\u{202e}\\u{2028}
`,
  ],
];
for (const [name, record, text] of TABLES) {
  test(`table: ${name}`, async (t) => {
    const { exporter, written, flush, lines } = await setUp(record);
    t.after(() => exporter.close());
    await flush();
    assert.equal(written.join(''), text === '' ? '' : `${text}\n`);
    assert.deepEqual(lines, []);
  });
}

test('values count from the start of the process', async (t) => {
  const { exporter, written, flush } = await setUp((meter) => meter.createCounter('orders').add(3));
  t.after(() => exporter.close());
  await flush();
  await flush();
  assert.equal(written.length, 2);
  assert.equal(written[1], written[0]);
});

test('quantiles of an exponential histogram', async (t) => {
  const exponential: ViewOptions = {
    instrumentName: DURATION,
    aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM },
  };
  const record = (meter: Meter) => requests(meter, [hundred, { ...GET, 'http.response.status_code': 200 }]);
  const { exporter, written, flush } = await setUp(record, {}, [exponential]);
  t.after(() => exporter.close());
  await flush();
  assert.match(written.join(''), /GET {5}- {6}200 {7}100 {6}6\.8 {5}2\.0 {4}49\.6 {4}49\.9\n/);
});

test('a table at every interval, with the default labels', { timeout: 10_000 }, async (t) => {
  const config = { exportIntervalMillis: 10, labels: { team: 'x' } };
  const { exporter, written, opened } = await setUp((meter) => meter.createCounter('orders').add(3), config);
  t.after(() => exporter.close());
  const alive = setInterval(() => {}, 1000);
  t.after(() => clearInterval(alive));
  while (written.length < 2) await nextTurn();
  assert.equal(opened, 'tables on stderr every 0.01 s');
  assert.match(written[1] ?? '', /orders {6}3 {8}team=x\n/);
});

test('after close nothing is written', async () => {
  const { exporter, written, flush } = await setUp((meter) => meter.createCounter('orders').add(3));
  await exporter.close();
  await flush();
  assert.deepEqual(written, []);
});

test('a closed stderr does no harm', async (t) => {
  const context = recordedContext();
  const exporter = createConsoleExporter({ kind: 'console' }, context, () => {
    throw new Error('EPIPE');
  });
  t.after(() => exporter.close());
  new MeterProvider({ readers: [exporter.reader] }).getMeter('shop').createCounter('orders').add(1);
  await exporter.open();
  await exporter.processEnd?.flush(5000);
  assert.deepEqual(context.lines, []);
});
