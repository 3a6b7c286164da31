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

describe('the same requests on every road', () => {
  for (const protocol of ['http/protobuf', 'http/json']) {
    it(`Prometheus and OTLP by ${protocol} at once`, async () => {
      const receiver = await startOtlpReceiver();
      const app = new AppProcess('express.mjs', {
        env: {
          OTEL_METRICS_EXPORTER: 'prometheus,otlp',
          OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
          OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${receiver.port}`,
          OTEL_METRIC_EXPORT_INTERVAL: '100',
          OTEL_SERVICE_NAME: 'shop',
          ROUTEMETER_LABELS: 'team=x',
        },
      });
      for (const path of ['/', '/users/1', '/users/2', '/fails']) await app.get(path);
      const exposition = await app.scrape();
      const count = (all: Record<string, number>): number => Object.values(all).reduce((a, b) => a + b, 0);
      const pushed = await receiver.first(({ points }) => count(durations(points)) === 4);
      await app.end();
      assert.equal(pushed.resource['service.name'], 'shop');
      assert.deepEqual(durations(pushed.points), {
        [JSON.stringify([
          ['http.request.method', 'GET'],
          ['http.response.status_code', 200],
          ['http.route', '/'],
          ['team', 'x'],
          ['url.scheme', 'http'],
        ])]: 1,
        [JSON.stringify([
          ['http.request.method', 'GET'],
          ['http.response.status_code', 200],
          ['http.route', '/users/:id'],
          ['team', 'x'],
          ['url.scheme', 'http'],
        ])]: 2,
        [JSON.stringify([
          ['error.type', '500'],
          ['http.request.method', 'GET'],
          ['http.response.status_code', 500],
          ['http.route', '/fails'],
          ['team', 'x'],
          ['url.scheme', 'http'],
        ])]: 1,
      });
      const point = pushed.points.find(({ metric, value }) => metric === DURATION && value === 2);
      assert.deepEqual(
        point?.bounds,
        [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
      );
      assert.deepEqual(
        Object.values(samples(exposition, 'http_server_request_duration_seconds_count')).sort(),
        Object.values(durations(pushed.points)).sort(),
      );
      await receiver.close();
    });
  }

  for (const [temporality, expected] of [
    ['cumulative', [1, 2]],
    ['delta', [1, 1]],
  ] as const) {
    it(`OTLP with ${temporality} temporality`, async () => {
      const receiver = await startOtlpReceiver();
      const app = new AppProcess('http.mjs', {
        env: {
          OTEL_METRICS_EXPORTER: 'otlp',
          OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${receiver.port}`,
          OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: temporality,
          OTEL_METRIC_EXPORT_INTERVAL: '20',
        },
      });
      const counts = async (seen: (values: readonly number[]) => boolean): Promise<readonly number[]> => {
        for (let n = 1; ; n++) {
          await receiver.received(n);
          const values = receiver.requests.flatMap(({ points }) => Object.values(durations(points)));
          const changes = values.filter((value, i) => temporality === 'delta' || value !== values[i - 1]);
          if (seen(changes)) return changes;
        }
      };
      await app.get('/');
      await counts((values) => values.length === 1);
      await app.get('/');
      assert.deepEqual(await counts((values) => values.length === 2), expected);
      await app.end();
      await receiver.close();
    });
  }

  it('exponential histograms for OTLP leave the boundaries of Prometheus as they are', async () => {
    const receiver = await startOtlpReceiver();
    const app = new AppProcess('http.mjs', {
      env: {
        OTEL_METRICS_EXPORTER: 'prometheus,otlp',
        OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${receiver.port}`,
        OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION: 'base2_exponential_bucket_histogram',
        OTEL_METRIC_EXPORT_INTERVAL: '100',
        ROUTEMETER_BUCKETS: '0.1,10',
      },
    });
    await app.get('/');
    assert.deepEqual(
      Object.keys(samples(await app.scrape(), 'http_server_request_duration_seconds_bucket')).length,
      3,
    );
    const { points } = await receiver.first((request) => Object.keys(durations(request.points)).length > 0);
    await app.end();
    const point = points.find(({ metric }) => metric === DURATION);
    assert.equal(point?.kind, 'exponentialHistogram');
    assert.equal(point?.value, 1);
    assert.equal(point?.attributes['http.request.method'], 'GET');
    await receiver.close();
  });

  it('grpc is answered', async () => {
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
