import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { AggregationType, DataPointType, MeterProvider } from '@opentelemetry/sdk-metrics';
import {
  type Exponential,
  type ExponentialBuckets,
  mergeExponential,
} from '../../../src/group/state/exponential.ts';
import fc from '../../property.ts';
import { MemoryReader } from '../../views/memory-reader.ts';

type Buckets = readonly [offset: number, ...counts: number[]];

const scaled = (
  scale: number,
  [offset, ...counts]: Buckets = [0],
  [negativeOffset, ...negativeCounts]: Buckets = [0],
  zeroCount = 0,
): Exponential => ({
  scale,
  zeroCount,
  sum: 0,
  positive: { offset, counts },
  negative: { offset: negativeOffset, counts: negativeCounts },
});

/** What the properties below do not reach. */
const CASES: readonly [what: string, a: Exponential, b: Exponential, sum: Exponential, maxSize?: number][] = [
  ['more than all of the doubles', scaled(20, [0, 1]), scaled(-30, [-1, 1]), scaled(-30, [-1, 1, 1]), 2],
  ['two buckets where fewer may be', scaled(0, [-1, 1]), scaled(0, [0, 1]), scaled(0, [-1, 1, 1]), 1],
  ['counts that are taken off', scaled(3, [1, 5, 2, 7]), scaled(3, [1, -5, -1, -7]), scaled(3, [2, 1])],
  ['counts that are taken off altogether', scaled(3, [1, 5], [0], 2), scaled(3, [1, -5], [0], -2), scaled(0)],
];

describe('the sum of two exponential histograms', () => {
  for (const [what, a, b, sum, maxSize] of CASES) {
    test(`of ${what}`, () => {
      assert.deepEqual(mergeExponential(a, b, maxSize), sum);
      assert.deepEqual(mergeExponential(b, a, maxSize), sum);
    });
  }

  test('has at most 160 buckets per side by default', () => {
    assert.equal(mergeExponential(scaled(5, [0, 1]), scaled(5, [159, 1])).scale, 5);
    assert.equal(mergeExponential(scaled(5, [0, 1]), scaled(5, [160, 1])).scale, 4);
  });

  test('does not change its arguments', () => {
    const frozen = (each: Exponential): Exponential => {
      for (const { counts } of [each.positive, each.negative]) Object.freeze(counts);
      return Object.freeze(each);
    };
    mergeExponential(frozen(scaled(1, [0, 0, 1])), frozen(scaled(0, [0, 1])));
  });
});

const MAX_SIZE = fc.constantFrom(2, 3, 20, 160);

describe('of measurements by the SDK', () => {
  /** Far enough from the bounds of all buckets, powers of two aside, for the SDK's logarithm to be right. */
  const stream = fc.constantFrom(0, 3, 40, 1000).chain((spread) =>
    fc.array(
      fc
        .tuple(
          fc.constantFrom(1, 1, 1, 0, -1),
          fc.integer({ min: 1, max: 4095 }),
          fc.integer({ min: -spread, max: spread }),
        )
        .map(([sign, mantissa, exponent]) => sign * mantissa * 2 ** exponent),
      { maxLength: 40 },
    ),
  );

  /** What one process has of each stream. */
  async function recorded(streams: readonly (readonly number[])[], maxSize: number): Promise<Exponential[]> {
    const reader = new MemoryReader();
    const aggregation = {
      type: AggregationType.EXPONENTIAL_HISTOGRAM,
      options: { maxSize, recordMinMax: false },
    } as const;
    const provider = new MeterProvider({ views: [{ instrumentName: '*', aggregation }], readers: [reader] });
    // A histogram would refuse negative values.
    const instrument = provider.getMeter('test').createUpDownCounter('recorded');
    for (const [index, values] of streams.entries()) {
      for (const value of values) instrument.add(value, { index });
    }
    const { resourceMetrics } = await reader.collect();
    const metric = resourceMetrics.scopeMetrics[0]?.metrics[0];
    const points = metric?.dataPointType === DataPointType.EXPONENTIAL_HISTOGRAM ? metric.dataPoints : [];
    return streams.map((_, index) => {
      const value = points.find(({ attributes }) => attributes.index === index)?.value;
      if (value === undefined) return scaled(0);
      const { scale, positive, negative, zeroCount } = value;
      return scaled(
        scale,
        [positive.offset, ...positive.bucketCounts],
        [negative.offset, ...negative.bucketCounts],
        zeroCount,
      );
    });
  }

  test('is what one process would have had for all of them', () =>
    fc.assert(
      fc.asyncProperty(stream, stream, MAX_SIZE, async (first, second, maxSize) => {
        const [a, b, both] = await recorded([first, second, [...first, ...second]], maxSize);
        assert.ok(a && b && both);
        assert.deepEqual(mergeExponential(a, b, maxSize), both);
      }),
      { numRuns: 300 },
    ));
});

describe('of any', () => {
  const buckets: fc.Arbitrary<ExponentialBuckets> = fc.record({
    offset: fc.oneof(fc.integer({ min: -200, max: 200 }), fc.integer({ min: -(2 ** 30), max: 2 ** 30 })),
    counts: fc.array(fc.constantFrom(0, 0, 1, 2, 1000), { maxLength: 160 }),
  });
  const any: fc.Arbitrary<Exponential> = fc.record({
    scale: fc.integer({ min: -12, max: 20 }),
    zeroCount: fc.nat(),
    sum: fc.nat(),
    positive: buckets,
    negative: buckets,
  });
  const SIDES = ['positive', 'negative'] as const;

  /** Counts by index at a scale, none of them zero; shifts are arithmetic. */
  function at(
    scale: number,
    parts: readonly Exponential[],
    side: (typeof SIDES)[number],
  ): Map<bigint, number> {
    const counts = new Map<bigint, number>();
    for (const part of parts) {
      for (const [position, count] of part[side].counts.entries()) {
        if (count === 0) continue;
        const index = BigInt(part[side].offset + position) >> BigInt(part.scale - scale);
        counts.set(index, (counts.get(index) ?? 0) + count);
      }
    }
    return counts;
  }
  const span = (counts: Map<bigint, number>): number => {
    const indexes = [...counts.keys()].map(Number);
    return counts.size === 0 ? 0 : Math.max(...indexes) - Math.min(...indexes) + 1;
  };
  const hasBuckets = (each: Exponential): boolean =>
    SIDES.some((side) => at(each.scale, [each], side).size > 0);

  test('has every count in its bucket, at the finest scale with few enough buckets', () =>
    fc.assert(
      fc.property(any, any, MAX_SIZE, (a, b, maxSize) => {
        const sum = mergeExponential(a, b, maxSize);
        assert.equal(sum.zeroCount, a.zeroCount + b.zeroCount);
        assert.equal(sum.sum, a.sum + b.sum);
        const parts = [a, b].filter(hasBuckets);
        if (parts.length === 0) {
          assert.equal(sum.scale, 0);
          return;
        }
        for (const side of SIDES) {
          const byIndex = (counts: Map<bigint, number>) => [...counts].sort(([x], [y]) => Number(x - y));
          assert.deepEqual(byIndex(at(sum.scale, [sum], side)), byIndex(at(sum.scale, parts, side)));
          const { counts } = sum[side];
          assert.ok(counts.length <= maxSize);
          assert.ok(counts.length === 0 || (counts[0] !== 0 && counts.at(-1) !== 0));
        }
        if (sum.scale < Math.min(...parts.map(({ scale }) => scale))) {
          assert.ok(SIDES.some((side) => span(at(sum.scale + 1, parts, side)) > maxSize));
        }
      }),
      { numRuns: 1000 },
    ));

  test('does not depend on the order', () =>
    fc.assert(
      fc.property(any, any, any, MAX_SIZE, (a, b, c, maxSize) =>
        assert.deepEqual(
          mergeExponential(mergeExponential(a, b, maxSize), c, maxSize),
          mergeExponential(mergeExponential(c, b, maxSize), a, maxSize),
        ),
      ),
    ));
});
