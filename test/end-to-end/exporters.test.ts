import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AppProcess, samples } from '../app-process.ts';
import { type ReceivedPoint, startOtlpReceiver } from '../receivers/otlp.ts';

const DURATION = 'http.server.request.duration';

const durations = (points: readonly ReceivedPoint[]): Record<string, number> =>
  Object.fromEntries(
    points
      .filter(({ metric }) => metric === DURATION)
      .map(({ attributes, value }) => [JSON.stringify(Object.entries(attributes).sort()), value]),
  );

describe('exporters', () => {
  for (const aggregation of ['explicit_bucket_histogram', 'base2_exponential_bucket_histogram'] as const) {
    it(`Prometheus and OTLP at once get the same requests, OTLP as ${aggregation}`, async () => {
      const isExplicit = aggregation === 'explicit_bucket_histogram';
      const receiver = await startOtlpReceiver();
      const app = new AppProcess('express.mjs', {
        env: {
          OTEL_METRICS_EXPORTER: 'prometheus,otlp',
          OTEL_EXPORTER_OTLP_PROTOCOL: isExplicit ? 'http/protobuf' : 'http/json',
          OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${receiver.port}`,
          OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION: aggregation,
          OTEL_METRIC_EXPORT_INTERVAL: '100',
          OTEL_SERVICE_NAME: 'shop',
          ROUTEMETER_BUCKETS: '0.1,10',
          ROUTEMETER_LABELS: 'team=x',
        },
      });
      for (const path of ['/', '/users/1', '/users/2', '/fails']) await app.get(path);
      const exposition = await app.scrape();
      const total = (counts: Record<string, number>): number =>
        Object.values(counts).reduce((a, b) => a + b, 0);
      const { points, resource } = await receiver.first((request) => total(durations(request.points)) === 4);
      await app.end();
      await receiver.close();
      assert.equal(resource['service.name'], 'shop');
      const series = (status: number, route: string, ...error: [string, string][]): string =>
        JSON.stringify([
          ...error,
          ['http.request.method', 'GET'],
          ['http.response.status_code', status],
          ['http.route', route],
          ['team', 'x'],
          ['url.scheme', 'http'],
        ]);
      assert.deepEqual(durations(points), {
        [series(200, '/')]: 1,
        [series(200, '/users/:id')]: 2,
        [series(500, '/fails', ['error.type', '500'])]: 1,
      });
      const point = points.find(({ metric }) => metric === DURATION);
      assert.equal(point?.kind, isExplicit ? 'histogram' : 'exponentialHistogram');
      if (isExplicit) assert.deepEqual(point?.bounds, [0.1, 10]);
      const served = (suffix: string): number[] =>
        Object.values(samples(exposition, `http_server_request_duration_seconds_${suffix}`)).sort();
      assert.deepEqual(served('count'), Object.values(durations(points)).sort());
      assert.equal(served('bucket').length, 3 * 3);
    });
  }

  it('grpc is reported as unsupported', async () => {
    const app = new AppProcess('http.mjs', {
      env: { OTEL_METRICS_EXPORTER: 'otlp', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
    });
    await app.line('stderr', /OTEL_EXPORTER_OTLP_PROTOCOL="grpc".*http\/protobuf/);
    assert.equal((await app.get('/')).status, 200);
  });

  it('none measures nothing', async () => {
    const app = new AppProcess('http.mjs', { env: { OTEL_METRICS_EXPORTER: 'none' } });
    assert.equal((await app.get('/')).status, 200);
    assert.deepEqual(app.stderr, ['routemeter: no exporter is configured: nothing is measured']);
  });
});
