import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { context as otelContext, ValueType } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { isTracingSuppressed } from '@opentelemetry/core';
import type { OtlpConfig } from '../../../src/config/config.ts';
import { createOtlpExporter } from '../../../src/exporters/otlp/index.ts';
import { openSeams, type Seams } from '../../../src/exporters/otlp/seams.ts';
import { load } from '../../../src/guest/load.ts';
import { makeCertificates } from '../../receivers/certificates.ts';
import { type Answer, type ReceivedPoint, startOtlpReceiver } from '../../receivers/otlp.ts';
import { otlpConfig, recordedContext } from '../push-context.ts';
import { NO_RETRY, type Pipeline, setUp } from './pipeline.ts';

/** Everything a backend can be sent, once. */
function recordAll({ meter }: Pipeline): void {
  meter.createCounter('orders', { unit: '{order}' }).add(3, { kind: 'book' });
  meter.createUpDownCounter('carts').add(-2);
  meter.createGauge('heat').record(36.6);
  meter.createHistogram('price', { unit: 's', advice: { explicitBucketBoundaries: [1, 10] } }).record(2.5);
  meter.createObservableCounter('ticks').addCallback((result) => result.observe(7));
}

function point(points: readonly ReceivedPoint[], metric: string): ReceivedPoint {
  const found = points.find((one) => one.metric === metric);
  assert.ok(found, `no ${metric}`);
  return found;
}

for (const protocol of ['http/protobuf', 'http/json'] as const) {
  test(`${protocol} carries every kind of metric`, async (t) => {
    const pipeline = await setUp(t, { protocol });
    recordAll(pipeline);
    await pipeline.flush();
    const { method, path, headers, resource, points } = await pipeline.receiver.received(1);
    assert.deepEqual([method, path], ['POST', '/v1/metrics']);
    assert.equal(
      headers['content-type'],
      protocol === 'http/json' ? 'application/json' : 'application/x-protobuf',
    );
    assert.deepEqual(resource, { 'service.name': 'shop' });
    assert.deepEqual(
      points.map((one) => [one.scope, one.metric, one.unit, one.kind, one.value, one.attributes]),
      [
        ['app', 'orders', '{order}', 'sum', 3, { kind: 'book' }],
        ['app', 'carts', '', 'sum', -2, {}],
        ['app', 'heat', '', 'gauge', 36.6, {}],
        ['app', 'price', 's', 'histogram', 1, {}],
        ['app', 'ticks', '', 'sum', 7, {}],
      ],
    );
    const { sum, bounds, counts } = point(points, 'price');
    assert.deepEqual([sum, bounds, counts], [2.5, [1, 10], [0, 1, 0]]);
  });

  test(`${protocol}: a gauge of NaN does not affect other metrics`, async (t) => {
    const { receiver, meter, flush } = await setUp(t, { protocol });
    meter.createGauge('nothing').record(Number.NaN);
    meter.createGauge('infinite').record(Number.NEGATIVE_INFINITY);
    meter.createGauge('integer', { valueType: ValueType.INT }).record(1e20);
    meter.createCounter('orders').add(3, { load: Number.NaN, most: Number.POSITIVE_INFINITY, size: 1e300 });
    await flush();
    const { points } = await receiver.received(1);
    assert.deepEqual(
      points.map(({ metric, value }) => [metric, value]),
      [
        ['nothing', Number.NaN],
        ['infinite', Number.NEGATIVE_INFINITY],
        ['integer', 1e20],
        ['orders', 3],
      ],
    );
    const { load, most, size } = point(points, 'orders').attributes;
    assert.deepEqual([load, most, size].map(Number), [Number.NaN, Number.POSITIVE_INFINITY, 1e300]);
  });

  test(`${protocol} asks for base2 exponential histograms`, async (t) => {
    const pipeline = await setUp(t, { protocol, histogramAggregation: 'base2_exponential_bucket_histogram' });
    recordAll(pipeline);
    await pipeline.flush();
    const { points } = await pipeline.receiver.received(1);
    const { kind, value, sum, counts, scale } = point(points, 'price');
    assert.deepEqual([kind, value, sum, counts, scale], ['exponentialHistogram', 1, 2.5, [1], 20]);
    assert.equal(point(points, 'orders').kind, 'sum');
  });
}

/** What arrives by the second push, after 3 and then 4 more were recorded. */
const TEMPORALITIES: readonly [
  temporality: OtlpConfig['temporality'],
  expected: Readonly<Record<string, readonly [ReceivedPoint['temporality'], number]>>,
][] = [
  [
    'cumulative',
    {
      counter: ['cumulative', 7],
      updown: ['cumulative', 7],
      observed: ['cumulative', 7],
      price: ['cumulative', 2],
    },
  ],
  [
    'delta',
    { counter: ['delta', 4], updown: ['cumulative', 7], observed: ['delta', 4], price: ['delta', 1] },
  ],
  [
    'lowmemory',
    { counter: ['delta', 4], updown: ['cumulative', 7], observed: ['cumulative', 7], price: ['delta', 1] },
  ],
];
for (const [temporality, expected] of TEMPORALITIES) {
  test(`temporality ${temporality}`, async (t) => {
    const { receiver, meter, flush } = await setUp(t, { temporality });
    let total = 0;
    const counter = meter.createCounter('counter');
    const updown = meter.createUpDownCounter('updown');
    const price = meter.createHistogram('price');
    meter.createObservableCounter('observed').addCallback((result) => result.observe(total));
    for (const amount of [3, 4]) {
      total += amount;
      counter.add(amount);
      updown.add(amount);
      price.record(amount);
      await flush();
    }
    const { points } = await receiver.received(2);
    const seen = points.map((one) => [one.metric, [one.temporality, one.value]]);
    assert.deepEqual(Object.fromEntries(seen), expected);
  });
}

const HEADERS: readonly [
  name: string,
  settings: Partial<OtlpConfig>,
  expected: Readonly<Record<string, string>>,
][] = [
  [
    'headers',
    { headers: { authorization: 'Bearer t', 'x-tenant': 'a' } },
    { authorization: 'Bearer t', 'x-tenant': 'a' },
  ],
  ['gzip', { compression: 'gzip' }, { 'content-encoding': 'gzip' }],
  ['gzip of JSON', { compression: 'gzip', protocol: 'http/json' }, { 'content-encoding': 'gzip' }],
];
for (const [name, settings, expected] of HEADERS) {
  test(`${name} reach the backend`, async (t) => {
    const { receiver, meter, flush } = await setUp(t, settings);
    meter.createCounter('orders').add(1);
    await flush();
    const { headers, points } = await receiver.received(1);
    assert.deepEqual({ ...headers, ...expected }, headers);
    assert.equal(point(points, 'orders').value, 1);
  });
}

test('the configuration decides, whatever is in the environment', async (t) => {
  const environment = {
    OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://127.0.0.1:1/wrong',
    OTEL_EXPORTER_OTLP_METRICS_COMPRESSION: 'gzip',
    OTEL_EXPORTER_OTLP_METRICS_TIMEOUT: '1',
    OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'delta',
    OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE: '/nowhere',
  };
  Object.assign(process.env, environment);
  t.after(() => {
    for (const name of Object.keys(environment)) delete process.env[name];
  });
  const { receiver, meter, flush, lines } = await setUp(t);
  meter.createCounter('orders').add(1);
  await flush();
  const { headers, points } = await receiver.received(1);
  assert.equal(headers['content-encoding'], undefined);
  assert.equal(point(points, 'orders').temporality, 'cumulative');
  assert.deepEqual(lines, []);
});

test('the default labels are on every data point, and a series keeps its own', async (t) => {
  const { receiver, meter, flush } = await setUp(
    t,
    {},
    { config: { labels: { environment: 'dev', team: 'x' } } },
  );
  meter.createCounter('orders').add(1, { team: 'own' });
  meter.createHistogram('price').record(1);
  await flush();
  const { points } = await receiver.received(1);
  assert.deepEqual(point(points, 'orders').attributes, { environment: 'dev', team: 'own' });
  assert.deepEqual(point(points, 'price').attributes, { environment: 'dev', team: 'x' });
});

test('it exports at every interval, over one connection', async (t) => {
  const { receiver, meter, lines } = await setUp(t, {}, { config: { exportIntervalMillis: 20 } });
  meter.createCounter('orders').add(1);
  await receiver.received(3);
  assert.equal(receiver.connections, 1);
  assert.deepEqual(lines, []);
});

test('open reports where the metrics go, without secrets', async (t) => {
  const context = recordedContext({ exportIntervalMillis: 60_000 });
  const config = otlpConfig('https://user:pass@otel.example:4318/v1/metrics?key=k', {
    protocol: 'http/json',
  });
  const exporter = createOtlpExporter(config, context);
  t.after(() => exporter.close());
  assert.equal(await exporter.open(), 'OTLP http/json to https://otel.example:4318/v1/metrics every 60 s');
});

test('a dead backend is logged once, and so is its return', async (t) => {
  const receiver = await startOtlpReceiver();
  await receiver.close();
  const settings = { timeoutMillis: NO_RETRY };
  const { meter, flush, lines } = await setUp(t, settings, {
    receiver: { ...receiver, close: async () => {} },
  });
  meter.createCounter('orders').add(1);
  for (let exports = 0; exports < 3; exports++) await flush();
  const down = `routemeter: cannot export metrics to ${receiver.url}: connect ECONNREFUSED 127.0.0.1:${receiver.port}; retrying every 3600 s while the process runs; further failures are not logged`;
  assert.deepEqual(lines, [down]);

  const back = await startOtlpReceiver({ port: receiver.port });
  t.after(() => back.close());
  for (let exports = 0; exports < 2; exports++) await flush();
  assert.equal(point((await back.received(2)).points, 'orders').value, 1);
  assert.deepEqual(lines, [down, `routemeter: metrics are exported to ${receiver.url} again`]);

  await back.close();
  await flush();
  assert.equal(lines.length, 3);
  assert.match(lines[2] ?? '', /cannot export metrics to /);
});

const REFUSALS: readonly [answer: Answer, reason: string][] = [
  [{ kind: 'status', status: 400, body: 'no name' }, 'status 400 Bad Request: no name'],
  [{ kind: 'status', status: 503 }, 'status 503 Service Unavailable'],
  [{ kind: 'hang' }, 'no answer within 0.7 s'],
];
for (const [answer, reason] of REFUSALS) {
  test(`one message has the reason: ${reason}`, async (t) => {
    const { receiver, meter, flush, lines } = await setUp(t, { timeoutMillis: NO_RETRY });
    receiver.answer = answer;
    meter.createCounter('orders').add(1);
    await flush();
    await flush();
    assert.equal(receiver.requests.length, 2);
    assert.equal(lines.length, 1);
    assert.equal(
      lines[0],
      `routemeter: cannot export metrics to ${receiver.url}: ${reason}; retrying every 3600 s while the process runs; further failures are not logged`,
    );
  });
}

test('a retryable response is retried within the timeout', async (t) => {
  const { receiver, meter, flush, lines } = await setUp(t);
  const warnings: Error[] = [];
  const onWarning = (warning: Error) => warnings.push(warning);
  process.on('warning', onWarning);
  t.after(() => process.off('warning', onWarning));
  receiver.answer = { kind: 'status', status: 503, headers: { 'retry-after': '0' } };
  meter.createCounter('orders').add(1);
  const flushed = flush();
  await receiver.received(2);
  receiver.answer = { kind: 'accept' };
  await flushed;
  assert.equal(point((await receiver.received(3)).points, 'orders').value, 1);
  assert.deepEqual([lines, warnings], [[], []]);
});

test('a closed exporter sends nothing more', async (t) => {
  const { receiver, meter, flush, exporter, lines } = await setUp(t);
  receiver.answer = { kind: 'status', status: 503, headers: { 'retry-after': '0' } };
  meter.createCounter('orders').add(1);
  const flushed = flush();
  await receiver.received(1);
  await exporter.close();
  const { length } = receiver.requests;
  await flushed;
  await flush();
  for (let turn = 0; turn < 20; turn++) await nextTurn();
  assert.equal(receiver.requests.length, length);
  assert.deepEqual(lines, []);
});

test('tracing that the app has set up does not see the exports', async (t) => {
  const manager = new AsyncLocalStorageContextManager().enable();
  otelContext.setGlobalContextManager(manager);
  t.after(() => otelContext.disable());
  const suppressed: boolean[] = [];
  const { channel } = await import('node:diagnostics_channel');
  const see = () => suppressed.push(isTracingSuppressed(otelContext.active()));
  channel('http.client.request.start').subscribe(see);
  t.after(() => channel('http.client.request.start').unsubscribe(see));
  const { meter, flush } = await setUp(t);
  meter.createCounter('orders').add(1);
  await flush();
  assert.deepEqual(suppressed, [true]);
});

const noSeams = (): Seams => ({
  judge: () => ({ status: 'success', partial: undefined }),
  onAttemptFailed() {},
  onAccepted() {},
  closed: new AbortController().signal,
});

for (const path of ['./exporters/otlp/protobuf', './exporters/otlp/json'] as const) {
  test(`the library has the shape that the seams need: ${path}`, () => {
    const { OTLPMetricExporter } = load<{ OTLPMetricExporter: new () => object }>(path);
    const seams = noSeams();
    assert.equal(openSeams(new OTLPMetricExporter(), seams), true);
  });
}

test('a library of another shape is left as it is', () => {
  const seams = noSeams();
  const other = { _delegate: { _transport: {} } };
  assert.equal(openSeams(other, seams), false);
  assert.deepEqual(other, { _delegate: { _transport: {} } });
});

test('TLS with a private authority and a client certificate', async (t) => {
  const certificates = makeCertificates();
  if (certificates === undefined) return t.skip('there is no openssl to make certificates with');
  const { ca, server, client } = certificates;
  const tls = { ...server, ca, requestCert: true, rejectUnauthorized: true };
  const cases: readonly [tls: OtlpConfig['tls'], requests: number, said: RegExp | undefined][] = [
    [{ ca, ...client }, 1, undefined],
    [{ ca }, 0, /cannot export metrics to https:\S+: .*certificate required/],
    [
      {},
      0,
      /cannot export metrics to https:\S+: (self-signed certificate in certificate chain|unable to .* certificate)/,
    ],
  ];
  for (const [settings, requests, said] of cases) {
    const receiver = await startOtlpReceiver({ tls });
    const { meter, flush, lines } = await setUp(t, { tls: settings, timeoutMillis: 2000 }, { receiver });
    meter.createCounter('orders').add(1);
    await flush();
    assert.equal(receiver.requests.length, requests);
    if (said) assert.match(lines.join('\n'), said);
    else assert.deepEqual(lines, []);
  }
});
