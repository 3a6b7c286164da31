/** Series that the app stops observing, as a user sees them. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AppProcess, samples } from '../app-process.ts';
import { freePort } from '../ports.ts';
import { startOtlpReceiver } from '../receivers/otlp.ts';
import { startStatsdReceiver } from '../receivers/statsd.ts';
import { uniqueService } from './group/load.ts';
import { scrapeUntil } from './group/scrape.ts';

/** Observes each camera that the last message names, and answers it. */
const CAMERAS = `
  import { metrics } from '@opentelemetry/api';
  const meter = metrics.getMeter('shop');
  let cameras = ['cam1', 'cam2'];
  let frames = 0;
  for (const kind of ['Gauge', 'UpDownCounter', 'Counter']) {
    meter['createObservable' + kind]('video.' + kind).addCallback((result) => {
      frames++;
      for (const device of cameras) result.observe(frames, { device });
    });
  }
  process.on('message', (names) => {
    cameras = names;
    process.send('heard');
  });`;

const FAMILIES = ['video_Gauge', 'video_UpDownCounter', 'video_Counter_total'];

const observe = (app: AppProcess, ...cameras: string[]): Promise<unknown> => app.ask(cameras);

const [CAM1, CAM2] = ['device="cam1"', 'device="cam2"'];

/** Asserts that each family has these series. */
function assertSeries(exposition: string, ...series: string[]): void {
  for (const family of FAMILIES) {
    assert.deepEqual(Object.keys(samples(exposition, family)).sort(), series, family);
  }
}

describe('a series that the app stops observing', () => {
  it('is no longer served to Prometheus', async () => {
    const app = new AppProcess(CAMERAS);
    assertSeries(await app.scrape(), CAM1, CAM2);
    await observe(app, 'cam2');
    assertSeries(await app.scrape(), CAM2);
    await observe(app);
    assertSeries(await app.scrape());
    await observe(app, 'cam1');
    assertSeries(await app.scrape(), CAM1);
  });

  it('is no longer served for a group once no process observes it', {
    skip: process.platform === 'win32',
  }, async () => {
    const port = await freePort();
    const env = { OTEL_SERVICE_NAME: uniqueService(), OTEL_EXPORTER_PROMETHEUS_PORT: String(port) };
    const apps: AppProcess[] = [];
    for (let i = 0; i < 2; i++) {
      const app = new AppProcess(CAMERAS, { env });
      await app.line('stderr', /measuring/);
      apps.push(app);
    }
    const endpoint = `http://localhost:${port}/metrics`;
    await scrapeUntil(endpoint, ({ members, fresh }) => members === 2 && fresh === 2);
    const get = async (): Promise<string> => (await fetch(endpoint)).text();
    assertSeries(await get(), CAM1, CAM2);
    const [one, two] = apps;
    assert.ok(one && two);
    const before = samples(await get(), 'video_Counter_total')[CAM1] ?? 0;
    await observe(one, 'cam2');
    const exposition = await get();
    assertSeries(exposition, CAM1, CAM2);
    assert.ok((samples(exposition, 'video_Counter_total')[CAM1] ?? 0) >= before);
    await observe(two, 'cam2');
    assertSeries(await get(), CAM2);
  });

  it('is no longer sent to StatsD', async () => {
    const receiver = await startStatsdReceiver();
    const app = new AppProcess(CAMERAS, {
      env: {
        OTEL_METRICS_EXPORTER: 'statsd',
        OTEL_SERVICE_NAME: uniqueService(),
        OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'runtime-node',
        ROUTEMETER_STATSD_URL: receiver.url,
        ROUTEMETER_STATSD_INTERVAL: '20',
      },
    });
    const since = (from: number) => receiver.lines.slice(from);
    await receiver.until(({ lines }) => lines.some((line) => /^video_Gauge:.*cam1/.test(line)));
    await observe(app, 'cam2');
    // Packets that were collected before may still be on their way.
    for (let i = 0; i < 2; i++) {
      const from = receiver.lines.length;
      await receiver.until(() => since(from).filter((line) => /^video_Gauge:.*cam2/.test(line)).length > 1);
    }
    const from = receiver.lines.length;
    await receiver.until(() => since(from).filter((line) => /^video_Gauge:.*cam2/.test(line)).length > 2);
    assert.deepEqual(
      since(from).filter((line) => line.includes('cam1')),
      [],
    );
    await observe(app, 'cam1', 'cam2');
    await receiver.until(() => since(from).some((line) => /^video_Counter_total:.*cam1/.test(line)));
    await app.end();
    await receiver.stop();
  });

  for (const temporality of ['cumulative', 'delta', 'lowmemory']) {
    it(`is no longer exported by OTLP: ${temporality}`, async () => {
      const receiver = await startOtlpReceiver();
      const app = new AppProcess(CAMERAS, {
        env: {
          // The endpoint beside it collects too, and shares what has been observed.
          OTEL_METRICS_EXPORTER: 'otlp,prometheus',
          OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${receiver.port}`,
          OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: temporality,
          OTEL_METRIC_EXPORT_INTERVAL: '50',
        },
      });
      const devices = ({ points }: { points: readonly { metric: string; attributes: object }[] }): string[] =>
        points
          .filter(({ metric }) => metric.startsWith('video.'))
          .map(({ metric, attributes }) => `${metric} ${Reflect.get(attributes, 'device')}`);
      const all = await receiver.first((request) => devices(request).length === 6);
      assert.ok(all);
      await observe(app, 'cam2');
      await app.scrape();
      const number = receiver.requests.length;
      await receiver.received(number + 3);
      for (const request of receiver.requests.slice(number + 1)) {
        assert.deepEqual(
          devices(request).filter((each) => each.includes('cam1')),
          [],
        );
      }
      await app.end();
      await receiver.close();
    });
  }

  it('is no longer in the table of the console', async () => {
    const app = new AppProcess(CAMERAS, {
      env: {
        OTEL_METRICS_EXPORTER: 'console',
        OTEL_METRIC_EXPORT_INTERVAL: '50',
        OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'runtime-node',
      },
    });
    await app.line('stderr', /video\.Gauge.*cam1/);
    await observe(app, 'cam2');
    const heads = () => app.stderr.flatMap((line, at) => (/^metric /.test(line) ? at : []));
    const before = heads().length;
    await app.lines('stderr', /^metric /, before + 3);
    const from = heads()[before + 1];
    assert.deepEqual(
      app.stderr.slice(from).filter((line) => line.includes('cam1')),
      [],
    );
  });
});
