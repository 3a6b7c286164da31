import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { openMetrics001, openMetrics100 } from '../../../../src/exporters/prometheus/formats/open-metrics.ts';
import { text100 } from '../../../../src/exporters/prometheus/formats/text.ts';
import { collected, counter, formatWriter, gauge, histogram, sampleLines, textWriter } from '../metrics.ts';
import { shop } from './shop.ts';

const labels = { environment: 'dev' };
const golden = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8');
const app = { name: 'app' };

test('a shop is written as in shop.openmetrics.txt, in both versions', () => {
  for (const format of [openMetrics100, openMetrics001]) {
    const { text, warnings } = formatWriter(format, { labels })(shop());
    assert.equal(text, golden('shop.openmetrics.txt'));
    assert.deepEqual(warnings, []);
  }
});

for (const [format, name] of [
  [openMetrics100, 'shop.utf-8.openmetrics.txt'],
  [text100, 'shop.utf-8.txt'],
] as const) {
  test(`a shop with UTF-8 names is written as in ${name}`, () => {
    const options = { labels, names: 'utf-8', escaping: 'allow-utf-8' } as const;
    assert.equal(formatWriter(format, options)(shop()).text, golden(name));
  });
}

test('an empty collection has an end', () => {
  assert.equal(formatWriter(openMetrics100)(collected([])).text, '# EOF\n');
});

const written = (...metrics: Parameters<typeof collected>[0][number][1]) =>
  formatWriter(openMetrics100)(collected([[app, metrics]])).text;

const unknowns: readonly (readonly [what: string, text: string, types: string[]])[] = [
  [
    'a counter whose family has the name of a gauge',
    written(gauge('orders', [[{}, 1]]), counter('orders', [[{}, 2]])),
    ['orders gauge', 'orders_total unknown'],
  ],
  [
    'a counter whose time of creation would have the name of a gauge',
    written(gauge('orders.created', [[{}, 1]]), counter('orders', [[{}, 2]])),
    ['orders_created gauge', 'orders_total unknown'],
  ],
  ['a negative counter', written(counter('orders', [[{}, -2]])), ['orders_total unknown']],
  [
    'a histogram that can have a negative sum',
    written(histogram('change', [-1, 1], [[{}, [1, 2, 3]]], { sum: 4 })),
    ['change_bucket unknown', 'change_sum unknown', 'change_count unknown'],
  ],
  [
    'a counter whose family has the name of a part of such a histogram',
    written(histogram('change', [-1, 1], [[{}, [1, 2, 3]]]), counter('change.count', [[{}, 2]])),
    ['change_bucket unknown', 'change_sum unknown', 'change_count unknown', 'change_count_total unknown'],
  ],
  [
    'a histogram without a sum',
    written(histogram('change', [1], [[{}, [1, 2]]], { sum: undefined })),
    ['change_bucket unknown', 'change_sum unknown', 'change_count unknown'],
  ],
];

for (const [what, text, types] of unknowns) {
  test(`${what} is written as an unknown family, and loses no sample`, () => {
    const found = text.matchAll(/^# TYPE (.*)$/gm);
    assert.deepEqual(
      [...found].map(([, type]) => type),
      types,
    );
    assert.match(text, / [0-9-]+\n# EOF\n$/);
  });
}

test('the resource is a gauge beside a metric that is called target', () => {
  const metrics = collected([[app, [gauge('target', [[{}, 1]])]]], { a: 1 });
  assert.match(formatWriter(openMetrics100)(metrics).text, /^# TYPE target_info gauge$/m);
});

test('but for the bounds, the samples are those of the text format', () => {
  const bare = (text: string): string[] => sampleLines(text).map((line) => line.replace('.0"', '"'));
  const text = formatWriter(openMetrics100, { labels })(shop()).text;
  assert.deepEqual(bare(text), bare(textWriter({ labels })(shop()).text));
});
