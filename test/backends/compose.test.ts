/**
 * docker-compose.yml without Docker: each service's command line is run with the real program, in a folder that holds the
 * files that the service mounts. Each has a loopback address of its own, so that the ports are those of the file.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { programPath } from '../../scripts/backends/pins.ts';
import { AppProcess } from '../app-process.ts';
import { ROOT, read } from '../docs/pages.ts';
import { freeHost, freePort } from '../ports.ts';
import { until } from '../until.ts';
import { healthUrls, mounts, service } from './compose.ts';
import { PANELS, results } from './dashboard.ts';
import { missing } from './needed.ts';
import { QUICK } from './otel-collector.ts';
import { answers, type Running, startProcess } from './process.ts';
import { askPrometheus, type PrometheusApi, RULES, SHIPPED_RULES } from './prometheus.ts';

const PROGRAMS = ['prometheus', 'otel-collector', 'statsd-exporter'] as const;
const PORTS = {
  demo: [9464],
  prometheus: [9090],
  'otel-collector': [4317, 4318, 8125, 8889, 13133],
  'statsd-exporter': [9102, 9125],
} as const;

/** The ways by which the shop's metrics come to Prometheus, by job. */
const JOBS = ['demo', 'otel-collector', 'shop', 'statsd-exporter'] as const;

/** Panels that have nothing to show, by job: only scrapes fail to collect, and what is pushed by OTLP is no target. */
const EMPTY: Readonly<Record<(typeof JOBS)[number], readonly string[]>> = {
  demo: [],
  'otel-collector': ['Failed collections'],
  shop: ['Targets', 'Scrape duration', 'Failed collections'],
  'statsd-exporter': ['Failed collections'],
};

describe('the services of docker-compose.yml', { skip: missing(...PROGRAMS) }, () => {
  const hosts: Record<string, string> = {};
  const running: Running[] = [];
  let shopPort: number;
  let shop: AppProcess;
  let traffic: Running;
  let prometheus: PrometheusApi;

  /** A service's text with the addresses that there are here; and Prometheus scrapes every second. */
  const here = (name: string, text: string): string =>
    Object.entries(hosts)
      .reduce(
        (replaced, [other, host]) =>
          replaced.replace(new RegExp(`(?<![\\w-])${other}:(?=\\d)`, 'g'), `${host}:`),
        text.replaceAll(/\b(127\.0\.0\.1|0\.0\.0\.0)\b/g, hosts[name] ?? ''),
      )
      // The shop itself listens on the loopback address of its container.
      .replaceAll(`${hosts.demo}:3000`, `127.0.0.1:${shopPort}`)
      .replace('scrape_interval: 5s', 'scrape_interval: 1s');

  const environment = (name: string): Record<string, string> =>
    Object.fromEntries(
      Object.entries(service(name).environment ?? {}).map(([key, value]) => [key, here(name, String(value))]),
    );

  const start = async (
    name: string,
    program: string,
    given: { args?: readonly string[]; env?: Record<string, string> } = {},
  ): Promise<Running> => {
    const args = (service(name).command ?? []).map((arg) =>
      here(name, arg).replace(/^(--[^=]+=)?\//, '$1{FOLDER}/'),
    );
    const started = await startProcess({
      name,
      program,
      args: [...(program === process.execPath ? args.slice(1) : args), ...(given.args ?? [])],
      env: { ...environment(name), ...given.env },
      files: Object.fromEntries(
        Object.entries(mounts(name)).map(([target, source]) => [target.slice(1), here(name, read(source))]),
      ),
      ready: async () => {
        const healthy = await Promise.all(healthUrls(name).map((url) => answers(here(name, url))));
        return healthy.every(Boolean);
      },
    });
    running.push(started);
    return started;
  };

  before(async () => {
    for (const [name, ports] of Object.entries(PORTS)) hosts[name] = await freeHost(ports);
    hosts.traffic = hosts.demo ?? '';
    prometheus = askPrometheus(`http://${hosts.prometheus}:9090`);
    shopPort = await freePort();
    // In the order of depends_on, except that Prometheus may come first here and last there.
    await Promise.all([
      start('prometheus', programPath('prometheus', 'prometheus'), {
        args: [
          `--web.listen-address=${hosts.prometheus}:9090`,
          // Otherwise it looks for targets 5 s after its start.
          '--scrape.discovery-reload-interval=100ms',
        ],
      }),
      start('otel-collector', programPath('otel-collector', 'otelcol'), {
        args: ['service::telemetry::metrics::level: none', ...QUICK].map(
          (setting) => `--config=yaml:${setting}`,
        ),
        env: { LISTEN_HOST: hosts['otel-collector'] ?? '' },
      }),
      start('statsd-exporter', programPath('statsd-exporter', 'statsd_exporter'), {
        args: [
          `--web.listen-address=${hosts['statsd-exporter']}:9102`,
          `--statsd.listen-udp=${hosts['statsd-exporter']}:9125`,
          `--statsd.listen-tcp=${hosts['statsd-exporter']}:9125`,
        ],
      }),
    ]);
    const dockerfile = read('examples/compose/Dockerfile');
    assert.match(dockerfile, /^COPY examples\/shop\/app\.js \.\/$/m);
    const [node, ...flags]: string[] = JSON.parse(dockerfile.match(/^CMD (.+)$/m)?.[1] ?? '[]');
    assert.deepEqual([node, flags.pop()], ['node', 'app.js']);
    shop = new AppProcess('../../examples/shop/app.js', {
      flags,
      env: {
        ...environment('demo'),
        PORT: `${shopPort}`,
        OTEL_METRIC_EXPORT_INTERVAL: '1000',
        ROUTEMETER_STATSD_INTERVAL: '1000',
      },
    });
    await shop.endpoint();
    traffic = await start('traffic', process.execPath);
  });
  after(async () => {
    await Promise.all(running.map((each) => each.stop()));
    await shop?.end();
  });

  it('the shop is healthy by its health check', async () => {
    const [how, node, script = '', ...urls] = service('demo').healthcheck?.test ?? [];
    assert.deepEqual([how, node], ['CMD', 'node']);
    const path = join(ROOT, script.replace('/opt/', 'examples/'));
    const check = (given: string[]): Promise<unknown> =>
      promisify(execFile)(process.execPath, [path, ...given]);
    await check(urls.map((url) => here('demo', url)));
    await assert.rejects(check([`http://127.0.0.1:${await freePort()}/`]));
  });

  it('Prometheus scrapes all of its targets', async () => {
    const targets = (await until('all are up', async () => {
      const { activeTargets } = (await prometheus.get('/api/v1/targets')) as {
        activeTargets: { scrapePool: string; health: string }[];
      };
      return (
        activeTargets.length === 3 && activeTargets.every(({ health }) => health === 'up') && activeTargets
      );
    })) as { scrapePool: string }[];
    assert.deepEqual(targets.map(({ scrapePool }) => scrapePool).toSorted(), [
      'demo',
      'otel-collector',
      'statsd-exporter',
    ]);
  });

  it('Prometheus has the rules', async () => {
    const { groups } = (await prometheus.get('/api/v1/rules')) as {
      groups: { rules: { lastError?: string }[] }[];
    };
    const rules = groups.flatMap((group) => group.rules);
    assert.ok(
      Object.entries(mounts('prometheus')).some(
        ([target, source]) => target.includes('/rules/') && read(source) === RULES,
      ),
    );
    assert.equal(rules.length, SHIPPED_RULES.length);
  });

  it('Prometheus gets the requests by every path', async () => {
    await until(
      'every job has requests of five routes',
      async () => {
        const routes = await prometheus.query(
          'count by (job) (count by (job, http_route) (rate(http_server_request_duration_seconds_count[1m]) > 0))',
        );
        return JOBS.every((job) => routes.some(({ labels, value }) => labels.job === job && value >= 5));
      },
      90_000,
    );
  });

  for (const job of JOBS) {
    it(`the dashboard shows ${job}, all but ${EMPTY[job].join(', ') || 'nothing'}`, async () => {
      const empty = async (): Promise<string[]> => {
        const found = await Promise.all(PANELS.map((panel) => results(prometheus, panel, { job: [job] })));
        return PANELS.filter((_, index) => found[index]?.flat().length === 0).map(({ title }) => title);
      };
      // A rate takes two samples.
      await until('as many are empty', async () => (await empty()).length <= EMPTY[job].length, 60_000).catch(
        () => undefined,
      );
      assert.deepEqual(await empty(), EMPTY[job]);
    });
  }

  it('once the traffic ends, all paths end in the same series, buckets and counts', async () => {
    const requests = 'sum(http_server_request_duration_seconds_count{job="demo"})';
    await until(
      'more than 50 are made',
      async () => ((await prometheus.query(requests))[0]?.value ?? 0) > 50,
    );
    await traffic.stop();
    assert.deepEqual(traffic.output, []);
    const series = async (job: string): Promise<Record<string, number>> => {
      const samples = await prometheus.query(
        `{__name__=~"http_server_request_duration_seconds_(bucket|count)", job="${job}"}`,
      );
      return Object.fromEntries(
        samples
          .map(({ labels: { job: _job, instance, exported_job, exported_instance, ...labels }, value }) => {
            const key = {
              ...labels,
              ...(labels.le && { le: String(Number(labels.le.replace('Inf', 'Infinity'))) }),
            };
            return [JSON.stringify(Object.entries(key).toSorted()), value] as const;
          })
          .toSorted(([a], [b]) => (a < b ? -1 : 1)),
      );
    };
    const sum = (counts: Record<string, number>): number =>
      Object.entries(counts).reduce((total, [key, value]) => total + (key.includes('"le"') ? 0 : value), 0);
    const [expected = {}, ...others] = await until(
      'all have as many requests',
      async () => {
        const all = await Promise.all(JOBS.map(series));
        return all.every((counts) => sum(counts) === sum(all[0] ?? {})) && all;
      },
      90_000,
    );
    assert.ok(sum(expected) > 50);
    for (const [index, counts] of others.entries()) assert.deepEqual(counts, expected, JOBS[index + 1]);
  });
});
