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

test('backslashes, newlines and lone surrogates are escaped; quotes are in values alone', () => {
  const text = 'C:\\new "hi"\n\t\r日本 😀 \uD83D \uDE00\uD83D';
  const help = 'C:\\\\new "hi"\\n\t\r日本 😀 \uFFFD \uFFFD\uFFFD';
  assert.equal(escapeHelp(text), help);
  assert.equal(escapeValue(text), help.replaceAll('"', '\\"'));
});

const SCOPE: LabelOptions['extra'] = [['otel_scope_name', 'scope']];
const texts: readonly (readonly [what: string, Attributes, expected: string, Partial<LabelOptions>?])[] = [
  ['no labels', {}, ''],
  ['sorted by name', { b: 1, a: 2 }, 'a="2",b="1"'],
  ['joined in the order of the keys', { a_b: 'under', 'a.b': 'dot' }, 'a_b="dot;under"'],
  ['empty values left out', { a: '', b: null, c: 'x' }, 'c="x"'],
  ['undefined is no value', { a_b: undefined, 'a.b': 'dot' }, 'a_b="dot"'],
  ['defaults added', { a: 1 }, 'a="1",team="x"', { defaults: { team: 'x' } }],
  ['its own label wins', { 'my.team': 'y' }, 'my_team="y"', { defaults: { my_team: 'x' } }],
  ['its own empty label wins', { team: '' }, '', { defaults: { team: 'x' } }],
  ['a default is escaped', {}, 'a_b="\\""', { defaults: { 'a.b': '"' } }],
  ['further attributes', { z: 1 }, 'otel_scope_name="scope",z="1"', { extra: SCOPE }],
  ['they join', { 'otel.scope.name': 'own' }, 'otel_scope_name="own;scope"', { extra: SCOPE }],
  ['a reserved name', { le: 1 }, 'exported_le="1"', { reserved: 'le' }],
  ['a reserved default', {}, 'exported_le="1"', { defaults: { le: '1' }, reserved: 'le' }],
  ['keys of Object.prototype', JSON.parse('{"__proto__":"p"}'), '_proto_="p"'],
];

for (const [what, attributes, expected, options] of texts) {
  test(`label text: ${what}`, () =>
    assert.equal(labelText(attributes, { defaults: {}, ...options }), expected));
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
