import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type Answer, type ReceivedPoint, startOtlpReceiver } from '../../receivers/otlp.ts';
import { encodePartialSuccess } from '../../receivers/otlp-protobuf.ts';
import { NO_RETRY, type Pipeline, setUp } from './pipeline.ts';

const OFTEN = { exportIntervalMillis: 20, exportTimeoutMillis: NO_RETRY };

/** Pushes once for each answer. */
async function push({ receiver, flush }: Pipeline, ...answers: readonly Answer[]): Promise<void> {
  for (const answer of answers) {
    receiver.answer = answer;
    await flush();
  }
}

async function counting(
  t: TestContext,
  ...args: Parameters<typeof setUp> extends [unknown, ...infer Rest] ? Rest : never
) {
  const pipeline = await setUp(t, ...args);
  pipeline.meter.createCounter('orders').add(1);
  return pipeline;
}

for (const protocol of ['http/protobuf', 'http/json'] as const) {
  test(`${protocol}: each remark of a backend is logged once`, async (t) => {
    const pipeline = await counting(t, { protocol });
    const tooOld: Answer = { kind: 'partial', rejected: 5, message: 'too old' };
    const renamed: Answer = { kind: 'partial', rejected: 0, message: 'use\nanother name' };
    await push(pipeline, tooOld, renamed, tooOld, renamed);
    assert.deepEqual(pipeline.lines, [
      `routemeter: ${pipeline.receiver.url} rejected 5 data points of an export: too old`,
      `routemeter: ${pipeline.receiver.url} accepted an export with a warning: use another name`,
    ]);
  });

  test(`${protocol}: a login page is a failure, which the first OTLP response ends`, async (t) => {
    const pipeline = await counting(t, { protocol });
    const { receiver } = pipeline;
    const page: Answer = {
      kind: 'status',
      status: 200,
      headers: { 'content-type': 'text/html; charset=utf-8' },
      body: '<html><title>Sign in</title></html>',
    };
    await push(pipeline, page, page, { kind: 'accept' });
    assert.deepEqual(pipeline.lines, [
      `routemeter: cannot export metrics to ${receiver.url}: status 200, but the response, of type text/html; charset=utf-8, is not OTLP: Sign in (check that OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:${receiver.port} leads to the backend and not to a login page or a proxy); retrying every 3600 s while the process runs; further failures are not logged`,
      `routemeter: metrics are exported to ${receiver.url} again`,
    ]);
  });
}

test('a valid response may be compressed, though not requested', async (t) => {
  const pipeline = await counting(t);
  const body = gzipSync(encodePartialSuccess(1, 'too old'));
  const headers = { 'content-type': 'application/x-protobuf', 'content-encoding': 'gzip' };
  await push(pipeline, { kind: 'status', status: 200, headers, body });
  assert.match(pipeline.lines.join('\n'), /rejected 1 data points of an export: too old$/);
});

const SHOWN: readonly [what: string, body: string, length: number, shown: RegExp][] = [
  ['a response that is too long', `the disk is full ${'x'.repeat(5e6)}`, 5e6 + 17, / full x+…; retrying/],
  ['a rejection that breaks off', 'the disk is', 100, /the disk is; retrying/],
];
for (const [what, body, length, shown] of SHOWN) {
  test(`the beginning of ${what} is shown`, async (t) => {
    const pipeline = await counting(t);
    const headers = { 'content-type': 'text/plain', 'content-length': String(length) };
    const answer = { kind: 'status', status: 500, headers, body } as const;
    await push(pipeline, body.length < length ? { ...answer, cut: true } : answer);
    assert.match(pipeline.lines.join('\n'), /: status 500 Internal Server Error: the disk is/);
    assert.match(pipeline.lines.join('\n'), shown);
  });
}

test('no secret of headers or the URL is shown when a backend repeats it', async (t) => {
  const receiver = await startOtlpReceiver();
  const url = receiver.url.replace('//', '//me:open%20sesame@').concat('?key=k1');
  const headers = { 'x-key': 'tok-123456' };
  const pipeline = await counting(t, { url, headers }, { receiver });
  const basic = `Basic ${Buffer.from('me:open sesame').toString('base64')}`;
  const body = `no ${basic}, me:open sesame, open%20sesame, tok-123456 or k1`;
  await push(pipeline, { kind: 'status', status: 403, body });
  assert.equal((await receiver.received(1)).headers.authorization, basic);
  assert.match(
    pipeline.lines.join('\n'),
    /status 403 Forbidden: no \*\*\*, \*\*\*, \*\*\*, \*\*\* or \*\*\* \(the backend may require a header: see OTEL_EXPORTER_OTLP_HEADERS\);/,
  );
});

test('Retry-After applies across intervals, and loses nothing', async (t) => {
  const { receiver, meter, lines } = await counting(t, { temporality: 'delta' }, { config: OFTEN });
  receiver.answer = { kind: 'status', status: 429, headers: { 'retry-after': '1' } };
  await receiver.received(1);
  const start = performance.now();
  receiver.answer = { kind: 'accept' };
  meter.createCounter('books').add(2);
  const [point, ...others] = (await receiver.received(2)).points;
  // A timer may be a millisecond early, and the answer came after the request.
  assert.ok(performance.now() - start > 990);
  assert.deepEqual([point?.metric, point?.value, others], ['books', 2, []]);
  assert.match(lines[0] ?? '', / \(it asks to wait 1 s\); retrying/);
});

test('Retry-After as a date is honoured, and a flush does not wait for it', async (t) => {
  const { receiver, flush } = await counting(t, {}, { config: OFTEN });
  const inAnHour = new Date(Date.now() + 3_600_000).toUTCString();
  receiver.answer = { kind: 'status', status: 503, headers: { 'retry-after': inAnHour } };
  await receiver.received(1);
  receiver.answer = { kind: 'accept' };
  await flush();
  assert.equal(receiver.requests.length, 2);
});

/** What the last push reports of the pushes before it. */
function exportedIn(points: readonly ReceivedPoint[] = []): Record<string, number> {
  const own = points.filter(({ metric }) => metric === 'otel.sdk.exporter.metric_data_point.exported');
  return Object.fromEntries(
    own.map(({ attributes, value }) => [String(attributes['error.type'] ?? ''), value]),
  );
}

test('what a backend accepted and did not accept is a metric', async (t) => {
  const pipeline = await counting(t, { timeoutMillis: NO_RETRY });
  const { exporter, own, receiver, meter } = pipeline;
  exporter.instrument?.(own);
  meter.createHistogram('price').record(1);
  await push(
    pipeline,
    { kind: 'accept' },
    { kind: 'partial', rejected: 2, message: 'too old' },
    // More than there were.
    { kind: 'partial', rejected: 100, message: 'too old' },
    ...[400, 503, 200].map((status): Answer => ({ kind: 'status', status, body: 'OK' })),
    { kind: 'hang' },
    { kind: 'accept' },
  );
  // Of one process the metric itself is one data point, and one more for each reason.
  assert.deepEqual(exportedIn(receiver.requests.at(-1)?.points), {
    '': 3 + 1,
    rejected: 2 + 4,
    400: 4,
    503: 5,
    not_otlp: 6,
    timeout: 7,
  });
  const [point] = receiver.requests[0]?.points.filter(({ metric }) => metric.startsWith('otel.')) ?? [];
  assert.deepEqual([point?.unit, point?.kind], ['{data_point}', 'sum']);
  assert.deepEqual(point?.attributes, {
    'otel.component.name': 'otlp_http_metric_exporter/0',
    'otel.component.type': 'otlp_http_metric_exporter',
    'server.address': 'localhost',
    'server.port': receiver.port,
  });
});

test('an error of the connection is counted by its code', async (t) => {
  const receiver = await startOtlpReceiver();
  const settings = { timeoutMillis: NO_RETRY, protocol: 'http/json' } as const;
  const pipeline = await counting(t, settings, { receiver: { ...receiver, close: async () => {} } });
  const { exporter, own, flush } = pipeline;
  exporter.instrument?.(own);
  await receiver.close();
  await flush();
  const back = await startOtlpReceiver({ port: receiver.port });
  t.after(() => back.close());
  await flush();
  const { points } = await back.received(1);
  assert.deepEqual(exportedIn(points), { '': 0, ECONNREFUSED: 2 });
  const [point] = points.filter(({ metric }) => metric.startsWith('otel.'));
  assert.equal(point?.attributes['otel.component.type'], 'otlp_http_json_metric_exporter');
});
