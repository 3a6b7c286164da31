import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { context as otelContext, ValueType } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { isTracingSuppressed } from '@opentelemetry/core';
import type { OtlpConfig } from '../../../src/config/config.ts';
import { openSeams, type Seams } from '../../../src/exporters/otlp/seams.ts';
import { load } from '../../../src/guest/load.ts';
import { makeCertificates } from '../../receivers/certificates.ts';
import { type ReceivedPoint, startOtlpReceiver } from '../../receivers/otlp.ts';
import { NO_RETRY, setUp } from './pipeline.ts';

function point(points: readonly ReceivedPoint[], metric: string): ReceivedPoint {
  const found = points.find((one) => one.metric === metric);
  assert.ok(found, `no ${metric}`);
  return found;
}

for (const protocol of ['http/protobuf', 'http/json'] as const) {
  test(`${protocol} carries every kind of metric, and numbers that JSON does not have`, async (t) => {
    const { meter, flush, receiver } = await setUp(t, { protocol });
    meter.createCounter('orders', { unit: '{order}' }).add(3, { kind: 'book' });
    meter.createUpDownCounter('carts').add(-2);
    meter.createGauge('heat').record(36.6);
    meter.createHistogram('price', { unit: 's', advice: { explicitBucketBoundaries: [1, 10] } }).record(2.5);
    meter.createObservableCounter('ticks').addCallback((result) => result.observe(7));
    meter.createGauge('nothing').record(Number.NaN, { load: Number.NaN, size: 1e300 });
    meter.createGauge('integer', { valueType: ValueType.INT }).record(1e20);
    await flush();
    const { method, path, headers, resource, points } = await receiver.received(1);
    assert.deepEqual([method, path], ['POST', '/v1/metrics']);
    const type = protocol === 'http/json' ? 'application/json' : 'application/x-protobuf';
    assert.equal(headers['content-type'], type);
    assert.deepEqual(resource, { 'service.name': 'shop' });
    const { load, size } = point(points, 'nothing').attributes;
    assert.deepEqual([load, size].map(Number), [Number.NaN, 1e300]);
    assert.deepEqual(
      points.map((one) => [one.scope, one.metric, one.unit, one.kind, one.value, one.attributes]),
      [
        ['app', 'orders', '{order}', 'sum', 3, { kind: 'book' }],
        ['app', 'carts', '', 'sum', -2, {}],
        ['app', 'heat', '', 'gauge', 36.6, {}],
        ['app', 'price', 's', 'histogram', 1, {}],
        ['app', 'ticks', '', 'sum', 7, {}],
        ['app', 'nothing', '', 'gauge', Number.NaN, { load, size }],
        ['app', 'integer', '', 'gauge', 1e20, {}],
      ],
    );
    const { sum, bounds, counts } = point(points, 'price');
    assert.deepEqual([sum, bounds, counts], [2.5, [1, 10], [0, 1, 0]]);
  });

  test(`${protocol} asks for base2 exponential histograms`, async (t) => {
    const histogramAggregation = 'base2_exponential_bucket_histogram';
    const { meter, flush, receiver } = await setUp(t, { protocol, histogramAggregation });
    meter.createHistogram('price').record(2.5);
    meter.createCounter('orders').add(1);
    await flush();
    const { points } = await receiver.received(1);
    const { kind, value, sum, counts, scale } = point(points, 'price');
    assert.deepEqual([kind, value, sum, counts, scale], ['exponentialHistogram', 1, 2.5, [1], 20]);
    assert.equal(point(points, 'orders').kind, 'sum');
  });
}

type Sent = `${ReceivedPoint['temporality']} ${number}`;
/** What arrives by the second push, after 3 and then 4 more were recorded. */
const TEMPORALITIES: readonly [OtlpConfig['temporality'], counter: Sent, observed: Sent, price: Sent][] = [
  ['cumulative', 'cumulative 7', 'cumulative 7', 'cumulative 2'],
  ['delta', 'delta 4', 'delta 4', 'delta 1'],
  ['lowmemory', 'delta 4', 'cumulative 7', 'delta 1'],
];
for (const [temporality, counter, observed, price] of TEMPORALITIES) {
  test(`temporality ${temporality}`, async (t) => {
    const { receiver, meter, flush } = await setUp(t, { temporality });
    let total = 0;
    meter.createObservableCounter('observed').addCallback((result) => result.observe(total));
    for (const amount of [3, 4]) {
      total += amount;
      meter.createCounter('counter').add(amount);
      meter.createUpDownCounter('updown').add(amount);
      meter.createHistogram('price').record(amount);
      await flush();
    }
    const { points } = await receiver.received(2);
    const seen = points.map((one) => [one.metric, `${one.temporality} ${one.value}`]);
    assert.deepEqual(Object.fromEntries(seen), { counter, updown: 'cumulative 7', observed, price });
  });
}

for (const protocol of ['http/protobuf', 'http/json'] as const) {
  test(`headers and ${protocol} in gzip reach the backend`, async (t) => {
    const own = { authorization: 'Bearer t', 'x-tenant': 'a' };
    const { receiver, meter, flush } = await setUp(t, { headers: own, compression: 'gzip', protocol });
    meter.createCounter('orders').add(1);
    await flush();
    const { headers, points } = await receiver.received(1);
    assert.deepEqual({ ...headers, ...own, 'content-encoding': 'gzip' }, headers);
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
  const labels = { environment: 'dev', team: 'x' };
  const { receiver, meter, flush } = await setUp(t, {}, { config: { labels } });
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
  const url = 'https://user:pass@otel.example:4318/v1/metrics?key=k';
  const { exporter } = await setUp(t, { url, protocol: 'http/json' });
  assert.equal(await exporter.open(), 'OTLP http/json to https://otel.example:4318/v1/metrics every 3600 s');
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

for (const [answer, reason] of [
  [{ kind: 'status', status: 503 }, 'status 503 Service Unavailable'],
  [{ kind: 'hang' }, 'no answer within 0.7 s'],
] as const) {
  test(`one message has the reason: ${reason}`, async (t) => {
    const { receiver, meter, flush, lines } = await setUp(t, { timeoutMillis: NO_RETRY });
    receiver.answer = answer;
    meter.createCounter('orders').add(1);
    await flush();
    await flush();
    assert.equal(receiver.requests.length, 2);
    assert.equal(lines.length, 1);
    assert.ok(lines[0]?.startsWith(`routemeter: cannot export metrics to ${receiver.url}: ${reason}; `));
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

const SEAMS: Seams = {
  judge: () => ({ status: 'success', partial: undefined }),
  onAttemptFailed() {},
  onAccepted() {},
  closed: new AbortController().signal,
};

for (const path of ['./exporters/otlp/protobuf', './exporters/otlp/json'] as const) {
  test(`the library has the shape that the seams need: ${path}`, () => {
    const { OTLPMetricExporter } = load<{ OTLPMetricExporter: new () => object }>(path);
    assert.equal(openSeams(new OTLPMetricExporter(), SEAMS), true);
  });
}

test('a library of another shape is left as it is', () => {
  const other = { _delegate: { _transport: {} } };
  assert.equal(openSeams(other, SEAMS), false);
  assert.deepEqual(other, { _delegate: { _transport: {} } });
});

test('TLS with a private authority and a client certificate', async (t) => {
  const certificates = makeCertificates();
  if (certificates === undefined) return t.skip('there is no openssl to make certificates with');
  const { ca, server, client } = certificates;
  const tls = { ...server, ca, requestCert: true, rejectUnauthorized: true };
  const cases: readonly [tls: OtlpConfig['tls'], requests: number, said: RegExp][] = [
    [{ ca, ...client }, 1, /^$/],
    [{ ca }, 0, /export metrics to https:\S+: .*certificate required/],
    [
      {},
      0,
      /export metrics to https:\S+: (self-signed certificate in certificate chain|unable to .* certificate)/,
    ],
  ];
  for (const [settings, requests, said] of cases) {
    const receiver = await startOtlpReceiver({ tls });
    const { meter, flush, lines } = await setUp(t, { tls: settings, timeoutMillis: 2000 }, { receiver });
    meter.createCounter('orders').add(1);
    await flush();
    assert.equal(receiver.requests.length, requests);
    assert.match(lines.join('\n'), said);
  }
});
