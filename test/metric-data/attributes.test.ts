import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attributeText, labelName } from '../../src/metric-data/attributes.ts';

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

const values: readonly (readonly [value: unknown, text: string])[] = [
  ['hello world', 'hello world'],
  ['', ''],
  [true, 'true'],
  [42, '42'],
  [-123, '-123'],
  [2.5e-7, '2.5e-7'],
  [-0, '0'],
  [Number.NaN, 'NaN'],
  [Number.NEGATIVE_INFINITY, '-Infinity'],
  [12345678901234567890n, '12345678901234567890'],
  [Buffer.from('hello world'), 'aGVsbG8gd29ybGQ='],
  [null, ''],
  [undefined, ''],
  [[], '[]'],
  [
    [1, Number.NEGATIVE_INFINITY, 'a', true, { nested: new TextEncoder().encode('hello') }],
    '[1,"-Infinity","a",true,{"nested":"aGVsbG8="}]',
  ],
  [[null, undefined, Number.NaN, 7n], '[null,null,"NaN","7"]'],
  [{ a: Number.NEGATIVE_INFINITY, b: 2, c: [3, null] }, '{"a":"-Infinity","b":2,"c":[3,null]}'],
  [new Date(0), '"1970-01-01T00:00:00.000Z"'],
  [Symbol('s'), ''],
];

for (const [value, text] of values) {
  test(`the value ${String(JSON.stringify(text))} is written for a ${typeof value}`, () =>
    assert.equal(attributeText(value), text));
}

test('a value that refers to itself is written as empty', () => {
  const circular: Record<string, unknown> = {};
  circular.self = circular;
  assert.equal(attributeText(circular), '');
});
