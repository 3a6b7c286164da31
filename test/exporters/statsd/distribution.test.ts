import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Sample, samplesOf, type Values } from '../../../src/exporters/statsd/distribution.ts';
import { fineBoundaries } from '../../../src/views/fine-boundaries.ts';
import fc from '../../property.ts';

const SEMCONV = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
const [LOWEST, HIGHEST] = [50e-6, 120];

/** What a histogram on these boundaries has of the values. */
function recorded(boundaries: readonly number[], values: readonly number[]) {
  const counts = [...boundaries, Number.POSITIVE_INFINITY].map(() => 0);
  const buckets = values.map((value) => {
    const found = boundaries.findIndex((bound) => value <= bound);
    const bucket = found < 0 ? boundaries.length : found;
    counts[bucket] = (counts[bucket] ?? 0) + 1;
    return bucket;
  });
  const sum = values.reduce((all, value) => all + value, 0);
  return { counts, buckets, sum, max: Math.max(...values) };
}

function samples(boundaries: readonly number[], values: readonly number[], scale = 1): Sample[] {
  const { counts, sum, max } = recorded(boundaries, values);
  return samplesOf(boundaries, counts, { sum, exact: true, max }, scale);
}

type Case = readonly [what: string, boundaries: number[], values: number[], samples: string];
const CASES: readonly Case[] = [
  ['one value is itself, to four digits', [1, 2], [1.23456], '1.235 x1'],
  ['two in one bucket are their mean', [1, 2], [1.2, 1.8], '1.5 x2'],
  ['three are the middle of it, moved by a fifth of a percent', [1, 2], [1.1, 1.1, 1.1], '1.411 x3'],
  ['and the other way', [1, 2], [1.9, 1.9, 1.9], '1.417 x3'],
  ['and by less, where that is their sum', [1, 2], [1.41, 1.415, 1.42], '1.415 x3'],
  ['no sample for an empty bucket', [1, 2, 4], [0.5, 0.5, 3, 3], '0.501 x2, 2.834 x2'],
  ['the first bucket alone is its mean', [1, 2], [0.125, 0.25, 0.75], '0.375 x3'],
  ['beyond the last bound it is the mean', [1], [10, 20, 60], '30 x3'],
  ['one bucket for everything is the mean', [], [1, 2, 6], '3 x3'],
  ['zeros are zero', [0, 5], [0, 0, 0], '0 x3'],
  ['zeros beside others too', [-1, 0, 5], [0, 0, 2.5], '0 x2, 2.5 x1'],
  ['a bound is in the bucket below', [1, 2, 4], [2, 2, 2], '1.417 x3'],
  ['as many digits as keep it in its bucket', [1.00001, 1.00002], [1.000015], '1.000015 x1'],
  ['no value at all has no sample', [1], [], ''],
];

for (const [what, boundaries, values, expected] of CASES) {
  test(what, () => {
    const written = samples(boundaries, values).map(({ value, count }) => `${value} x${count}`);
    assert.equal(written.join(', '), expected);
  });
}

test('values are scaled to the unit of the samples', () =>
  assert.deepEqual(samples([0.5, 1], [0.75], 1000), [{ bucket: 1, value: 750, count: 1 }]));

test('the errors of the other samples are not added to the greatest one', () => {
  const boundaries = fineBoundaries(SEMCONV, 's');
  const many = (value: number): number[] => Array.from({ length: 100_000 }, () => value);
  const bound = boundaries.findIndex((each) => each > 1);
  const [lower = 0, upper = 0] = boundaries.slice(bound);
  assert.equal(samples(boundaries, [...many(upper), 130]).at(-1)?.value, 130);
  const least = samples(boundaries, [...many(lower * 1.0001), 130]).at(-1);
  assert.equal(least?.value.toFixed(1), '120.2');
});

test('what is left of a sum that was known approximately is not taken for a mean', () => {
  const one = (exact: boolean) => samplesOf([1, 1.09], [0, 1, 0], { sum: 1.001, exact }, 1);
  assert.deepEqual([one(true)[0]?.value, one(false)[0]?.value], [1.001, 1.042]);
});

const UNKNOWN: readonly (readonly [what: string, values: Values])[] = [
  ['infinite', { sum: Number.POSITIVE_INFINITY, exact: true, max: Number.POSITIVE_INFINITY }],
  ['not a number', { sum: Number.NaN, exact: true }],
  ['negative, since more was sent than there was', { sum: -5, exact: false }],
];

for (const [what, values] of UNKNOWN) {
  test(`a sum that is ${what} leaves the samples finite and in their buckets`, () => {
    assertWithin([1, 2], samplesOf([1, 2], [3, 1, 2], values, 1000), 1000);
    assertWithin([1, 2], samplesOf([1, 2], [0, 1, 0], values, 1000), 1000);
    assertWithin([1, 2], samplesOf([1, 2], [0, 0, 1], values, 1000), 1000);
    assertWithin([], samplesOf([], [2], values, 1), 1);
    assertWithin([-5], samplesOf([-5], [0, 2], values, 1), 1);
  });
}

function assertWithin(boundaries: readonly number[], all: readonly Sample[], scale: number): void {
  for (const { bucket, value } of all) {
    const lower = (boundaries[bucket - 1] ?? Number.NEGATIVE_INFINITY) * scale;
    const upper = (boundaries[bucket] ?? Number.POSITIVE_INFINITY) * scale;
    assert.ok(Number.isFinite(value) && value >= 0, `${value}`);
    assert.ok(value > lower && value <= upper, `${value} in (${lower}, ${upper}]`);
  }
}

const duration = fc
  .double({ min: Math.log(LOWEST), max: Math.log(HIGHEST), noNaN: true })
  .map((log) => Math.min(HIGHEST, Math.max(LOWEST, Math.exp(log))));
/** Values all over, and many in few buckets. */
const durations = fc.oneof(
  fc.array(duration, { minLength: 1, maxLength: 60 }),
  fc
    .tuple(fc.array(duration, { minLength: 1, maxLength: 3 }), fc.array(fc.integer({ min: 1, max: 200 })))
    .map(([few, times]) =>
      few.flatMap((value, i) => Array.from({ length: times[i] ?? 1 }, (_, n) => value * (1 + n / 5e3))),
    )
    .map((values) => values.map((value) => Math.min(HIGHEST, value))),
);
const pinned = fc.oneof(
  fc.constant(SEMCONV),
  fc.uniqueArray(duration, { maxLength: 10 }).map((all) => all.sort((a, b) => a - b)),
  fc.constant([0, 0.001]),
);
const scale = fc.constantFrom(1, 1000);

test('the sample of a bucket is within 5 % of both its ends, wherever the sum moves it', () => {
  for (const boundaries of [fineBoundaries(SEMCONV, 's'), fineBoundaries([], 's')]) {
    boundaries.forEach((upper, bucket) => {
      const lower = boundaries[bucket - 1];
      if (lower === undefined) return;
      const counts = boundaries.map((_, each) => (each === bucket ? 3 : 0));
      for (const sum of [0, 1e9]) {
        for (const by of [1, 1000]) {
          const [{ value = Number.NaN } = {}] = samplesOf(boundaries, counts, { sum, exact: true }, by);
          for (const end of [lower, upper]) {
            assert.ok(Math.abs(value / by / end - 1) <= 0.05, `${end} is sent as ${value / by}`);
          }
        }
      }
    });
  }
});

test('each value from 50 µs to 120 s has a sample within 5 %, whatever boundaries are pinned', () => {
  fc.assert(
    fc.property(durations, pinned, scale, fc.boolean(), (values, own, by, exact) => {
      const boundaries = fineBoundaries(own, 's');
      const { counts, buckets, sum, max } = recorded(boundaries, values);
      // What is left of a sum that others were subtracted from may be anything.
      const all = samplesOf(boundaries, counts, { sum: exact ? sum : sum * 3 - 5, exact, max }, by);
      assertWithin(boundaries, all, by);
      const said = new Map(all.map((sample) => [sample.bucket, sample]));
      assert.deepEqual(
        counts.map((_, bucket) => said.get(bucket)?.count ?? 0),
        counts,
      );
      values.forEach((value, i) => {
        const seen = (said.get(buckets[i] ?? -1)?.value ?? Number.NaN) / by;
        assert.ok(Math.abs(seen / value - 1) <= 0.05, `${value} is sent as ${seen}`);
      });
      const total = all.reduce((before, { value, count }) => before + value * count, 0) / by;
      assert.ok(Math.abs(total / sum - 1) <= 0.05, `${sum} is sent as ${total}`);
    }),
    { numRuns: 500 },
  );
});

test('the sum of many requests is within half a percent', () => {
  const boundaries = fineBoundaries(SEMCONV, 's');
  const count = fc.integer({ min: 2000, max: 3000 });
  const median = fc.double({ min: 1e-3, max: 1, noNaN: true });
  const width = fc.double({ min: 0.3, max: 1.2, noNaN: true });
  fc.assert(
    fc.property(count, median, width, (count, median, width) => {
      const values = Array.from({ length: count }, (_, i) => {
        // Log-normal, by Box and Muller, from two sequences that are spread evenly.
        const angle = 2 * Math.PI * ((i * 0.618034) % 1);
        const normal = Math.sqrt(-2 * Math.log((i + 0.5) / count)) * Math.cos(angle);
        return Math.min(HIGHEST, Math.max(LOWEST, median * Math.exp(width * normal)));
      });
      const { sum } = recorded(boundaries, values);
      const total = samples(boundaries, values).reduce((all, { value, count }) => all + value * count, 0);
      assert.ok(Math.abs(total / sum - 1) <= 0.005, `${sum} is sent as ${total}`);
    }),
    { numRuns: 100 },
  );
});
