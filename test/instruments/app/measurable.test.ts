import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMeasurable, type MeasurableOptions } from '../../../src/instruments/app/measurable.ts';

function create(as: MeasurableOptions['as'], integer = false) {
  const lines: string[] = [];
  const warn = (line: string): void => void lines.push(line);
  return { isMeasurable: createMeasurable({ instrument: 'orders', as, integer, warn }), lines };
}

const NEVER = ['5', 5n, undefined, null, true, {}, [1], Symbol('5'), () => 5];
const NOT_FINITE = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
const FINITE = [0, -0, 1, -1, 0.1, 1e100, -1e100, Number.MIN_VALUE];

const cases: readonly (readonly [
  MeasurableOptions['as'],
  boolean,
  readonly unknown[],
  readonly unknown[],
  RegExp,
])[] = [
  ['sum', false, FINITE, [...NOT_FINITE, 1.1e100, -1.1e100, Number.MAX_VALUE], /from -1e\+100 to 1e\+100$/],
  ['increasing', false, FINITE, [...NOT_FINITE, 1.1e100, Number.MAX_VALUE], /from 0 to 1e\+100$/],
  ['last', false, [...FINITE, ...NOT_FINITE, -Number.MAX_VALUE], [], /is not a number$/],
  ['last', true, [...FINITE, Number.MAX_VALUE], NOT_FINITE, /is not a finite number$/],
];
for (const [as, integer, measured, leftOut, message] of cases) {
  test(`only numbers in range are ${integer ? 'whole ' : ''}values: ${as}`, () => {
    for (const value of measured) {
      const { isMeasurable, lines } = create(as, integer);
      assert.ok(isMeasurable(value), String(value));
      assert.deepEqual(lines, []);
    }
    for (const value of [...leftOut, ...NEVER]) {
      const { isMeasurable, lines } = create(as, integer);
      assert.ok(!isMeasurable(value), String(value));
      assert.equal(lines.length, 1);
      assert.match(lines[0] ?? '', message);
    }
  });
}

test('only the first dropped value is reported, with the name of the instrument', () => {
  const { isMeasurable, lines } = create('increasing');
  for (const value of [1, Number.NaN, 'text', Number.POSITIVE_INFINITY]) isMeasurable(value);
  assert.deepEqual(lines, ['a measurement of "orders" was dropped: NaN is not a number from 0 to 1e+100']);
});
