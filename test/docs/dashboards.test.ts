/** dashboards/ without a Prometheus. test/backends/dashboards.test.ts starts one. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { boundariesFor } from '../../src/views/views.ts';
import { DASHBOARD, interpolate, PANELS } from '../backends/dashboard.ts';
import { PAGES, ROOT, read, table } from './pages.ts';

/** A variable's name outside of queries. */
const DATASOURCE = { type: 'prometheus', uid: `\${datasource}` };

describe('the dashboard', () => {
  const all = DASHBOARD.panels.flatMap((panel) => [panel, ...(panel.panels ?? [])]);

  it('has the last schema version of its kind, a name and a fixed uid', () => {
    const { uid, title, schemaVersion } = DASHBOARD;
    assert.deepEqual(
      { uid, title, schemaVersion },
      { uid: 'routemeter', title: 'HTTP servers, per route', schemaVersion: 42 },
    );
  });

  it('has unique identifiers', () => assert.equal(new Set(all.map(({ id }) => id)).size, all.length));

  it('has panels that do not overlap, within 24 columns', () => {
    const taken = new Map<string, string>();
    for (const { title, gridPos } of all) {
      assert.ok(gridPos.x >= 0 && gridPos.x + gridPos.w <= 24, title);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          assert.equal(taken.get(`${x} ${y}`), undefined, `${title} is upon another`);
          taken.set(`${x} ${y}`, title);
        }
      }
    }
  });

  it('queries only the chosen data source', () => {
    const asking = [
      ...PANELS,
      ...PANELS.flatMap(({ targets }) => targets ?? []),
      ...DASHBOARD.templating.list.filter(({ type }) => type === 'query'),
    ];
    for (const { datasource } of asking) assert.deepEqual(datasource, DATASOURCE);
    assert.equal(DASHBOARD.templating.list[0]?.type, 'datasource');
  });

  for (const { title, description, fieldConfig, targets = [] } of PANELS) {
    it(`has a description, a unit and queries with legends for ${title}`, () => {
      assert.match(description ?? '', /\.$/);
      assert.ok(fieldConfig?.defaults.unit);
      assert.deepEqual(
        targets.map(({ refId }) => refId),
        targets.map((_, index) => 'ABCDEF'[index]),
      );
      assert.ok(targets.length > 0);
      for (const { expr, legendFormat } of targets) {
        assert.match(expr, /job=~"\$job"/);
        assert.ok(legendFormat);
      }
    });
  }

  it('overrides columns that its table has', () => {
    const routes = PANELS.find(({ type }) => type === 'table') as unknown as {
      fieldConfig: { overrides: { matcher: { options: string } }[] };
      transformations: { id: string; options: { renameByName?: Record<string, string> } }[];
      targets: { refId: string }[];
    };
    const renamed = routes.transformations.find(({ id }) => id === 'organize')?.options.renameByName ?? {};
    const columns = Object.values(renamed);
    assert.deepEqual(
      routes.fieldConfig.overrides.filter(({ matcher }) => !columns.includes(matcher.options)),
      [],
    );
    assert.deepEqual(
      Object.keys(renamed).filter((name) => name.startsWith('Value')),
      routes.targets.map(({ refId }) => `Value #${refId}`),
    );
  });

  const choices: [choice: Record<string, string[]>, expected: string][] = [
    [{ job: ['shop'] }, '{job=~"shop", http_route=~".*"}'],
    [{ job: ['a', 'b'], route: ['/'] }, '{job=~"(a|b)", http_route=~"/"}'],
    [{ job: ['shop'], route: ['/files/*'] }, '{job=~"shop", http_route=~"/files/\\\\*"}'],
    [
      { job: ['shop'], route: ['^\\/(\\w+)$'] },
      '{job=~"shop", http_route=~"\\\\^\\\\\\\\/\\\\(\\\\\\\\w\\\\+\\\\)\\\\$"}',
    ],
  ];
  for (const [choice, expected] of choices) {
    it(`is queried for ${JSON.stringify(choice)} as by Grafana`, () =>
      assert.equal(interpolate('{job=~"$job", http_route=~"$route"}', choice), expected));
  }
});

describe('the rules', () => {
  interface Rule {
    readonly record?: string;
    readonly alert?: string;
    readonly expr: string;
    readonly labels?: Record<string, string>;
    readonly annotations?: Record<string, string>;
  }
  const { groups } = parse(read('dashboards/prometheus-rules.yml')) as { groups: { rules: Rule[] }[] };
  const rules = groups.flatMap((group) => group.rules);
  const alerts = rules.filter(({ alert }) => alert !== undefined);
  const tests = read('dashboards/prometheus-rules.test.yml');

  it('count a request as slow above a boundary that histograms have', () => {
    const boundaries = boundariesFor('http.server.request.duration', 's', undefined, []) ?? [];
    const used = read('dashboards/prometheus-rules.yml').match(/(?<=le=")[\d.]+/g) ?? [];
    assert.deepEqual(new Set(used), new Set(['0.5']));
    assert.ok(boundaries.includes(0.5));
    assert.deepEqual(new Set(read('dashboards/routemeter.json').match(/(?<=le=\\")[\d.]+/g)), new Set(used));
  });

  for (const { alert = '', labels, annotations } of alerts) {
    it(`have the severity and the meaning of ${alert}, and the documentation has what to do`, () => {
      assert.match(labels?.severity ?? '', /^(critical|warning|info)$/);
      assert.ok(annotations?.summary);
      assert.match(annotations?.description ?? '', /\.$/);
      const row = table('docs/dashboards.md', '| Alert | Severity | It means | What to do |').find(
        ([name]) => name === alert,
      );
      assert.equal(row?.[1], labels?.severity);
    });
  }

  it('are all in their tests, alerts both firing and silent', () => {
    for (const { record = '' } of rules.filter((rule) => rule.record !== undefined)) {
      assert.ok(tests.includes(record), record);
    }
    for (const { alert } of alerts) {
      assert.match(tests, new RegExp(`alertname: ${alert}\\n +exp_alerts:(?: &\\w+)?\\n`), alert);
      assert.match(tests, new RegExp(`alertname: ${alert}, exp_alerts: \\[\\]`), alert);
    }
  });

  const write = async (...args: string[]): Promise<string> => {
    const script = join(ROOT, 'dashboards/prometheus-rules.js');
    return (await promisify(execFile)(process.execPath, [script, ...args])).stdout;
  };

  it('are what prometheus-rules.js writes', async () =>
    assert.equal(await write(), read('dashboards/prometheus-rules.yml')));

  it('group by the same labels everywhere, which are set in one place', async () => {
    const others = ['http_route', 'le', 'instance', 'exported_instance', 'routemeter_attribute'];
    const lists = (text: string): Set<string> =>
      new Set(
        [...text.matchAll(/\b(?:by|on) \(([^)]*)\)/g)].map(([, list = '']) =>
          list
            .split(', ')
            .filter((label) => !others.includes(label))
            .join(),
        ),
      );
    assert.deepEqual(
      lists(read('dashboards/prometheus-rules.yml')),
      new Set(['namespace,exported_namespace,job,exported_job', 'namespace,job']),
    );
    const other = await write('--by', 'cluster, app');
    assert.deepEqual(lists(other), new Set(['cluster,app']));
    assert.doesNotMatch(other, /namespace|\$labels\.job|exported_job/);
    assert.equal(
      (parse(other) as { groups: { rules: Rule[] }[] }).groups.flatMap((group) => group.rules).length,
      rules.length,
    );
  });

  it('have another boundary, as Prometheus writes it in either way, other budgets and routes that may be slow', async () => {
    const other = await write(
      '--within',
      '1',
      '--errors',
      '0.01',
      '--slow',
      '0.05',
      '--slow-route',
      '/a/:id(\\d+)',
    );
    assert.match(other, /_bucket\{http_route!~"\/a\/:id\\\\\(\\\\\\\\d\\\\\+\\\\\)", le=~"1\|1\[\.\]0"\}/);
    assert.doesNotMatch(other, /0\.5 s|le="0\.5"/);
    assert.match(other, /rate6h \+ 0\.01$/m);
    assert.match(other, /rate6h \+ 0\.05$/m);
  });

  const refused: [args: string[], message: RegExp][] = [
    [
      ['--by', 'job,instance'],
      /^prometheus-rules: --by is "job,instance"; accepted: names of labels [^\n]+\n$/,
    ],
    [
      ['--by', 'exported_job'],
      /^prometheus-rules: --by is "exported_job"; accepted: a label of the targets[^\n]+\n$/,
    ],
    [['--errors', '5'], /^prometheus-rules: --errors is "5"; accepted: a share above 0, at most 1\n$/],
    [['--within', 'fast'], /^prometheus-rules: --within is "fast"; accepted: seconds\n$/],
    [['--cluster', 'a'], /^prometheus-rules: Unknown option '--cluster'; accepted: --by, [^\n]+\n$/],
  ];
  for (const [args, message] of refused) {
    it(`reject ${args.join(' ')}`, () =>
      assert.rejects(write(...args), (error: { code: number; stderr: string; stdout: string }) => {
        assert.deepEqual([error.code, error.stdout], [1, '']);
        assert.match(error.stderr, message);
        return true;
      }));
  }

  it('find the boundary that they need in every documented example of boundaries', () => {
    const lists = (text: string): string[] => [
      // `ROUTEMETER_BUCKETS='0.1,1;db.*=1,2'`, `*=0.1,1`, `0.1,1`
      ...[
        ...text.matchAll(
          /`(?:ROUTEMETER_BUCKETS=)?'?((?:[a-z*][\w.*]*=)?\.?\d[\d.]*(?:,[\d.]+)+(?:;[^'`]+)?)/g,
        ),
      ]
        .flatMap(([, value = '']) => value.split(';'))
        .filter((rule) => {
          const [instrument] = rule.includes('=') ? rule.split('=') : ['*'];
          return new RegExp(`^${instrument?.replaceAll('.', '\\.').replaceAll('*', '.*')}$`).test(
            'http.server.request.duration',
          );
        }),
      // `buckets: [0.1, 1]`, and the example in a message
      ...[...text.matchAll(/(?:buckets:|'\*':) \[([\d., ]+)\]|increasing numbers such as ([\d.,]+\d)/g)].map(
        ([, array, message]) => array ?? message ?? '',
      ),
    ];
    const examples = [...PAGES, 'src/config/checks/boundaries.ts'].flatMap((page) =>
      lists(read(page)).map((list) => ({ page, list })),
    );
    for (const page of [
      'README.md',
      'docs/configuration.md',
      'docs/opentelemetry.md',
      'src/config/checks/boundaries.ts',
    ]) {
      assert.ok(
        examples.some((example) => example.page === page),
        page,
      );
    }
    assert.deepEqual(
      examples.filter(({ list }) => !list.split(/[=,]/).map(Number).includes(0.5)),
      [],
    );
  });
});
