import assert from 'node:assert/strict';
import { test } from 'node:test';
import { labelName, withDefaultLabels, withMissingLabels } from '../../src/metric-data/labels.ts';
import { collected, counter, histogram } from '../exporters/prometheus/metrics.ts';

// Most are from label_namer_test.go in github.com/prometheus/otlptranslator.
const names: readonly (readonly [key: string, label: string])[] = [
  ['label!with&special$chars)', 'label_with_special_chars_'],
  ['.foo', '_foo'],
  ['123label', 'key_123label'],
  ['__label_starting_with_2underscores', '_label_starting_with_2underscores'],
  ['label.name__with&&special##chars', 'label_name_with_special_chars'],
  ['LabelWithCapitalLetters___', 'LabelWithCapitalLetters_'],
  ['ようこそ', '_'],
  ['', '_'],
];

for (const [key, label] of names) {
  test(`the key ${JSON.stringify(key)} becomes the label ${label}`, () =>
    assert.equal(labelName(key), label));
}

test('a copy has the labels on every data point, whose own attributes win; the rest is kept', () => {
  const make = (own: object, others: object) =>
    collected([
      [{ name: 'shop' }, [counter('orders', [[{ ...own, team: 'own' }, 3]])]],
      [{ name: 'other' }, [histogram('price', [1], [[{ ...others }, [0, 1]]])]],
    ]);
  const before = make({}, {});
  const after = withDefaultLabels(before, { environment: 'dev', team: 'x' });
  const labelled = make({ environment: 'dev' }, { environment: 'dev', team: 'x' });
  assert.deepEqual(after, { ...labelled, resource: before.resource });
  assert.equal(after.resource, before.resource);
  assert.deepEqual(before.scopeMetrics, make({}, {}).scopeMetrics);
});

test('without labels nothing is copied', () => {
  const before = collected([]);
  assert.equal(withDefaultLabels(before, {}), before);
});

test('an attribute overrides a label whose written name is the same', () => {
  assert.deepEqual(withMissingLabels({ 'team.name': 'a', x: 1 }, { team_name: 'b', v: '1' }), {
    v: '1',
    'team.name': 'a',
    x: 1,
  });
});
