import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { type Observed, type ObservedMetric, observe } from '../../scripts/metrics-page/observe.ts';
import { metricsPage } from '../../scripts/metrics-page/page.ts';
import { GAUGES } from '../../src/instruments/runtime/gauge-aggregations.ts';
import { labelName } from '../../src/metric-data/labels.ts';
import { read } from './pages.ts';

describe('docs/metrics.md', () => {
  let metrics: Observed['metrics'] = [];
  let statsd: Observed['statsd'] = new Set();
  before(async () => {
    ({ metrics, statsd } = await observe());
  });

  it('lists exactly what running programs push and serve: npm run docs writes it', () =>
    assert.deepEqual(read('docs/metrics.md').split('\n'), metricsPage(metrics).split('\n')));

  it('has every metric that StatsD is sent', () => {
    const families = metrics.map(({ family }) => family);
    assert.deepEqual(
      [...statsd].filter((name) => !families.includes(name)),
      [],
    );
    assert.ok(statsd.size > 10);
  });

  it('has every gauge for which an aggregation is declared', () => {
    const gauges = metrics.filter(({ type }) => type === 'gauge').map(({ name }) => name);
    assert.deepEqual(
      [...GAUGES.keys()].filter((name) => !gauges.includes(name)),
      [],
    );
  });

  it('has the attributes that are labels in the scrape', () => {
    for (const { name, attributes, onRequest, labels } of metrics.filter(({ pushed }) => pushed)) {
      assert.deepEqual([...attributes, ...onRequest].map(labelName).sort(), labels, name);
    }
  });

  const wrong: [what: string, observed: () => ObservedMetric[], message: RegExp][] = [
    ['a metric that has no row', () => metrics.map(renamed('process.memory.usage', 'x.y')), /no row.* x\.y$/],
    [
      'a row of a metric that no program has',
      () => metrics.filter(({ name }) => name !== 'v8js.gc.duration'),
      /no program has v8js\.gc\.duration$/,
    ],
    [
      'a gauge whose aggregation is not declared',
      () => metrics.map((metric) => ({ ...metric, type: 'gauge' })),
      /gauge-aggregations\.ts does not have http\.server\.request\.duration$/,
    ],
  ];
  for (const [what, observed, message] of wrong) {
    it(`rejects ${what}`, () => assert.throws(() => metricsPage(observed()), { message }));
  }
});

const renamed =
  (from: string, to: string) =>
  (metric: ObservedMetric): ObservedMetric =>
    metric.name === from ? { ...metric, name: to } : metric;
