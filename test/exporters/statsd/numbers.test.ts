import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decimal, rate } from '../../../src/exporters/statsd/numbers.ts';
import { LONG } from '../../length.ts';
import fc from '../../property.ts';

for (const text of ['-0.00000000125', '-1180591620717411303424']) {
  test(`${text} is written as it is`, () => assert.equal(decimal(Number(text)), text));
}

test('any finite number is written without an exponent, and read back the same', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      const text = decimal(value);
      assert.match(text, /^-?\d+(\.\d+)?$/);
      assert.equal(Number(text), value === 0 ? 0 : value);
    }),
    {
      numRuns: 5000,
      examples: [[5e-324], [Number.MIN_VALUE * 3], [2.2250738585072014e-308], [Number.MAX_VALUE]],
    },
  );
});

const RATES = [
  [1, ''],
  [3, '|@0.333333333'],
  [3125, '|@0.0003199999999'],
  [1024, '|@0.0009765625'],
] as const;

for (const [count, text] of RATES) {
  test(`${count} requests are ${text === '' ? 'sent without a rate' : text}`, () => {
    assert.equal(rate(count), text);
    assert.equal(rate(count), text, 'again');
  });
}

/** What a server makes of a rate: a fraction that it weighs with, or trunc of it that it repeats. */
function assertExact(count: number): void {
  const text = rate(count);
  const seen = text === '' ? 1 : 1 / Number(text.slice('|@'.length));
  const written = text === '' || /^\|@0\.\d*[1-9]$/.test(text);
  if (!written || Math.trunc(seen) !== count || (seen - count) / count > 1e-9) {
    assert.fail(`${count} is sent with ${text}, which is ${seen}`);
  }
}

const COUNTS = LONG ? 200_000 : 20_000;
test(`each count to ${COUNTS} is exact if it is truncated, and within 1e-9 if it is not`, () => {
  for (let count = 1; count <= COUNTS; count++) assertExact(count);
});

test('so is any count below a thousand million', () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 999_999_999 }), assertExact), {
    numRuns: 5000,
    examples: [[999_999_999], [999_999_937], [2 ** 29], [2 ** 29 + 1], [333_333_333], [999_999_997], [512e6]],
  });
});
