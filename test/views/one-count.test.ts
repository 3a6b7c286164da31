import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Attributes } from '@opentelemetry/api';
import { AggregationTemporality, AggregationType } from '@opentelemetry/sdk-metrics';
import type { OtlpConfig } from '../../src/config/config.ts';
import type { AttributeRule, BucketRule } from '../../src/config/types.ts';
import { appMeters } from '../app-meters.ts';
import fc from '../property.ts';
import { MemoryReader, type Point } from './memory-reader.ts';

const boundaries = fc
  .uniqueArray(fc.integer({ min: 1, max: 100 }), { maxLength: 4 })
  .map((all) => all.sort((a, b) => a - b));
const buckets: fc.Arbitrary<BucketRule[]> = fc.array(
  fc.record({ instrument: fc.constantFrom('*', 'db.*', '*.query', 'db.query', 'cache.*'), boundaries }),
  { maxLength: 3 },
);
const attributeRules: fc.Arbitrary<AttributeRule[]> = fc.array(
  fc.record({ attribute: fc.constantFrom('*', 'a', 'b.*', '*.id', 'zzz'), keep: fc.boolean() }),
  { maxLength: 4 },
);
const measurement = fc.record({
  value: fc.integer({ min: 0, max: 200 }),
  attributes: fc.dictionary(
    fc.constantFrom('a', 'b.id', 'b.x', 'c.id'),
    fc.oneof(fc.integer({ min: 0, max: 5 }), fc.constantFrom('1', 'x', true), fc.constant(['x'])),
    { noNullPrototype: true },
  ),
});
const event = fc.oneof({ weight: 9, arbitrary: measurement }, { weight: 1, arbitrary: fc.nat({ max: 1 }) });
const temporalities = fc.array(
  fc.constantFrom(AggregationTemporality.CUMULATIVE, AggregationTemporality.DELTA),
  { minLength: 2, maxLength: 2 },
);

/** Adds up what a reader sees over its life, as a backend does. */
function createTotals(reader: MemoryReader, temporality: AggregationTemporality) {
  const totals = new Map<string, Point>();
  return {
    totals,
    async collect() {
      for (const point of await reader.points()) {
        const key = `${point.name} ${textOf(point.attributes)}`;
        const before = temporality === AggregationTemporality.DELTA ? (totals.get(key)?.value ?? 0) : 0;
        totals.set(key, { ...point, value: before + point.value });
      }
    },
  };
}

test('one record is one count at every reader, with the configured boundaries and attributes', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        buckets,
        attributes: attributeRules,
        cardinalityLimit: fc.integer({ min: 1, max: 40 }),
        exponential: fc.boolean(),
        temporalities,
        unit: fc.constantFrom('s', 'ms'),
        events: fc.array(event, { maxLength: 120 }),
      }),
      async ({ exponential, unit, events, ...given }) => {
        const otlp = { kind: 'otlp', histogramAggregation: 'base2_exponential_bucket_histogram' };
        const config = { ...given, exporters: exponential ? [otlp as OtlpConfig] : [] };
        const readers = given.temporalities.map(
          (temporality, i) =>
            new MemoryReader(temporality, {
              type: exponential && i === 0 ? AggregationType.EXPONENTIAL_HISTOGRAM : AggregationType.DEFAULT,
            }),
        );
        const { provider } = appMeters(config, readers);
        const meter = provider.getMeter('app');
        const histogram = meter.createHistogram('db.query', { unit });
        const counter = meter.createCounter('db.rows', { unit });
        const backends = readers.map((reader, i) =>
          createTotals(reader, given.temporalities[i] ?? AggregationTemporality.CUMULATIVE),
        );

        const expected = new Map<string, number>();
        for (const each of events) {
          if (typeof each === 'number') {
            await backends[each]?.collect();
            continue;
          }
          histogram.record(each.value, each.attributes);
          counter.add(1, each.attributes);
          const key = textOf(filtered(each.attributes, given.attributes));
          expected.set(key, (expected.get(key) ?? 0) + 1);
        }
        await Promise.all(backends.map((backend) => backend.collect()));

        const records = [...expected.values()].reduce((sum, count) => sum + count, 0);
        const wanted = expectedBoundaries(given.buckets, unit);
        backends.forEach(({ totals }, i) => {
          for (const name of ['db.query', 'db.rows']) {
            const points = [...totals.values()].filter((point) => point.name === name);
            assert.equal(
              points.reduce((sum, { value }) => sum + value, 0),
              records,
            );
            assert.ok(points.length <= given.cardinalityLimit);
            for (const point of points) {
              const text = textOf(point.attributes);
              if (text !== OVERFLOW || expected.size < given.cardinalityLimit) {
                assert.ok(expected.has(text), 'only the attributes asked for');
              }
              if (name === 'db.query') {
                assert.deepEqual(point.boundaries, exponential && i === 0 ? undefined : wanted);
              }
              if (expected.size < given.cardinalityLimit) assert.equal(point.value, expected.get(text));
            }
          }
        });
        const [one, other] = backends.map(({ totals }) =>
          [...totals].map(([key, { value }]) => [key, value]).sort(),
        );
        assert.deepEqual(one, other, 'two readers agree');
      },
    ),
    { numRuns: 150 },
  );
});

const OVERFLOW = textOf({ 'otel.metric.overflow': true });

function textOf(attributes: Attributes): string {
  return JSON.stringify(Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function filtered(attributes: Attributes, rules: readonly AttributeRule[]): Attributes {
  const kept = (name: string): boolean => {
    let keep = true;
    for (const rule of rules) if (matches(rule.attribute, name)) keep = rule.keep;
    return keep;
  };
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => kept(name)));
}

function expectedBoundaries(rules: readonly BucketRule[], unit: string): readonly number[] {
  const named = rules.find(({ instrument }) => instrument !== '*' && matches(instrument, 'db.query'));
  const all = unit === 's' ? rules.find(({ instrument }) => instrument === '*') : undefined;
  const seconds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
  const byDefault = [0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10000];
  return (named ?? all)?.boundaries ?? (unit === 's' ? seconds : byDefault);
}

function matches(pattern: string, text: string): boolean {
  return new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '.*')}$`).test(text);
}
