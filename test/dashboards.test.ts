/** What can be said of dashboards/ without a Prometheus. With one: test/backends/dashboards.test.ts. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { boundariesFor } from '../src/views/views.ts';
import { DASHBOARD, interpolate, PANELS } from './backends/dashboard.ts';
import { read, table } from './docs-pages.ts';

/** As a variable is named where it is not a query. */
const DATASOURCE = { type: 'prometheus', uid: `\${datasource}` };

describe('the dashboard', () => {
  const all = DASHBOARD.panels.flatMap((panel) => [panel, ...(panel.panels ?? [])]);

  it('has the last schema of this kind, a name and a fixed address', () => {
    const { uid, title, schemaVersion } = DASHBOARD;
    assert.deepEqual(
      { uid, title, schemaVersion },
      { uid: 'routemeter', title: 'HTTP servers, per route', schemaVersion: 42 },
    );
  });

  it('has no identifier twice', () => assert.equal(new Set(all.map(({ id }) => id)).size, all.length));

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

  it('asks no source of data but the one that is chosen', () => {
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
    it(`is asked for ${JSON.stringify(choice)} as Grafana asks`, () =>
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

  it('count as slow what is above a boundary that histograms have', () => {
    const boundaries = boundariesFor('http.server.request.duration', 's', undefined, []) ?? [];
    const used = read('dashboards/prometheus-rules.yml').match(/(?<=le=")[\d.]+/g) ?? [];
    assert.deepEqual(new Set(used), new Set(['0.5']));
    assert.ok(boundaries.includes(0.5));
    assert.deepEqual(new Set(read('dashboards/routemeter.json').match(/(?<=le=\\")[\d.]+/g)), new Set(used));
  });

  for (const { alert = '', labels, annotations } of alerts) {
    it(`say how severe ${alert} is and what it means, and the documentation what to do`, () => {
      assert.match(labels?.severity ?? '', /^(critical|warning|info)$/);
      assert.ok(annotations?.summary);
      assert.match(annotations?.description ?? '', /\.$/);
      const row = table('docs/dashboards.md', '| Alert | Severity | It means | What to do |').find(
        ([name]) => name === alert,
      );
      assert.equal(row?.[1], labels?.severity);
    });
  }

  it('are all in their tests, alerts both firing and not', () => {
    for (const { record = '' } of rules.filter((rule) => rule.record !== undefined)) {
      assert.ok(tests.includes(record), record);
    }
    for (const { alert } of alerts) {
      assert.match(tests, new RegExp(`alertname: ${alert}\\n +exp_alerts:\\n`), alert);
      assert.match(tests, new RegExp(`alertname: ${alert}, exp_alerts: \\[\\]`), alert);
    }
  });
});
