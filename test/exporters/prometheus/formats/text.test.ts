import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Attributes } from '@opentelemetry/api';
import type { MetricData } from '@opentelemetry/sdk-metrics';
import { collected, counter, gauge, histogram, sampleLines, textWriter, upDownCounter } from '../metrics.ts';
import { parse } from '../parser.ts';
import { shop } from './shop.ts';

const app = { name: 'app' };
const other = { name: 'other', version: '2' };

test('a shop with every kind of metric is written as in shop.txt', () => {
  const { text, warnings } = textWriter({ labels: { environment: 'dev' } })(shop());
  assert.equal(text, readFileSync(new URL('shop.txt', import.meta.url), 'utf8'));
  assert.deepEqual(warnings, []);
  parse(text);
});

test('an empty collection of an empty resource is an empty text', () => {
  assert.equal(textWriter()(collected([])).text, '');
});

/** The samples of one scope. */
const linesOf = (...metrics: MetricData[]) => sampleLines(textWriter()(collected([[app, metrics]])).text);

/** Two series with the same labels, once written. */
const twins = <Value>(first: Value, second: Value) =>
  [
    [{ k: 1 }, first],
    [{ k: '1' }, second],
  ] as const;

test('points with the same labels add up, except those of gauges and of different boundaries', () => {
  assert.deepEqual(linesOf(counter('a', twins(2, 3))), ['a_total{k="1"} 5']);
  assert.deepEqual(linesOf(upDownCounter('a', twins(2, -3))), ['a{k="1"} -1']);
  assert.deepEqual(linesOf(counter('a.b', [[{}, 2]]), counter('a_b', [[{ k: '' }, 3]])), ['a_b_total 5']);
  assert.deepEqual(linesOf(histogram('a', [1], twins([1, 2], [3, 4]))), [
    ...['a_bucket{k="1",le="1"} 4', 'a_bucket{k="1",le="+Inf"} 10', 'a_sum{k="1"} 1', 'a_count{k="1"} 10'],
  ]);
  assert.deepEqual(linesOf(histogram('a', [1], [[{}, [1, 2]]]), histogram('a', [2], [[{}, [3, 4]]])), [
    'a_bucket{le="1"} 1',
    'a_bucket{le="+Inf"} 3',
    'a_sum 0.5',
    'a_count 3',
  ]);
});

test('of gauges with the same labels the first is served, which is reported once', () => {
  const write = textWriter();
  const metrics = collected([[app, [gauge('a', twins(2, 3))]]]);
  assert.deepEqual(sampleLines(write(metrics).text), ['a{k="1"} 2']);
  assert.deepEqual(write(metrics).warnings, [
    'a: several series have the same labels once written for Prometheus; the first is served',
  ]);
});

test('scope labels are on every series if configured, but not on the resource', () => {
  const scope = { name: 'other', version: '2', schemaUrl: 'https://example.com/1' };
  const metrics = collected([
    [app, [counter('one', [[{ a: 1 }, 1]])]],
    [scope, [histogram('two', [1], [[{}, [1, 0]]]), gauge('three', [[{}, 3]])]],
    [{ name: '' }, [gauge('four', [[{}, 4]])]],
  ]);
  const labels =
    'otel_scope_name="other",otel_scope_schema_url="https://example.com/1",otel_scope_version="2"';
  const { text } = textWriter({ scopeLabels: true })(metrics);
  assert.deepEqual(
    sampleLines(text).filter((line) => !line.startsWith('target_info')),
    [
      'four 4',
      'one_total{a="1",otel_scope_name="app"} 1',
      `three{${labels}} 3`,
      `two_bucket{${labels},le="1"} 1`,
      `two_bucket{${labels},le="+Inf"} 1`,
      `two_sum{${labels}} 0.5`,
      `two_count{${labels}} 1`,
    ],
  );
  assert.doesNotMatch(text, /^target_info\{.*otel_scope/m);
});

test('scope labels are written only if one name comes from two scopes, as soon as it does', () => {
  const write = textWriter();
  const mine = [app, [gauge('both', [[{ k: 1 }, 1]]), gauge('mine', [[{}, 1]])]] as const;
  assert.deepEqual(sampleLines(write(collected([mine])).text), ['both{k="1"} 1', 'mine 1']);
  const all = collected([
    mine,
    [other, [gauge('both', [[{}, 2]])]],
    [{ ...other, schemaUrl: 'https://example.com/1' }, [gauge('both', [[{}, 3]])]],
  ]);
  assert.deepEqual(sampleLines(write(all).text), [
    'both{k="1",otel_scope_name="app"} 1',
    'both{otel_scope_name="other",otel_scope_version="2"} 2',
    'both{otel_scope_name="other",otel_scope_schema_url="https://example.com/1",otel_scope_version="2"} 3',
    'mine 1',
  ]);
});

const SUMS = ['a_sum 0.5', 'a_count 3'];
const buckets: readonly (readonly [what: string, metric: MetricData, expected: string[]])[] = [
  ['without boundaries', histogram('a', [], [[{}, [3]]]), ['a_bucket{le="+Inf"} 3', ...SUMS]],
  [
    'without a sum',
    histogram('a', [1], [[{}, [1, 2]]], { sum: undefined }),
    ['a_bucket{le="1"} 1', 'a_bucket{le="+Inf"} 3', 'a_count 3'],
  ],
  [
    'with a boundary given twice',
    histogram('a', [1, 1, 2], [[{}, [1, 1, 1, 0]]]),
    ['a_bucket{le="1"} 2', 'a_bucket{le="2"} 3', 'a_bucket{le="+Inf"} 3', ...SUMS],
  ],
  [
    'with +Inf among the boundaries',
    histogram('a', [1, Number.POSITIVE_INFINITY], [[{}, [1, 2, 0]]]),
    ['a_bucket{le="1"} 1', 'a_bucket{le="+Inf"} 3', ...SUMS],
  ],
  [
    'with an attribute named le',
    histogram('a', [], [[{ le: 'x' }, [3]]]),
    ['a_bucket{exported_le="x",le="+Inf"} 3', 'a_sum{exported_le="x"} 0.5', 'a_count{exported_le="x"} 3'],
  ],
];

for (const [what, metric, expected] of buckets) {
  test(`a histogram ${what}`, () => assert.deepEqual(linesOf(metric), expected));
}

test('many series come in slices of a few thousand lines', () => {
  const series = Array.from({ length: 3000 }, (_, i): [Attributes, number[]] => [{ i }, [1, 2, 3, 4]]);
  const { text, chunks } = textWriter()(collected([[app, [histogram('a', [1, 2, 3], series)]]]));
  const most = Math.max(...chunks.map((chunk) => String(chunk).split('\n').length));
  assert.ok(most < 4100, `${most} lines in one slice`);
  assert.ok(chunks.filter((chunk) => chunk === '').length >= 10, 'the series are prepared in slices too');
  assert.equal(sampleLines(text).length, 3000 * 6);
  parse(text);
});
