/** Two services of one name in two namespaces, behind one Collector: the rules take them apart. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { AppProcess } from '../app-process.ts';
import { until } from '../until.ts';
import { missing } from './needed.ts';
import { type Collector, startCollector } from './otel-collector.ts';
import { type Prometheus, scrapesOf, startPrometheus } from './prometheus.ts';
import { appOf } from './requests.ts';

const FAILING = appOf('(request, response) => response.writeHead(Number(request.url.slice(1))).end()');

describe('two namespaces behind a Collector', { skip: missing('otel-collector', 'prometheus') }, () => {
  let collector: Collector;
  let prometheus: Prometheus;
  const apps: Record<string, AppProcess> = {};

  before(async () => {
    collector = await startCollector();
    for (const namespace of ['prod', 'load']) {
      apps[namespace] = new AppProcess(FAILING, {
        env: {
          OTEL_METRICS_EXPORTER: 'otlp',
          OTEL_EXPORTER_OTLP_ENDPOINT: collector.otlpUrl,
          OTEL_METRIC_EXPORT_INTERVAL: '250',
          OTEL_SERVICE_NAME: 'shop',
          OTEL_RESOURCE_ATTRIBUTES: `service.namespace=${namespace}`,
        },
      });
    }
    const [honored] = scrapesOf('docs/dashboards.md', 'prometheus-of-collector-with-namespaces.yml');
    honored.static_configs = [{ targets: [collector.target] }];
    const renamed = { ...honored, job_name: 'renamed', honor_labels: false };
    prometheus = await startPrometheus({ rulesMillis: 500, scrapes: [honored, renamed] });
  });
  after(async () => {
    await prometheus?.stop();
    await Promise.all(Object.values(apps).map((app) => app.end()));
    await collector?.stop();
  });

  const services = async (query: string): Promise<string[]> =>
    (await prometheus.query(query))
      .map(({ labels: { job, exported_job } }) => [job, exported_job].filter(Boolean).join(' '))
      .toSorted();
  const ALL = ['load/shop', 'prod/shop', 'renamed load/shop', 'renamed prod/shop'];

  it('are both known before any request', async () => {
    for (const app of Object.values(apps)) await app.url();
    await until('both are there', async () => {
      const found = await services('job:http_server_instances:count');
      return found.join() === ALL.join() && found;
    });
  });

  it('are judged separately when one of them fails', async () => {
    const round = () => Promise.all([apps.prod?.get('/500'), apps.load?.get('/200'), apps.load?.get('/200')]);
    const [failing] = await until('one fails', async () => {
      await round();
      const found = await services('job:http_server_errors:ratio_rate5m == 1');
      return found.length > 0 && [found];
    });
    assert.deepEqual(
      failing?.filter((name) => name.includes('load')),
      [],
    );
    assert.deepEqual(await services('job:http_server_errors:ratio_rate5m > 0 < 1'), []);
  });
});
