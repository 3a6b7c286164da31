/** What is logged of an endpoint that is probably wrong: see hints.ts. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { freeHost, freePort } from '../../ports.ts';
import { startOtlpReceiver } from '../../receivers/otlp.ts';
import { NO_RETRY, setUp } from './pipeline.ts';

const BASE = 'OTEL_EXPORTER_OTLP_ENDPOINT';
const METRICS = 'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT';

/** What a gRPC server sends first, whatever it gets: HTTP/2's settings, and that it goes away. */
const HTTP2 = Buffer.from('00000604000000000000050000400000000807000000000000000000000001', 'hex');

async function startGrpc(t: TestContext, host: string, port: number): Promise<void> {
  const server = createServer((socket) => socket.on('error', () => {}).end(HTTP2)).listen(port, host);
  await once(server, 'listening');
  t.after(() => server.close());
}

/** What two exports log, and how many requests reach a receiver where the URL is one of its own. */
async function exporting(t: TestContext, endpoint: string, url: string | ((base: string) => string)) {
  const receiver = await startOtlpReceiver();
  const given = typeof url === 'string' ? url : url(`//127.0.0.1:${receiver.port}`);
  const { meter, flush, lines } = await setUp(
    t,
    { endpoint, url: given, timeoutMillis: NO_RETRY },
    { receiver },
  );
  meter.createCounter('orders').add(1);
  await flush();
  await flush();
  return { lines, url: given, paths: receiver.requests.map(({ path }) => path) };
}

test('the port of gRPC: one line at the start has the right one, and the failure no hint', async (t) => {
  const host = await freeHost([4317]);
  await startGrpc(t, host, 4317);
  const { lines } = await exporting(t, BASE, `http://${host}:4317/v1/metrics`);
  const [doubt, failure = '', ...more] = lines;
  assert.equal(
    doubt,
    `routemeter: ${BASE}="http://${host}:4317": port 4317 is for OTLP over gRPC; this is OTLP over HTTP, whose port is 4318. If exports fail, set ${BASE}=http://${host}:4318`,
  );
  assert.match(failure, /cannot export metrics to .*: Parse Error: Expected HTTP\/[^()]*; retrying/);
  assert.deepEqual(more, []);
});

test('gRPC on another port: the line of the failure has the hint', async (t) => {
  const port = await freePort();
  await startGrpc(t, '127.0.0.1', port);
  const { lines } = await exporting(t, BASE, `http://127.0.0.1:${port}/v1/metrics`);
  assert.equal(lines.length, 1);
  assert.match(
    lines[0] ?? '',
    /Expected HTTP\/.* \(the response is not HTTP\/1\.1, .*4318 by default\); retrying/,
  );
});

test('plain HTTP, named https: one line has the hint', async (t) => {
  const { lines, url } = await exporting(t, METRICS, (base) => `https:${base}/v1/metrics`);
  assert.equal(lines.length, 1);
  const hint = `(the response is not TLS: check whether ${METRICS}=${url} should begin with http:); retrying`;
  assert.ok(lines[0]?.includes(hint), lines[0]);
});

test('no path: one line at the start has the right one, also where it works', async (t) => {
  const { lines, url, paths } = await exporting(t, METRICS, (base) => `http:${base}/`);
  const given = url.slice(0, -1);
  assert.deepEqual(paths, ['/', '/']);
  assert.deepEqual(lines, [
    `routemeter: ${METRICS}="${given}": it has no path and is used as it is; the path of OTLP over HTTP is /v1/metrics. If exports fail, set ${METRICS}=${given}/v1/metrics`,
  ]);
});
