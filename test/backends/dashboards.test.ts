/** Every query of dashboards/, against real traffic in the real Prometheus. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { AppProcess, REGISTER } from '../app-process.ts';
import { block } from '../docs/pages.ts';
import { until } from '../until.ts';
import { type Choice, interpolate, options, PANELS, panel, results } from './dashboard.ts';
import { missing } from './needed.ts';
import {
  type Prometheus,
  promtool,
  RULES,
  type Sample,
  SHIPPED_RULES,
  startPrometheus,
} from './prometheus.ts';
import { appOf } from './requests.ts';
import { type StatsdExporter, startStatsdExporter } from './statsd-exporter.ts';

const DASHBOARDS = new URL('../../dashboards/', import.meta.url).pathname;

const SHOP = `
  const held = [];
  const answers = {
    '/slow': (_request, response) => setTimeout(() => response.end(), 600),
    '/broken': (_request, response) => response.writeHead(503).end(),
    '/missing': (_request, response) => response.writeHead(404).end(),
    '/gone': (request) => request.socket.destroy(),
    '/collect': (_request, response) => { gc(); response.end(); },
    '/held': (_request, response) => held.push(response),
    '/release': (_request, response) => { for (const each of held) each.end(); response.end(); },
  };
  ${appOf(`(request, response) => {
    const answer = answers[request.url];
    if (answer) answer(request, response);
    else response.writeHead(request.url.startsWith('/unknown') ? 404 : 200).end();
  }`)}
`;

const BLOCKED = `
  ${appOf("(request, response) => response.writeHead(request.url.endsWith('0') ? 500 : 200).end()")}
  setInterval(() => { for (const end = performance.now() + 150; performance.now() < end;); }, 250);
`;

/** More than the faulty app may have series of. */
const FAULTY_ROUTES = Array.from({ length: 30 }, (_, index) => `/r${index}`);

/** Makes a line that no StatsD packet holds. */
const LONG_ROUTE = `/${'x'.repeat(2000)}`;

/** One round of requests, as [path, times]. */
const ROUND: readonly (readonly [path: string, times: number])[] = [
  ['/items/1', 16],
  ['/files/a/b', 5],
  ['/slow', 8],
  ['/broken', 3],
  ['/missing', 2],
  ['/unknown/1', 1],
  ['/gone', 1],
  ['/collect', 4],
];
const REQUESTS = 40;
const ROUTES = ['/broken', '/collect', '/files/*', '/gone', '/items/:id', '/missing', '/slow'];

async function send(app: AppProcess): Promise<void> {
  const asked = ROUND.flatMap(([path, times]) => Array.from({ length: times }, () => path));
  assert.equal(asked.length, REQUESTS);
  await Promise.all(asked.map((path) => app.get(path).catch(() => assert.equal(path, '/gone'))));
}

/** An app whose metrics show neither what was slow nor what failed. */
const BLIND = appOf('(_request, response) => response.end()');

describe('dashboards', { skip: missing('prometheus', 'statsd-exporter') }, () => {
  /** It computes for as long as all else takes here. */
  let rulesTested: Promise<string>;
  let shop: AppProcess;
  let faulty: AppProcess;
  let blind: AppProcess;
  let statsd: StatsdExporter;
  let prometheus: Prometheus;
  const chosen: Choice = { job: ['shop'] };

  const host = async (app: AppProcess): Promise<string> => new URL(await app.endpoint()).host;

  before(async () => {
    const tests = ['prometheus-rules.test.yml', 'prometheus-rules.days.test.yml'];
    rulesTested = promtool(['test', 'rules', ...tests], { cwd: DASHBOARDS });
    rulesTested.catch(() => {});
    statsd = await startStatsdExporter();
    const env = {
      OTEL_METRICS_EXPORTER: 'prometheus,statsd',
      OTEL_EXPORTER_PROMETHEUS_HOST: '127.0.0.1',
      ROUTEMETER_STATSD_URL: `udp://127.0.0.1:${statsd.port}`,
      ROUTEMETER_STATSD_INTERVAL: '50',
      ROUTEMETER_ROUTES: '/items/:id,/files/*,/slow,/broken,/missing,/gone,/collect',
    };
    shop = new AppProcess(SHOP, { flags: ['--expose-gc', '--import', REGISTER], env });
    // Of the faulty one requests fail and fit into no series, the loop is blocked and packets are lost.
    faulty = new AppProcess(BLOCKED, {
      env: {
        ...env,
        ROUTEMETER_STATSD_INTERVAL: '500',
        ROUTEMETER_CARDINALITY_LIMIT: '10',
        ROUTEMETER_ROUTES: [LONG_ROUTE, ...FAULTY_ROUTES].join(),
      },
    });
    await faulty.get(LONG_ROUTE);
    blind = new AppProcess(BLIND, {
      env: {
        OTEL_EXPORTER_PROMETHEUS_PORT: '0',
        OTEL_EXPORTER_PROMETHEUS_HOST: '127.0.0.1',
        ROUTEMETER_BUCKETS: '0.01,0.1,1',
        ROUTEMETER_ATTRIBUTES: '-http.response.status_code,-error.type',
        ROUTEMETER_ROUTES: LONG_ROUTE,
      },
    });
    await blind.get(LONG_ROUTE);
    // The same round before the first scrape and after it, so that all series grow by what they began with, and the
    // share of one in another is exact.
    await send(shop);
    const targets = (target: string): string => JSON.stringify([{ targets: [target] }]);
    prometheus = await startPrometheus({
      rulesMillis: 1000,
      scrapes: ['shop', 'faulty', 'lost', 'replaced', 'mixed'].map((job) => ({
        job_name: job,
        // The faulty one is slow to answer.
        ...(job !== 'shop' && { scrape_interval: '500ms', scrape_timeout: '500ms' }),
        file_sd_configs: [{ files: [`${job}.json`] }],
      })),
      files: {
        'shop.json': targets(await host(shop)),
        'faulty.json': targets(await host(faulty)),
        'lost.json': targets(await host(faulty)),
        'replaced.json': targets(await host(faulty)),
        // Two that answer and three that nobody opens.
        'mixed.json': JSON.stringify([
          {
            targets: [await host(faulty), await host(blind), '127.0.0.1:1', '127.0.0.1:2', '127.0.0.1:3'],
          },
        ]),
      },
    });
    await prometheus.scraped('shop');
    await send(shop);
    await prometheus.scraped('shop');
  });
  after(() => Promise.all([prometheus?.stop(), statsd?.stop(), shop?.end(), faulty?.end(), blind?.end()]));

  const value = async (title: string, choice: Choice = chosen, refId = 0): Promise<number> => {
    const [sample, ...others] = (await results(prometheus, panel(title), choice))[refId] ?? [];
    assert.ok(sample && others.length === 0, `${title} has one value`);
    return sample.value;
  };
  const byLabel = async (title: string, label: string): Promise<Record<string, number>> => {
    const [samples = []] = await results(prometheus, panel(title), chosen);
    return Object.fromEntries(samples.map(({ labels, value }) => [labels[label] ?? '', value]));
  };
  const near = (actual: number | undefined, expected: number, what: string): void =>
    assert.ok(
      actual !== undefined && Math.abs(actual - expected) < 1e-9,
      `${what}: ${actual}, not ${expected}`,
    );

  describe('the dashboard returns finite values for', () => {
    for (const each of PANELS) {
      const choices: [string, Choice][] = each.title.includes('$route')
        ? ['/items/:id', '/files/*'].map((route) => [route, { ...chosen, route: [route] }])
        : [['all routes', chosen]];
      for (const [what, choice] of choices) {
        it(`${each.title}, ${what}`, async () => {
          for (const { expr, instant } of each.targets ?? []) {
            const query = interpolate(expr, choice);
            const samples = await prometheus.query(query);
            assert.ok(samples.length > 0, `${query} returns nothing`);
            assert.deepEqual(
              samples.filter((sample) => !Number.isFinite(sample.value)),
              [],
              query,
            );
            if (instant) continue;
            const points = await prometheus.recent(query, 30);
            assert.ok(points.length > 0 && points.every(Number.isFinite), query);
          }
        });
      }
    }
  });

  describe('the dashboard correctly shows', () => {
    it('the share of server errors', async () => near(await value('Server errors'), 3 / REQUESTS, '5xx'));
    it('the share of client errors', async () => near(await value('Client errors'), 3 / REQUESTS, '4xx'));
    it('the share within 0.5 s', async () => {
      const share = await value('Within 0.5 s');
      assert.ok(share > 0 && share <= 32 / REQUESTS + 1e-9, `${share}`);
    });
    it('errors by route', async () => {
      const shares = await byLabel('Server errors by route', 'http_route');
      near(shares['/broken'], 1, '/broken');
      near(shares['/items/:id'], 0, '/items/:id');
      near((await byLabel('Client errors by route', 'http_route'))['(no route)'], 1, 'no route');
    });
    it('requests by status, in proportion', async () => {
      const rates = await byLabel('Requests by status', 'http_response_status_code');
      assert.deepEqual(Object.keys(rates).toSorted(), ['200', '404', '503', 'aborted']);
      const aborted = rates.aborted ?? Number.NaN;
      for (const [status, count] of [
        ['200', 33],
        ['404', 3],
        ['503', 3],
      ] as const) {
        near((rates[status] ?? 0) / aborted, count, status);
      }
    });
    it('how slow a slow route is', async () => {
      const p95 = (await byLabel('p95 by route', 'http_route'))['/slow'] ?? 0;
      assert.ok(p95 > 0.5, `${p95}`);
    });
    it('the table of routes', async () => {
      const [rates = [], errors = []] = await results(prometheus, panel('Routes'), chosen);
      assert.deepEqual(rates.map(({ labels }) => labels.http_route).toSorted(), ['(no route)', ...ROUTES]);
      assert.equal(errors.length, rates.length);
    });
    it('instances and targets', async () => {
      assert.equal(await value('Instances'), 1);
      assert.equal(await value('Targets'), 1);
    });
    it('the number of series', async () => assert.equal(await value('Series'), 8));
    it('the retries when a StatsD server is gone', async () => {
      await statsd.kill();
      await until('there are retries', async () => (await value('StatsD packets', chosen, 2)) > 0);
    });
    it('the requests in progress', async () => {
      const held = [shop.get('/held'), shop.get('/held'), shop.get('/held')];
      await until('three are active', async () => (await value('Active requests')) === 3);
      await shop.get('/release');
      await Promise.all(held);
      await until('none is active', async () => (await value('Active requests')) === 0);
    });
  });

  describe('variables offer', () => {
    it('jobs that have HTTP metrics', async () => {
      await until('five jobs are offered', async () => {
        const jobs = (await options(prometheus, 'job', {})).toSorted();
        return jobs.join() === 'faulty,lost,mixed,replaced,shop';
      });
    });
    it('instances of the job', async () =>
      assert.deepEqual(await options(prometheus, 'instance', chosen), [await host(shop)]));
    it('routes of the job', async () =>
      assert.deepEqual((await options(prometheus, 'route', chosen)).toSorted(), ROUTES));
  });

  describe('the rules', () => {
    interface Rule {
      readonly name: string;
      readonly health: string;
      readonly state?: string;
    }
    const loaded = async (): Promise<Rule[]> =>
      ((await prometheus.get('/api/v1/rules')) as { groups: { rules: Rule[] }[] }).groups.flatMap(
        ({ rules }) => rules,
      );

    /** Runs promtool in a folder with these files. */
    const succeeds = async (files: Readonly<Record<string, string>>, args: string[]): Promise<void> => {
      const folder = mkdtempSync(join(tmpdir(), 'rules-'));
      after(() => rmSync(folder, { recursive: true }));
      for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
      assert.match(await promtool(args, { cwd: folder }), /SUCCESS/);
    };
    /** Runs a test of promtool's on rules. */
    const passes = (rules: string, test: object): Promise<void> => {
      const file = {
        rule_files: ['rules.yml'],
        evaluation_interval: '1m',
        tests: [{ interval: '1m', ...test }],
      };
      return succeeds({ 'rules.yml': rules, 'test.yml': JSON.stringify(file) }, [
        'test',
        'rules',
        'test.yml',
      ]);
    };
    const exprOf = (alert: string): string =>
      SHIPPED_RULES.find((rule) => rule.alert === alert)?.expr ?? assert.fail(`there is no ${alert}`);

    it('pass promtool', async () => {
      assert.match(
        await promtool(['check', 'rules', 'prometheus-rules.yml'], { cwd: DASHBOARDS }),
        /SUCCESS/,
      );
    });

    it('separate two clusters, when written with that label', async () => {
      const written = await promisify(execFile)(process.execPath, [
        join(DASHBOARDS, 'prometheus-rules.js'),
        ...['--by', 'cluster,namespace,job', '--within', '1'],
      ]);
      const series = (cluster: string, status: number, each: number) => [
        {
          series: `http_server_request_duration_seconds_count{cluster="${cluster}", job="shop", instance="a", http_response_status_code="${status}"}`,
          values: `0+${each}x100`,
        },
        ...['1', '1.0'].map((le, index) => ({
          series: `http_server_request_duration_seconds_bucket{cluster="${cluster}", job="shop", instance="a", http_response_status_code="${status}", le="${le}"}`,
          // Prometheus 3 took the place of Prometheus 2.
          values: index === 0 ? `0+${each}x40 stale` : `_x41 ${41 * each}+${each}x59`,
        })),
      ];
      const alert = (alertname: string, expected: unknown[]) => ({
        eval_time: '90m',
        alertname,
        exp_alerts: expected,
      });
      await succeeds({ 'rules.yml': written.stdout }, ['check', 'rules', 'rules.yml']);
      await passes(written.stdout, {
        input_series: [...series('eu', 500, 60), ...series('us', 200, 600_000)],
        alert_rule_test: [
          alert('HttpServerErrorBudgetBurn', [
            {
              exp_labels: { severity: 'critical', cluster: 'eu', job: 'shop' },
              exp_annotations: {
                summary: 'eu/shop fails 100% of its requests',
                description:
                  "Over the last hour 100% of the requests to eu/shop were answered with a server error (5xx), and it continues. At this rate a month's budget is gone in two days or sooner.",
              },
            },
          ]),
          alert('HttpServerLatencyBudgetBurn', []),
          alert('HttpServerLatencyBoundaryMissing', []),
        ],
      });
    });

    it("accept the user's objectives, and the scrape configuration for Kubernetes is valid", async () => {
      const files = Object.fromEntries(
        ['objectives.yml', 'prometheus-on-kubernetes.yml'].map((name) => [
          name,
          block('docs/dashboards.md', `file: ${name}`).lines.join('\n'),
        ]),
      );
      await succeeds(files, ['check', 'rules', 'objectives.yml']);
      await succeeds(files, ['check', 'config', '--syntax-only', 'prometheus-on-kubernetes.yml']);
    });

    it('are all evaluated without an error', async () => {
      const rules = await until('all have been evaluated', async () => {
        const rules = await loaded();
        return rules.every(({ health }) => health !== 'unknown') && rules;
      });
      assert.deepEqual(
        rules.map(({ name, health }) => [name, health]).toSorted(),
        SHIPPED_RULES.map(({ record, alert }) => [record ?? alert, 'ok']).toSorted(),
      );
    });

    for (const name of SHIPPED_RULES.flatMap(({ record = [] }) => record)) {
      it(`record finite values as ${name}`, async () => {
        const samples = await prometheus.returned(name, 'shop');
        assert.ok(samples.every((sample) => Number.isFinite(sample.value)));
      });
    }

    it('record the share of errors exactly', async () => {
      const [sample] = await prometheus.query('job:http_server_errors:ratio_rate1h{job="shop"}');
      near(sample?.value, 3 / REQUESTS, '5xx');
    });

    /** Makes the alert's expression return something. */
    let failed: Promise<void> | undefined;
    const failAndBeSlow = {
      job: 'shop',
      cause: () => {
        failed ??= (async () => {
          for (let round = 0; round < 4; round++) await send(shop);
        })();
        return failed;
      },
    };
    const causes: Readonly<Record<string, { job: string; cause?: () => Promise<unknown> }>> = {
      HttpServerErrorBudgetBurn: failAndBeSlow,
      HttpServerErrorBudgetBurnSlow: failAndBeSlow,
      HttpServerLatencyBudgetBurn: failAndBeSlow,
      HttpServerLatencyBudgetBurnSlow: failAndBeSlow,
      NodeEventLoopBlocked: { job: 'faulty' },
      HttpServerSeriesOverflow: {
        job: 'faulty',
        cause: async () => {
          for (let round = 0; round < 2; round++) {
            await Promise.all(FAULTY_ROUTES.map((route) => faulty.get(route)));
            await prometheus.scraped('faulty');
          }
        },
      },
      StatsdPacketsDropped: { job: 'faulty', cause: () => faulty.get(LONG_ROUTE) },
      HttpServerStatusMissing: { job: 'mixed' },
      HttpServerLatencyBoundaryMissing: { job: 'mixed' },
      HttpServerBoundariesDiffer: { job: 'mixed' },
      HttpServerMostTargetsDown: { job: 'mixed' },
      HttpServerNotMeasured: {
        job: 'replaced',
        cause: async () =>
          writeFileSync(
            join(prometheus.folder, 'replaced.json'),
            JSON.stringify([{ targets: [`127.0.0.1:${prometheus.port}`] }]),
          ),
      },
    };

    for (const [alert, { job, cause }] of Object.entries(causes)) {
      it(`fire ${alert}`, async () => {
        const expr = exprOf(alert);
        await cause?.();
        const samples = await prometheus.returned(expr, job);
        assert.ok(samples.every((sample) => Number.isFinite(sample.value)));
        await until(`${alert} is pending or fires`, async () =>
          (await loaded()).some(({ name, state }) => name === alert && state !== 'inactive'),
        );
      });
    }

    it('fire HttpServerMetricsAbsent before there was anything', async () => {
      const expr = exprOf('HttpServerMetricsAbsent');
      assert.equal((await prometheus.query(expr)).length, 0);
      assert.equal((await prometheus.query(expr, Date.now() / 1000 - 3600)).length, 1);
    });

    it('fire HttpServerMetricsMissing when a target is no longer listed', async () => {
      const expr = exprOf('HttpServerMetricsMissing');
      assert.deepEqual(await prometheus.query(expr), []);
      writeFileSync(join(prometheus.folder, 'lost.json'), '[]');
      const [sample] = await prometheus.returned(expr);
      assert.equal(sample?.labels.job, 'lost');
    });

    it('fire HttpServerDurationMissing if the histogram is native', async () => {
      const series = (name: string, values: string) => ({ series: `${name}{job="native"}`, values });
      const expected = { labels: '{alertname="HttpServerDurationMissing", alertstate="firing"}', value: 1 };
      await passes(RULES, {
        input_series: [
          series('http_server_active_requests', '0x90'),
          series(
            'http_server_request_duration_seconds',
            '{{schema:0 sum:5 count:4 buckets:[1 2 1]}}+{{schema:0 sum:5 count:4 buckets:[1 2 1]}}x90',
          ),
        ],
        promql_expr_test: [
          {
            expr: 'count by (alertname, alertstate) (ALERTS{job="native"})',
            eval_time: '80m',
            exp_samples: [expected],
          },
        ],
      });
    });

    it('fire HttpServerTargetDown and HttpServerDown when an app ends', async () => {
      const down = async (alert: string): Promise<Sample[]> => {
        const expr = exprOf(alert);
        return (await prometheus.query(expr)).filter(({ labels }) => labels.job === 'faulty');
      };
      // A scrape may have taken too long.
      await until('it is up', async () => {
        const found = await Promise.all([down('HttpServerTargetDown'), down('HttpServerDown')]);
        return found.flat().length === 0;
      });
      const instance = await host(faulty);
      await faulty.end();
      const [target] = await prometheus.returned(exprOf('HttpServerTargetDown'), 'faulty');
      assert.equal(target?.labels.instance, instance);
      await until('it is down', async () => (await down('HttpServerDown')).length === 1);
    });

    it('have every alert tested', () =>
      assert.deepEqual(
        SHIPPED_RULES.flatMap(({ alert = [] }) => alert).toSorted(),
        [
          ...Object.keys(causes),
          'HttpServerMetricsAbsent',
          'HttpServerMetricsMissing',
          'HttpServerDown',
          'HttpServerDurationMissing',
          'HttpServerTargetDown',
        ].toSorted(),
      ));
  });

  describe('for a faulty app the dashboard shows', () => {
    const faults: Choice = { job: ['faulty'] };
    it('firing alerts', async () =>
      assert.ok(await until('alerts fire', async () => (await value('Alerts', faults)) > 0)));
    it('requests without their own series', async () =>
      assert.ok((await value('Requests without series of their own', faults)) > 0));
    it('dropped packets', async () => assert.ok((await value('StatsD packets', faults, 1)) > 0));
    it('a target that is down', async () => assert.equal(await value('Targets', faults), 0));
  });

  // Last, since rates above are of the last minute.
  it('the rules pass their tests by promtool', async () =>
    assert.match(await rulesTested, /SUCCESS.*SUCCESS/s));
});
