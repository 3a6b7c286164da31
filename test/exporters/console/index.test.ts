import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Attributes, Meter } from '@opentelemetry/api';
import { AggregationType, MeterProvider, type ViewOptions } from '@opentelemetry/sdk-metrics';
import type { Config } from '../../../src/config/config.ts';
import { createConsoleExporter } from '../../../src/exporters/console/index.ts';
import { recordedContext } from '../push-context.ts';

const GET = { 'http.request.method': 'GET', 'url.scheme': 'http', 'http.response.status_code': 200 };

async function setUp(
  t: TestContext,
  record: (meter: Meter) => void = (meter) => meter.createCounter('orders').add(3),
  { write, views = [], ...config }: Partial<Config> & { write?: () => void; views?: ViewOptions[] } = {},
) {
  const written: string[] = [];
  const context = recordedContext(config);
  const exporter = createConsoleExporter(
    { kind: 'console' },
    context,
    write ?? ((text) => written.push(text)),
  );
  t.after(() => exporter.close());
  record(new MeterProvider({ readers: [exporter.reader], views }).getMeter('shop'));
  const opened = await exporter.open();
  const flush = async () => exporter.processEnd?.flush(5000);
  return { exporter, written, opened, flush, lines: context.lines };
}

type Series = readonly [seconds: number[], attributes: Attributes];
function requests(meter: Meter, ...series: readonly Series[]): void {
  const histogram = meter.createHistogram('http.server.request.duration', {
    unit: 's',
    advice: { explicitBucketBoundaries: [0.005, 0.01, 0.1, 1] },
  });
  for (const [durations, attributes] of series)
    for (const one of durations) histogram.record(one, { ...GET, ...attributes });
}

const hundred = Array.from({ length: 100 }, (_, index) => (index < 90 ? 0.002 : 0.05));

const TABLES: readonly [name: string, record: (meter: Meter) => void, text: string][] = [
  ['nothing recorded', () => {}, ''],
  [
    'requests by route and status, the busiest first',
    (meter) =>
      requests(
        meter,
        [[0.002, 0.004], { 'http.route': '/' }],
        [[5], { 'url.scheme': 'https', 'http.route': '/' }],
        [hundred, { 'http.route': '/users/:id' }],
        [[0.5], { 'http.request.method': 'POST', 'http.response.status_code': 404 }],
        [
          [0.25],
          { 'http.route': '/slow', 'http.response.status_code': undefined, 'error.type': 'ECONNRESET' },
        ],
      ),
    `method  route       status      count  mean ms  p50 ms  p95 ms  p99 ms
GET     /users/:id  200           100      6.8     3.7    30.0    46.0
GET     /           200             3   1668.7     4.3  4400.0  4880.0
POST    -           404             1    500.0   500.0   500.0   500.0
GET     /slow       ECONNRESET      1    250.0   250.0   250.0   250.0
`,
  ],
  [
    'other metrics by name, visible whatever would draw on the terminal',
    (meter) => {
      meter.createCounter('orders', { unit: '{order}' }).add(3, { kind: 'book', paid: true });
      meter.createGauge('heat').record(36.654321, { bad: 'a\u001b[31m\r\nb\u202e\u2028' });
      meter.createHistogram('db.query', { unit: 's', advice: { explicitBucketBoundaries: [1] } }).record(0.5);
      meter.createUpDownCounter('carts').add(-2);
    },
    `metric                               value  unit     attributes
carts                                   -2
db.query  count 1 mean 0.5 p50 0.5 p99 0.5  s
heat                                 36.65           bad=a\\u{1b}[31m\\u{d}\\u{a}b\\u{202e}\\u{2028}
orders                                   3  {order}  kind=book paid=true
`,
  ],
  [
    'both',
    (meter) => {
      requests(meter, [[0.002], { 'http.route': '/' }]);
      meter.createCounter('orders').add(3);
    },
    `method  route  status  count  mean ms  p50 ms  p95 ms  p99 ms
GET     /      200         1      2.0     2.0     2.0     2.0

metric  value  unit  attributes
orders      3
`,
  ],
];
for (const [name, record, text] of TABLES) {
  test(`table: ${name}`, async (t) => {
    const { written, flush, lines } = await setUp(t, record);
    await flush();
    assert.equal(written.join(''), text === '' ? '' : `${text}\n`);
    assert.deepEqual(lines, []);
  });
}

test('values count from the start of the process, and after close nothing is written', async (t) => {
  const { exporter, written, flush } = await setUp(t);
  await flush();
  await flush();
  await exporter.close();
  await flush();
  assert.equal(written.length, 2);
  assert.equal(written[1], written[0]);
});

test('quantiles of an exponential histogram', async (t) => {
  const views = [
    { instrumentName: '*', aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM } } as const,
  ];
  const { written, flush } = await setUp(t, (meter) => requests(meter, [hundred, {}]), { views });
  await flush();
  assert.match(written.join(''), /GET {5}- {6}200 {7}100 {6}6\.8 {5}2\.0 {4}49\.6 {4}49\.9\n/);
});

test('a table at every interval, with the default labels', { timeout: 10_000 }, async (t) => {
  const { written, opened } = await setUp(t, undefined, { exportIntervalMillis: 10, labels: { team: 'x' } });
  const alive = setInterval(() => {}, 1000);
  t.after(() => clearInterval(alive));
  while (written.length < 2) await nextTurn();
  assert.equal(opened, 'tables on stderr every 0.01 s');
  assert.match(written[1] ?? '', /orders {6}3 {8}team=x\n/);
});

test('a closed stderr does no harm', async (t) => {
  const write = () => {
    throw new Error('EPIPE');
  };
  const { flush, lines } = await setUp(t, undefined, { write });
  await flush();
  assert.deepEqual(lines, []);
});
