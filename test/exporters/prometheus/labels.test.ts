import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Attributes } from '@opentelemetry/api';
import {
  attributeText,
  createLabelText,
  escapeHelp,
  escapeValue,
  type LabelOptions,
  labelName,
  labelText,
} from '../../../src/exporters/prometheus/labels.ts';

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

const escapes: readonly (readonly [text: string, value: string, help: string])[] = [
  ['plain', 'plain', 'plain'],
  ['C:\\new', 'C:\\\\new', 'C:\\\\new'],
  ['say "hi"', 'say \\"hi\\"', 'say "hi"'],
  ['two\nlines', 'two\\nlines', 'two\\nlines'],
  ['tab\tand\rreturn', 'tab\tand\rreturn', 'tab\tand\rreturn'],
  ['日本 😀', '日本 😀', '日本 😀'],
  ['half \uD83D of a pair', 'half \uFFFD of a pair', 'half \uFFFD of a pair'],
  ['\uDE00\uD83D', '\uFFFD\uFFFD', '\uFFFD\uFFFD'],
];

for (const [text, value, help] of escapes) {
  test(`${JSON.stringify(text)} is escaped`, () => {
    assert.equal(escapeValue(text), value);
    assert.equal(escapeHelp(text), help);
  });
}

const texts: readonly (readonly [what: string, Attributes, LabelOptions, expected: string])[] = [
  ['no labels', {}, { defaults: {} }, ''],
  ['sorted by name', { b: 1, a: 2 }, { defaults: {} }, 'a="2",b="1"'],
  ['joined in the order of the keys', { a_b: 'under', 'a.b': 'dot' }, { defaults: {} }, 'a_b="dot;under"'],
  ['empty values left out', { a: '', b: null, c: 'x' }, { defaults: {} }, 'c="x"'],
  ['undefined is no value', { a_b: undefined, 'a.b': 'dot' }, { defaults: {} }, 'a_b="dot"'],
  ['defaults added', { a: 1 }, { defaults: { team: 'x' } }, 'a="1",team="x"'],
  ['its own label wins', { 'my.team': 'y' }, { defaults: { my_team: 'x' } }, 'my_team="y"'],
  ['its own empty label wins', { team: '' }, { defaults: { team: 'x' } }, ''],
  ['a default is escaped', {}, { defaults: { 'a.b': '"' } }, 'a_b="\\""'],
  [
    'further attributes',
    { z: 1 },
    { defaults: {}, extra: [['otel_scope_name', 's']] },
    'otel_scope_name="s",z="1"',
  ],
  [
    'further attributes join',
    { 'otel.scope.name': 'attribute' },
    { defaults: {}, extra: [['otel_scope_name', 'scope']] },
    'otel_scope_name="attribute;scope"',
  ],
  ['a reserved name', { le: 1 }, { defaults: {}, reserved: 'le' }, 'exported_le="1"'],
  ['a default of a reserved name', {}, { defaults: { le: '1' }, reserved: 'le' }, 'exported_le="1"'],
  ['keys of Object.prototype', JSON.parse('{"__proto__":"p"}'), { defaults: {} }, '_proto_="p"'],
];

for (const [what, attributes, options, expected] of texts) {
  test(`label text: ${what}`, () => assert.equal(labelText(attributes, options), expected));
}

test('the text of an attributes object is computed once, that of an equal object anew', () => {
  let reads = 0;
  const attributes = () => ({
    get route() {
      reads += 1;
      return '/a';
    },
  });
  const textOf = createLabelText({ defaults: {} });
  const first = attributes();
  assert.deepEqual([textOf(first), textOf(first), textOf(first)], ['route="/a"', 'route="/a"', 'route="/a"']);
  assert.equal(reads, 1);
  assert.equal(textOf(attributes()), 'route="/a"');
  assert.equal(reads, 2);
});
