import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Attributes } from '@opentelemetry/api';
import {
  createLabelText,
  escapeHelp,
  escapeValue,
  type LabelOptions,
  labelText,
} from '../../../../src/exporters/prometheus/formats/label-text.ts';

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

test('the text of an attributes object is computed once, and again for an equal object', () => {
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
