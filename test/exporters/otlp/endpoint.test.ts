/** What is logged of an endpoint that is probably wrong: see hints.ts. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { doubtOf } from '../../../src/exporters/otlp/hints.ts';
import { startOtlpReceiver } from '../../receivers/otlp.ts';
import { NO_RETRY, setUp } from './pipeline.ts';

const BASE = 'OTEL_EXPORTER_OTLP_ENDPOINT';
const METRICS = 'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT';

/** What a gRPC server sends first, whatever it gets: HTTP/2's settings, and that it goes away. */
const HTTP2 = Buffer.from('00000604000000000000050000400000000807000000000000000000000001', 'hex');

/** What two exports log, and how many requests reach a receiver where the URL is one of its own. */
async function exporting(t: TestContext, endpoint: string, urlOf: (port: number) => string) {
  const receiver = await startOtlpReceiver();
  const url = urlOf(receiver.port);
  const { meter, flush, lines } = await setUp(t, { endpoint, url, timeoutMillis: NO_RETRY }, { receiver });
  meter.createCounter('orders').add(1);
  await flush();
  await flush();
  return { lines, url, paths: receiver.requests.map(({ path }) => path) };
}

test('a gRPC server: the one line of the failure has the hint', async (t) => {
  const server = createServer((socket) => socket.on('error', () => {}).end(HTTP2)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const { lines } = await exporting(t, BASE, () => `http://127.0.0.1:${port}/v1/metrics`);
  assert.equal(lines.length, 1);
  assert.match(
    lines[0] ?? '',
    /Expected HTTP\/.* \(the response is not HTTP\/1\.1, .*4318 by default\); retrying/,
  );
});

test('plain HTTP, named https: one line has the hint', async (t) => {
  const { lines, url } = await exporting(t, METRICS, (port) => `https://127.0.0.1:${port}/v1/metrics`);
  assert.equal(lines.length, 1);
  const hint = `(the response is not TLS: check whether ${METRICS}=${url} should begin with http:); retrying`;
  assert.ok(lines[0]?.includes(hint), lines[0]);
});

test('no path: one line at the start has the right one, also where it works', async (t) => {
  const { lines, url, paths } = await exporting(t, METRICS, (port) => `http://127.0.0.1:${port}/`);
  assert.deepEqual(paths, ['/', '/']);
  assert.deepEqual(lines, [`routemeter: ${doubtOf({ endpoint: METRICS, url })}`]);
});
