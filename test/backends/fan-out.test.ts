/** collector-config.yaml between an app and two backends: one that scrapes it, and one that it pushes to. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { describe, it } from 'node:test';
import { AppProcess, requestCounts, samples } from '../app-process.ts';
import { until } from '../until.ts';
import { missing } from './needed.ts';
import { type Collector, startCollector } from './otel-collector.ts';
import { type Prometheus, startPrometheus } from './prometheus.ts';
import { requests } from './requests.ts';

interface Backends {
  readonly pushed: Prometheus;
  readonly collector: Collector;
  readonly scraping: Prometheus;
}

async function startBackends(stack: AsyncDisposableStack): Promise<Backends> {
  const pushed = stack.use(await startPrometheus());
  const collector = stack.use(await startCollector({ env: { BACKEND_OTLP_ENDPOINT: pushed.otlpUrl } }));
  const scraping = stack.use(await startPrometheus({ targets: { collector: collector.target } }));
  return { pushed, collector, scraping };
}

const startApp = (collector: Collector, temporality = 'cumulative'): AppProcess =>
  new AppProcess('routes.mjs', {
    env: {
      OTEL_METRICS_EXPORTER: 'otlp',
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.otlpUrl,
      OTEL_METRIC_EXPORT_INTERVAL: '200',
      OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: temporality,
    },
  });

/** Requests counted at a backend, at a time in seconds. */
async function count(prometheus: Prometheus, at?: number): Promise<number> {
  const [sum] = await prometheus.query('sum(http_server_request_duration_seconds_count)', at);
  return sum?.value ?? 0;
}
/** Waits until a backend has that many, and not more. */
async function has(prometheus: Prometheus, expected: number): Promise<void> {
  await until(
    `${expected} requests are counted`,
    async () => {
      const found = await count(prometheus);
      if (found !== expected) throw new Error(`${found}`);
      return true;
    },
    40_000,
  );
}

describe('a Collector with two backends', { skip: missing('otel-collector', 'prometheus') }, () => {
  it('loses nothing for either backend when one is killed and comes back', async () => {
    await using stack = new AsyncDisposableStack();
    const { pushed, collector, scraping } = await startBackends(stack);
    const app = startApp(collector);
    await requests(app, 100);
    await Promise.all([has(pushed, 100), has(scraping, 100)]);

    await pushed.kill();
    await requests(app, 50);
    await has(scraping, 150);
    const meanwhile = Date.now() / 1000;
    await requests(app, 50);
    await has(scraping, 200);
    await pushed.restart();
    await has(pushed, 200);
    assert.equal(await count(pushed, meanwhile), 150, 'also of the time in which it was away');

    await scraping.kill();
    await requests(app, 100);
    await has(pushed, 300);
    await scraping.restart();
    await has(scraping, 300);
    await app.end();
  });

  it('loses no cumulative count when it is killed under traffic and restarted', async () => {
    await using stack = new AsyncDisposableStack();
    const { pushed, collector, scraping } = await startBackends(stack);
    const app = startApp(collector);
    await requests(app, 100);
    await Promise.all([has(pushed, 100), has(scraping, 100)]);
    let made = 100;
    let down = true;
    const traffic = (async () => {
      for (; down; made += 10) await requests(app, 10);
    })();
    await collector.kill();
    await app.line('stderr', /cannot export/);
    await until('as many again are made', () => made > 200);
    await collector.restart();
    await app.line('stderr', /again$/);
    down = false;
    await traffic;
    await Promise.all([has(pushed, made), has(scraping, made)]);
    await app.end();
  });

  it('loses what delta temporality sends it while it fails', async () => {
    await using collector = await startCollector();
    const app = startApp(collector, 'delta');
    const counted = async (): Promise<number> =>
      Object.values(requestCounts(await collector.metrics())).reduce((sum, each) => sum + each, 0);
    await requests(app, 100);
    await until('100 requests are counted', async () => (await counted()) === 100);
    await collector.kill();
    // In its place something that can be asked how often an export has failed.
    let failures = 0;
    const failing = createServer((request, response) => {
      request.resume().on('end', () => {
        failures++;
        response.writeHead(400).end();
      });
    }).listen(Number(new URL(collector.otlpUrl).port), collector.host);
    await once(failing, 'listening');
    await requests(app, 70);
    // The first may have begun before these requests.
    const before = failures;
    await until('two exports fail', () => failures >= before + 2);
    failing.close();
    failing.closeAllConnections();
    await collector.restart();
    await requests(app, 50);
    // The end alone has 0.8 s for what is not sent yet.
    await until('50 requests are counted', async () => (await counted()) === 50);
    await app.end('SIGTERM');

    const points = async (metric: string, labels: string): Promise<number | undefined> =>
      samples(await collector.ownMetrics(), `otelcol_${metric}_metric_points`)[labels];
    await until('all that came is passed on', async () => {
      const sent = await points('exporter_sent', 'exporter="prometheus"');
      return sent === (await points('receiver_accepted', 'receiver="otlp",transport="http"'));
    });
    // Totals begin anew, since it is the Collector that keeps them.
    assert.equal(await counted(), 50);
  });
});
