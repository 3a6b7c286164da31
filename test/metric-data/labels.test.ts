import assert from 'node:assert/strict';
import { test } from 'node:test';
import { labelName } from '../../src/metric-data/labels.ts';

// Down to the last two those of label_namer_test.go in github.com/prometheus/otlptranslator.
const names: readonly (readonly [key: string, label: string])[] = [
  ['label:with:colons', 'label_with_colons'],
  ['LabelWithCapitalLetters', 'LabelWithCapitalLetters'],
  ['label!with&special$chars)', 'label_with_special_chars_'],
  ['label_with_foreign_characters_字符', 'label_with_foreign_characters_'],
  ['label.with.dots', 'label_with_dots'],
  ['.foo', '_foo'],
  ['123label', 'key_123label'],
  ['_label_starting_with_underscore', '_label_starting_with_underscore'],
  ['__label_starting_with_2underscores', '_label_starting_with_2underscores'],
  ['label__with__double__underscores', 'label_with_double_underscores'],
  ['label.name__with&&special##chars', 'label_name_with_special_chars'],
  ['trailing_underscores___', 'trailing_underscores_'],
  ['ようこそ', '_'],
  ['', '_'],
  ['__name__', '_name_'],
];

for (const [key, label] of names) {
  test(`the key ${JSON.stringify(key)} becomes the label ${label}`, () =>
    assert.equal(labelName(key), label));
}
