import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AppProcess, samples } from '../app-process.ts';
import { freePort } from '../ports.ts';
import { type ReceivedPoint, startOtlpReceiver } from '../receivers/otlp.ts';
import { startStatsdReceiver } from '../receivers/statsd.ts';
import { until } from '../until.ts';
import { bound, TestedGroup } from './group/tested-group.ts';

/** Listens, and records what it is told to: `kind k value` each. */
const APP = `
  import http from 'node:http';
  import { metrics } from '@opentelemetry/api';
  const meter = metrics.getMeter('app');
  const counter = meter.createCounter('orders');
  const open = meter.createUpDownCounter('carts');
  const level = meter.createGauge('level');
  const size = meter.createHistogram('size', { advice: { explicitBucketBoundaries: [10] } });
  const record = {
    orders: (value, k) => counter.add(value, { k }),
    carts: (value, k) => open.add(value, { k }),
    level: (value, k) => level.record(value, { k }),
    size: (value, k) => size.record(value, { k }),
  };
  process.on('message', (all) => {
    for (const [kind, k, value] of all) record[kind](value, k);
    process.send('recorded');
  });
  http.createServer((_, res) => res.end()).listen(0, '127.0.0.1', function () {
    console.log('http://127.0.0.1:' + this.address().port);
  });`;

const ENDING = { ROUTEMETER_SERIES_TTL: '500', OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'runtime-node' };

type Measurement = readonly [kind: string, k: string, value: number];

const start = async (env: Readonly<Record<string, string>> = {}): Promise<AppProcess> => {
  const app = new AppProcess(APP, { env: { ...ENDING, ...env } });
  await app.url();
  return app;
};

const ALL: readonly Measurement[] = [
  ['orders', 'a', 5],
  ['carts', 'a', 2],
  ['carts', 'b', 1],
  ['carts', 'b', -1],
  ['level', 'a', 7],
  ['size', 'a', 4],
];

/** Everything of the app that a scrape has, `orders_total a`. */
function appSamples(exposition: string): Record<string, number> {
  const names = ['orders_total', 'carts', 'level', 'size_count'];
  return Object.fromEntries(
    names.flatMap((name) =>
      Object.entries(samples(exposition, name)).map(([labels, value]) => [
        `${name} ${/k="(.*?)"/.exec(labels)?.[1] ?? labels}`,
        value,
      ]),
    ),
  );
}

describe('series to which nothing is recorded end', () => {
  it('for Prometheus, but for up-down counters that are not 0, and begin anew', async () => {
    const app = await start();
    await app.ask([...ALL]);
    const all = { 'orders_total a': 5, 'carts a': 2, 'carts b': 0, 'level a': 7, 'size_count a': 1 };
    assert.deepEqual(appSamples(await app.scrape()), all);
    let living = 0;
    await until('they have ended, and what is recorded to goes on', async () => {
      await app.ask([['orders', 'living', 1]]);
      living += 1;
      const { 'orders_total living': value, ...others } = appSamples(await app.scrape());
      assert.equal(value, living);
      return Object.keys(others).length === 1 && others['carts a'] === 2;
    });
    await app.ask([...ALL]);
    const { 'orders_total living': _, ...again } = appSamples(await app.scrape());
    assert.deepEqual(again, { ...all, 'carts a': 4 });
  });

  it('those of requests too, and free their places', async () => {
    const app = await start({ ROUTEMETER_CARDINALITY_LIMIT: '10', ROUTEMETER_ATTRIBUTES: '+server.address' });
    const ask = async (host: string): Promise<void> => {
      await app.get('/', { headers: { connection: 'close', 'x-forwarded-host': host } });
    };
    const counts = async (): Promise<Record<string, number>> =>
      samples(await app.scrape(), 'http_server_request_duration_seconds_count');
    await ask('one');
    assert.equal(Object.keys(await counts()).length, 1);
    await until('it has ended', async () => Object.keys(await counts()).length === 0);
    for (const round of [1, 2]) {
      await app.ask(Array.from({ length: 12 }, (_, i) => ['orders', `${round}-${i}`, 1]));
      const orders = samples(await app.scrape(), 'orders_total');
      assert.equal(orders['otel_metric_overflow="true"'], 3);
      assert.equal(orders[`k="${round}-0"`], 1);
      await app.scrapeUntil((exposition) => !exposition.includes('orders_total{'));
    }
  });

  it('for OTLP, and have a new start when they come back', async () => {
    const receiver = await startOtlpReceiver();
    const app = await start({
      OTEL_METRICS_EXPORTER: 'otlp',
      OTEL_METRIC_EXPORT_INTERVAL: '50',
      OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: receiver.url,
    });
    const orders = (points: readonly ReceivedPoint[]) => points.find(({ metric }) => metric === 'orders');
    await app.ask([['orders', 'a', 5]]);
    const { points } = await receiver.first((request) => orders(request.points) !== undefined);
    const first = orders(points);
    assert.equal(first?.value, 5);
    const before = receiver.requests.length;
    await receiver.first(
      (request) => receiver.requests.indexOf(request) >= before && orders(request.points) === undefined,
    );
    const absent = receiver.requests.length;
    await app.ask([['orders', 'a', 7]]);
    const again = await receiver.first(
      (request) => receiver.requests.indexOf(request) >= absent && orders(request.points) !== undefined,
    );
    const second = orders(again.points);
    assert.equal(second?.value, 7);
    assert.ok((second?.start ?? 0) > (first?.start ?? 0));
    await receiver.close();
  });

  it('for StatsD, which is sent what is recorded and nothing else', async () => {
    const receiver = await startStatsdReceiver();
    const app = await start({
      OTEL_METRICS_EXPORTER: 'prometheus,statsd',
      ROUTEMETER_STATSD_INTERVAL: '50',
      ROUTEMETER_STATSD_URL: receiver.url,
    });
    const orders = (): number[] =>
      receiver.lines
        .filter((line) => line.startsWith('orders_total:'))
        .map((line) => Number(/:(\d+)\|c/.exec(line)?.[1]));
    const sum = (): number => orders().reduce((all, each) => all + each, 0);
    let expected = 0;
    for (const value of [5, 5, 9, 2]) {
      await app.ask([
        ['orders', 'a', value],
        ['level', 'a', value],
      ]);
      expected += value;
      await receiver.until(() => sum() === expected);
      await app.scrape();
      await app.scrapeUntil((exposition) => !exposition.includes('orders_total{'));
      const sent = receiver.lines.length;
      await receiver.until(({ lines }) => lines.length > sent + 20);
      const since = receiver.lines.slice(-8).filter((line) => /^(orders|level)/.test(line));
      assert.deepEqual(since, []);
    }
    assert.equal(sum(), expected);
    await receiver.stop();
  });

  it(
    'in a group, once nothing is recorded in any process; no total goes down, whoever ends',
    bound,
    async () => {
      const group = new TestedGroup(await freePort());
      const launch = async (): Promise<AppProcess> => {
        const app = group.launch(APP, { env: ENDING });
        await app.url();
        return app;
      };
      const apps = [await launch(), await launch(), await launch()];
      await group.scrapeUntil({ members: 3, fresh: 3 });
      let steady = 0;
      const scraped = async (): Promise<Record<string, number>> => {
        // Always by the same process, of those that live.
        await apps[0]?.ask([['orders', 'steady', 1]]);
        steady += 1;
        const { families } = await group.scrape();
        const found = (families.get('orders_total')?.samples ?? []).map(({ labels, value }) => [
          labels.get('k'),
          value,
        ]);
        const orders: Record<string, number> = Object.fromEntries(found);
        assert.equal(orders.steady, steady);
        return orders;
      };
      await apps[1]?.ask([
        ['orders', 'steady', 100],
        ['orders', 'gone', 3],
      ]);
      await apps[2]?.ask([
        ['orders', 'steady', 1000],
        ['orders', 'gone', 4],
      ]);
      steady += 1100;
      assert.equal((await scraped()).gone, 7);
      await until('it has ended', async () => (await scraped()).gone === undefined);
      // What has ended in a process still counts in what lives in another, also when the process has gone.
      for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
        const app = apps.pop();
        await scraped();
        await app?.end(signal);
        await group.scrapeUntil({ members: apps.length });
        await scraped();
      }
      await apps[0]?.ask([['orders', 'gone', 2]]);
      const { gone } = await scraped();
      assert.ok(gone === 2 || gone === 9, `${gone}: it begins anew or goes on`);
    },
  );
});
