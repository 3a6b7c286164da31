import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AppProcess, samples } from '../app-process.ts';
import { startOtlpReceiver } from '../receivers/otlp.ts';
import { startStatsdReceiver } from '../receivers/statsd.ts';
import { TestedGroup } from './group/tested-group.ts';

const EXPORTED = 'otel_sdk_exporter_metric_data_point_exported_total';

describe('data that a backend does not accept', () => {
  it('is a metric in every exporter', async (t) => {
    const receiver = await startOtlpReceiver();
    const statsd = await startStatsdReceiver();
    t.after(() => Promise.all([receiver.close(), statsd.stop()]));
    receiver.answer = { kind: 'partial', rejected: 2, message: 'too old' };
    const app = new AppProcess('http.mjs', {
      env: {
        OTEL_METRICS_EXPORTER: 'prometheus,otlp,statsd',
        OTEL_EXPORTER_OTLP_ENDPOINT: `http://localhost:${receiver.port}`,
        OTEL_METRIC_EXPORT_INTERVAL: '50',
        ROUTEMETER_STATSD_URL: statsd.url,
        ROUTEMETER_STATSD_INTERVAL: '50',
      },
    });
    await receiver.received(2);
    const { points } = await receiver.first(({ points }) =>
      points.some(({ attributes }) => attributes['error.type'] === 'rejected'),
    );
    const exposition = await app.scrape();
    while (
      !statsd.lines.some((line) => line.startsWith(`${EXPORTED}:`) && line.includes('error_type:rejected'))
    ) {
      await statsd.received(statsd.lines.length + 1);
    }
    await app.end();
    const pushed = points.find(({ attributes }) => attributes['error.type'] === 'rejected');
    assert.equal(pushed?.metric, 'otel.sdk.exporter.metric_data_point.exported');
    const labels = `error_type="rejected",otel_component_name="otlp_http_metric_exporter/0",otel_component_type="otlp_http_metric_exporter",server_address="localhost",server_port="${receiver.port}"`;
    const served = samples(exposition, EXPORTED)[labels] ?? 0;
    assert.ok(served >= 2 && served % 2 === 0, `${served}`);
  });

  it('is added up over the processes of a group', async (t) => {
    const receiver = await startOtlpReceiver();
    t.after(() => receiver.close());
    receiver.answer = { kind: 'partial', rejected: 1, message: 'too old' };
    const group = await TestedGroup.create();
    const env = {
      OTEL_METRICS_EXPORTER: 'prometheus,otlp',
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://localhost:${receiver.port}`,
      OTEL_METRIC_EXPORT_INTERVAL: '100',
    };
    const apps = [0, 1].map(() => group.launch('group-app.mjs', { env }));
    for (const app of apps) await app.line('stderr', /measuring/);
    /** What each process said last. */
    const pushed = (): number[] => {
      const last = new Map<unknown, number>();
      for (const { resource, points } of receiver.requests) {
        const point = points.find(({ attributes }) => attributes['error.type'] === 'rejected');
        if (point) last.set(resource['service.instance.id'], point.value);
      }
      return [...last.values()];
    };
    while (pushed().length < 2) await receiver.received(receiver.requests.length + 1);
    receiver.answer = { kind: 'accept' };
    const rejected = async (): Promise<number | undefined> => {
      const { families } = await group.scrape();
      return families.get(EXPORTED)?.samples.find(({ labels }) => labels.get('error_type') === 'rejected')
        ?.value;
    };
    const total = (): number => pushed().reduce((a, b) => a + b, 0);
    while ((await rejected()) !== total()) await receiver.received(receiver.requests.length + 1);
    for (const app of apps) await app.end();
  });
});
