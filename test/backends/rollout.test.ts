/** Releases that take each other's place at new addresses, as pods do: which of them the rules tell of. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { AppProcess } from '../app-process.ts';
import { freePort } from '../ports.ts';
import { until } from '../until.ts';
import { missing } from './needed.ts';
import { type Prometheus, SHIPPED_RULES, startPrometheus } from './prometheus.ts';
import { appOf } from './requests.ts';

const SHOP = appOf('(_request, response) => response.end()');

describe('a rollout', { skip: missing('prometheus') }, () => {
  let prometheus: Prometheus;
  let current: AppProcess;
  let port: number;

  const start = async (env: Record<string, string> = {}): Promise<void> => {
    port = await freePort();
    current = new AppProcess(SHOP, {
      env: {
        OTEL_EXPORTER_PROMETHEUS_HOST: '127.0.0.1',
        OTEL_EXPORTER_PROMETHEUS_PORT: `${port}`,
        // Each is a group of its own, as in pods.
        OTEL_SERVICE_NAME: `shop-${port}`,
        ...env,
      },
    });
    await current.url();
  };
  const targets = (): string => JSON.stringify([{ targets: [`127.0.0.1:${port}`] }]);
  const list = (): void => writeFileSync(join(prometheus.folder, 'shop.json'), targets());

  /** The alerts whose expression returns something, however long it has done so. */
  const alerts = async (): Promise<string[]> => {
    const names: string[] = [];
    for (const { alert, expr } of SHIPPED_RULES) {
      if (alert !== undefined && (await prometheus.query(expr)).length > 0) names.push(alert);
    }
    return names;
  };

  before(async () => {
    await start();
    await current.get('/');
    prometheus = await startPrometheus({
      rulesMillis: 300,
      scrapes: [{ job_name: 'shop', file_sd_configs: [{ files: ['shop.json'] }] }],
      files: { 'shop.json': targets() },
    });
    await until('it is known', async () => (await alerts()).length === 0);
  });
  after(() => Promise.all([prometheus?.stop(), current?.end()]));

  it('of a release without requests raises no alert', async () => {
    const old = current;
    const earlier = `127.0.0.1:${port}`;
    await start();
    list();
    await old.end();
    await until('the old one is no longer listed', async () => {
      const up = await prometheus.query('up');
      return up.length === 1 && up[0]?.value === 1 && up[0].labels.instance !== earlier;
    });
    assert.deepEqual(await prometheus.query(`http_server_active_requests{instance="127.0.0.1:${port}"}`), []);
    await until('it is known by what it sends from the start', async () => {
      const [known] = await prometheus.query('timestamp(job:http_server_instances:count{job="shop"})');
      return known !== undefined && known.value > Date.now() / 1000 - 1;
    });
    await until('nothing is told', async () => (await alerts()).length === 0);
  });

  it('of a misconfigured release raises an alert, though its address has never sent anything', async () => {
    const old = current;
    await start({ ROUTEMETER_BUCKETS: 'x' });
    list();
    await old.end();
    await until(
      'it is down, and nothing else is told',
      async () => (await alerts()).toSorted().join() === 'HttpServerDown,HttpServerTargetDown',
    );
    assert.equal((await current.get('/')).status, 200);
  });
});
