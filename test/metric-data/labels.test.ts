import assert from 'node:assert/strict';
import { test } from 'node:test';
import { labelName } from '../../src/metric-data/labels.ts';

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
