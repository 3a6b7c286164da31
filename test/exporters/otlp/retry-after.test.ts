import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseRetryAfter } from '../../../src/exporters/otlp/retry-after.ts';

const NOW = Date.parse('2026-01-02T03:04:05Z');
const HOUR = 3_600_000;

const CASES: readonly [value: string, date: string | undefined, millis: number][] = [
  [' 0 ', undefined, 0],
  ['Fri, 02 Jan 2026 03:04:35 GMT', undefined, 30_000],
  // The server's clock is an hour ahead.
  ['Fri, 02 Jan 2026 04:04:35 GMT', 'Fri, 02 Jan 2026 04:04:05 GMT', 30_000],
  ['Fri, 02 Jan 2026 03:04:35 GMT', 'nonsense', 30_000],
  // The obsolete forms.
  ['Friday, 02-Jan-26 03:04:35 GMT', undefined, 30_000],
  ['Fri, 02 Jan 2026 03:04:00 GMT', undefined, 0],
  // Longer than anybody means.
  ['99999999999999999999', undefined, HOUR],
  ['Fri, 02 Jan 2099 03:04:00 GMT', undefined, HOUR],
];
for (const [value, date, millis] of CASES) {
  test(`Retry-After: ${value}${date === undefined ? '' : ` at ${date}`}`, () => {
    assert.equal(parseRetryAfter(value, date, NOW), millis);
  });
}

for (const value of [undefined, 'soon', '1.5', '30 s']) {
  test(`not Retry-After: ${value}`, () => assert.equal(parseRetryAfter(value, undefined, NOW), undefined));
}
