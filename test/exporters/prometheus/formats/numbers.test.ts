import assert from 'node:assert/strict';
import { test } from 'node:test';
import { goFloat, valueText } from '../../../../src/exporters/prometheus/formats/numbers.ts';

const AS_GO = '0 -0 0.005 999999 1e+06 1.23456789e+08 1.5e+300 0.0001 1e-05 5e-324';
for (const written of AS_GO.split(' ')) {
  test(`the bound ${written} is written as Go does`, () => assert.equal(goFloat(Number(written)), written));
}

for (const written of ['1000000', '0.25', '1e+21']) {
  test(`the value ${written} is written so`, () => assert.equal(valueText(Number(written)), written));
}

test('values and bounds that are not finite are written as Go does', () => {
  const values = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN];
  assert.deepEqual(values.map(goFloat), ['+Inf', '-Inf', 'NaN']);
  assert.deepEqual(values.map(valueText), ['+Inf', '-Inf', 'NaN']);
});
