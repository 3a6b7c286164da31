import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attributeText } from '../../src/metric-data/attribute-text.ts';

const circular: Record<string, unknown> = {};
circular.self = circular;

const values: readonly (readonly [value: unknown, text: string])[] = [
  ['hello world', 'hello world'],
  [2.5e-7, '2.5e-7'],
  [-0, '0'],
  [Number.NEGATIVE_INFINITY, '-Infinity'],
  [12345678901234567890n, '12345678901234567890'],
  [Buffer.from('hello world'), 'aGVsbG8gd29ybGQ='],
  [null, ''],
  [undefined, ''],
  [
    [1, Number.NEGATIVE_INFINITY, 'a', true, { nested: new TextEncoder().encode('hello') }],
    '[1,"-Infinity","a",true,{"nested":"aGVsbG8="}]',
  ],
  [[null, undefined, Number.NaN, 7n], '[null,null,"NaN","7"]'],
  [new Date(0), '"1970-01-01T00:00:00.000Z"'],
  [Symbol('s'), ''],
  [circular, ''],
];

for (const [value, text] of values) {
  test(`the value ${String(JSON.stringify(text))} is written for a ${typeof value}`, () =>
    assert.equal(attributeText(value), text));
}
