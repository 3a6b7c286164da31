import assert from 'node:assert/strict';
import { test } from 'node:test';
import { goFloat, valueText } from '../../../../src/exporters/prometheus/formats/numbers.ts';

const go: readonly (readonly [number, string])[] = [
  [0, '0'],
  [-0, '-0'],
  [0.005, '0.005'],
  [999999, '999999'],
  [1e6, '1e+06'],
  [123456789, '1.23456789e+08'],
  [1.5e300, '1.5e+300'],
  [0.0001, '0.0001'],
  [0.00001, '1e-05'],
  [5e-324, '5e-324'],
  [Number.POSITIVE_INFINITY, '+Inf'],
  [Number.NEGATIVE_INFINITY, '-Inf'],
  [Number.NaN, 'NaN'],
];

for (const [value, expected] of go) {
  test(`the bound ${value} is written ${expected}, as Go does`, () => assert.equal(goFloat(value), expected));
}

const values: readonly (readonly [number, string])[] = [
  [1000000, '1000000'],
  [0.25, '0.25'],
  [1e21, '1e+21'],
  [Number.POSITIVE_INFINITY, '+Inf'],
  [Number.NEGATIVE_INFINITY, '-Inf'],
  [Number.NaN, 'NaN'],
];

for (const [value, expected] of values) {
  test(`the value ${value} is written ${expected}`, () => assert.equal(valueText(value), expected));
}
