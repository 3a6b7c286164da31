import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { AppProcess } from '../app-process.ts';
import { freeHost } from '../ports.ts';
import { startOtlpReceiver } from '../receivers/otlp.ts';

/** What a gRPC server says first, whatever it is sent: HTTP/2's settings, and that it goes away. */
const HTTP2 = Buffer.from('00000604000000000000050000400000000807000000000000000000000001', 'hex');

async function startGrpc(t: TestContext, host: string, port: number): Promise<number> {
  const server = createServer((socket) => socket.on('error', () => {}).end(HTTP2)).listen(port, host);
  await once(server, 'listening');
  t.after(() => server.close());
  const address = server.address();
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

const start = (env: Readonly<Record<string, string>>) =>
  new AppProcess('http.mjs', {
    env: { OTEL_METRICS_EXPORTER: 'otlp', OTEL_METRIC_EXPORT_INTERVAL: '200', ...env },
  });

const hints = ({ stderr }: AppProcess) => stderr.filter((line) => line.includes('4318'));

describe('an OTLP endpoint that is likely wrong', () => {
  it('has the port of gRPC: one line at the start has the right one, and no problem follows from it', async (t) => {
    const host = await freeHost([4317]);
    await startGrpc(t, host, 4317);
    const app = start({ OTEL_EXPORTER_OTLP_ENDPOINT: `http://${host}:4317` });
    await app.line('stderr', /cannot export metrics/);
    await app.end();
    assert.deepEqual(hints(app), [
      `routemeter: OTEL_EXPORTER_OTLP_ENDPOINT="http://${host}:4317": port 4317 is for OTLP over gRPC; this is OTLP over HTTP, whose port is 4318. If exports fail, set OTEL_EXPORTER_OTLP_ENDPOINT=http://${host}:4318`,
    ]);
  });

  it('is of gRPC on another port: the line of the failure has the hint', async (t) => {
    const port = await startGrpc(t, '127.0.0.1', 0);
    const app = start({ OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}` });
    const [line] = await app.line('stderr', /cannot export metrics.*/);
    await app.end();
    assert.match(line, /Expected HTTP\/.* \(the response is not HTTP\/1\.1, .*4318 by default\); retrying/);
    assert.equal(hints(app).length, 1);
  });

  it('is of plain HTTP, and named https: one line has the hint', async (t) => {
    const receiver = await startOtlpReceiver();
    t.after(() => receiver.close());
    const app = start({ OTEL_EXPORTER_OTLP_ENDPOINT: `https://127.0.0.1:${receiver.port}` });
    const [line] = await app.line('stderr', /cannot export metrics.*/);
    await app.end();
    const setting = `OTEL_EXPORTER_OTLP_ENDPOINT=https://127.0.0.1:${receiver.port}`;
    assert.match(
      line,
      new RegExp(`\\(the response is not TLS: check whether ${setting} should begin with http:\\); retrying`),
    );
  });

  it('has no path: one line at the start has the right one, even if it works', async (t) => {
    const receiver = await startOtlpReceiver();
    t.after(() => receiver.close());
    const base = `http://127.0.0.1:${receiver.port}`;
    const app = start({ OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: base });
    await receiver.received(1);
    await app.end();
    assert.equal(receiver.requests[0]?.path, '/');
    assert.deepEqual(
      app.stderr.filter((line) => line.includes('/v1/metrics')),
      [
        `routemeter: OTEL_EXPORTER_OTLP_METRICS_ENDPOINT="${base}": it has no path and is used as it is; the path of OTLP over HTTP is /v1/metrics. If exports fail, set OTEL_EXPORTER_OTLP_METRICS_ENDPOINT=${base}/v1/metrics`,
      ],
    );
  });
});
