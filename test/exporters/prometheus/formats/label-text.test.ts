import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Attributes } from '@opentelemetry/api';
import type { InstrumentationScope } from '@opentelemetry/core';
import type { Family } from '../../../../src/exporters/prometheus/families.ts';
import {
  escapeHelp,
  escapeValue,
  labelText,
} from '../../../../src/exporters/prometheus/formats/label-text.ts';
import { createSeriesLabels } from '../../../../src/exporters/prometheus/formats/series-labels.ts';
import { type Naming, UNDERSCORES, utf8Naming } from '../../../../src/exporters/prometheus/naming.ts';
import type { Labels } from '../../../../src/metric-data/labels.ts';

test('backslashes, newlines and lone surrogates are escaped; quotes are in values alone', () => {
  const text = 'C:\\new "hi"\n\t\r日本 😀 \uD83D \uDE00\uD83D';
  const help = 'C:\\\\new "hi"\\n\t\r日本 😀 \uFFFD \uFFFD\uFFFD';
  assert.equal(escapeHelp(text), help);
  assert.equal(escapeValue(text), help.replaceAll('"', '\\"'));
});

interface Options {
  readonly defaults?: Labels;
  readonly scope?: InstrumentationScope;
  readonly type?: Family['type'];
  readonly naming?: Naming;
}

function labelsOf({ defaults = {}, scope, type = 'gauge', naming = UNDERSCORES }: Options = {}) {
  const labels = createSeriesLabels(labelText)({
    labels: defaults,
    naming,
    scopeLabels: scope !== undefined,
  });
  const family = { name: 'a', type, help: 'A', numbers: [], histograms: [], exponentialHistograms: [] };
  return labels(family)({ scope: scope ?? { name: 'app' } });
}

const scope = { name: 'scope' };
const naming = utf8Naming('allow-utf-8');
const texts: readonly (readonly [what: string, Attributes, expected: string, Options?])[] = [
  ['no labels', {}, ''],
  ['sorted by name', { b: 1, a: 2 }, 'a="2",b="1"'],
  ['joined in the order of the keys', { a_b: 'under', 'a.b': 'dot' }, 'a_b="dot;under"'],
  ['empty values left out', { a: '', b: null, c: 'x' }, 'c="x"'],
  ['undefined is no value', { a_b: undefined, 'a.b': 'dot' }, 'a_b="dot"'],
  ['defaults added', { a: 1 }, 'a="1",team="x"', { defaults: { team: 'x' } }],
  ['its own label wins', { 'my.team': 'y' }, 'my_team="y"', { defaults: { my_team: 'x' } }],
  ['its own empty label wins', { team: '' }, '', { defaults: { team: 'x' } }],
  ['a default is escaped', {}, 'a_b="\\""', { defaults: { 'a.b': '"' } }],
  ['further attributes', { z: 1 }, 'otel_scope_name="scope",z="1"', { scope }],
  ['they join', { 'otel.scope.name': 'own' }, 'otel_scope_name="own;scope"', { scope }],
  ['a reserved name', { le: 1 }, 'exported_le="1"', { type: 'histogram' }],
  ['a reserved default', {}, 'exported_le="1"', { defaults: { le: '1' }, type: 'histogram' }],
  ['names in UTF-8', { 'a.b': 1, 'é"': 2, a_b: 3 }, String.raw`"a.b"="1",a_b="3","é\""="2"`, { naming }],
  ['names that UTF-8 cannot have', { __name__: 1, '': 2 }, '_="2",_name_="1"', { naming }],
  ['keys of Object.prototype', JSON.parse('{"__proto__":"p"}'), '_proto_="p"'],
];

for (const [what, attributes, expected, options] of texts) {
  test(`label text: ${what}`, () => assert.equal(labelsOf(options)(attributes), expected));
}

test('the text of an attributes object is computed once, and again for an equal object', () => {
  let reads = 0;
  const attributes = () => ({
    get route() {
      reads += 1;
      return '/a';
    },
  });
  const textOf = labelsOf();
  const first = attributes();
  assert.deepEqual([textOf(first), textOf(first), textOf(first)], ['route="/a"', 'route="/a"', 'route="/a"']);
  assert.equal(reads, 1);
  assert.equal(textOf(attributes()), 'route="/a"');
  assert.equal(reads, 2);
});
