import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type MeterProvider as ApiMeterProvider, type Histogram, ValueType } from '@opentelemetry/api';
import {
  AggregationTemporality,
  AggregationType,
  MeterProvider,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import { createFineHistograms, fineBoundaries } from '../../src/views/fine-boundaries.ts';
import fc from '../property.ts';
import { MemoryReader } from './memory-reader.ts';

/** What four digits are off at most. */
const ROUNDED = 1.0005;

const { CUMULATIVE, DELTA } = AggregationTemporality;
const SEMCONV = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

describe('the fine boundaries', () => {
  for (const [pinned, unit] of [
    [SEMCONV, 's'],
    [[], 's'],
    [[5, 10, 25], 'ms'],
    [[5, 10, 25], 'us'],
    [[5, 10, 25], 'ns'],
  ] as const) {
    test(`of ${pinned.length} boundaries in ${unit} are between 160 and 200`, () => {
      const { length } = fineBoundaries(pinned, unit);
      assert.ok(length >= 160 && length <= 200, `${length}`);
    });
  }

  const none: readonly (readonly [what: string, pinned: readonly number[], unit: string])[] = [
    ['no boundaries of anything but durations', [], 'By'],
    ['zero', [0], 'By'],
    ['negative ones', [-2, -1], 'Cel'],
  ];
  for (const [what, pinned, unit] of none) {
    test(`of ${what} are these`, () => assert.deepEqual(fineBoundaries(pinned, unit), pinned));
  }

  const bound = fc.oneof(
    fc.constantFrom(0, -1, 5e-5, 120, ...SEMCONV),
    fc.double({ min: 1e-3, max: 1e4, noNaN: true }),
    fc.integer({ min: -3, max: 1000 }),
  );
  const boundaries = fc.uniqueArray(bound, { maxLength: 12 }).map((all) => all.sort((a, b) => a - b));
  const ranges: Readonly<Record<string, readonly [number, number]>> = {
    s: [5e-5, 120],
    ms: [0.05, 120e3],
    us: [50, 120e6],
    ns: [5e4, 120e9],
  };
  const unit = fc.constantFrom('s', 'ms', 'us', 'ns', 'By', '', '1', 'constructor', '__proto__');

  test('contain all configured ones, increase, and are less than 10 % apart', () => {
    fc.assert(
      fc.property(boundaries, unit, (pinned, of) => {
        const fine = fineBoundaries(pinned, of);
        assert.ok(pinned.every((each) => fine.includes(each === 0 ? 0 : each)));
        const positive = pinned.filter((each) => each > 0);
        const [lowest = 0, highest = 0] = (Object.hasOwn(ranges, of) && ranges[of]) || [
          (positive[0] ?? 0) / 100,
          positive.at(-1) ?? 0,
        ];
        fine.forEach((each, i) => {
          const below = fine[i - 1];
          if (below === undefined) return;
          assert.ok(each > below, `${each} after ${below}`);
          if (below >= lowest && each <= highest) assert.ok(each / below <= 1.097, `${each} after ${below}`);
        });
        if (highest === 0) return;
        assert.ok(
          fine.some((each) => each > 0 && each <= lowest * ROUNDED),
          `from ${lowest}`,
        );
        assert.ok((fine.at(-1) ?? 0) >= highest, `to ${highest}`);
      }),
      { numRuns: 500 },
    );
  });

  test('are few and finite over the whole range of numbers', () => {
    const fine = fineBoundaries([5e-324, Number.MAX_VALUE], 'By');
    assert.ok(fine.length < 400, `${fine.length}`);
    assert.ok(fine.every((each) => each > 0 && Number.isFinite(each)));
  });
});

/** An instrument as an app may make it; what is no text, no unit or no order comes from JavaScript. */
interface Instrument {
  readonly scope: readonly [name: string, version?: string, schemaUrl?: string];
  readonly name: string;
  readonly unit?: string;
  readonly valueType?: ValueType;
  readonly boundaries?: readonly number[];
}

const boundary = fc.oneof(
  fc.constantFrom(0, 0.005, 1, 2, 5, 120, 1e-9, 1e6),
  fc.double({ min: 1e-5, max: 200, noNaN: true }),
);
/** In any order, twice, infinite: the SDK takes them. */
const advice = fc.array(fc.oneof({ weight: 9, arbitrary: boundary }, fc.constantFrom(Infinity, -Infinity)), {
  maxLength: 6,
});
const scopes: Instrument['scope'][] = [
  ['a'],
  ['b', '1'],
  ['b', '2'],
  ['b', '2', 'https://x'],
  [undefined as never],
];
const instrument: fc.Arbitrary<Instrument> = fc.record(
  {
    scope: fc.constantFrom(...scopes),
    name: fc.constantFrom('db.query', 'DB.query', 'http.server.request.duration'),
    unit: fc.constantFrom('s', 'ms', 'By', '', 'constructor', null as unknown as string),
    valueType: fc.constantFrom(ValueType.INT, ValueType.DOUBLE),
    boundaries: advice,
  },
  { requiredKeys: ['scope', 'name'] },
);
const value = fc.oneof(
  boundary,
  fc.constantFrom(0, -0, -1, 7500, 10_000, 10_001, Number.NaN, Infinity),
  fc.double({ min: 1e-6, max: 1e5, noNaN: true }),
  fc.nat({ max: 3 }).map((index) => ({ index })),
);
const event = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({ which: fc.nat({ max: 5 }), value, key: fc.constantFrom('x', 'y') }),
  },
  { weight: 1, arbitrary: fc.nat({ max: 2 }) },
);

function makeInstruments(provider: ApiMeterProvider, all: readonly Instrument[]): Histogram[] {
  return all.map(({ scope: [scope, version, schemaUrl], name, unit, valueType, boundaries }) =>
    provider
      .getMeter(scope, version, schemaUrl === undefined ? undefined : { schemaUrl })
      .createHistogram(name, {
        ...(unit !== undefined && { unit }),
        ...(valueType !== undefined && { valueType }),
        ...(boundaries && { advice: { explicitBucketBoundaries: [...boundaries] } }),
      }),
  );
}

/** What was collected, less the times. */
function content({ scopeMetrics }: ResourceMetrics): unknown {
  return scopeMetrics.map(({ scope, metrics }) => ({
    scope,
    metrics: metrics.map(({ descriptor, dataPoints, dataPointType }) => ({
      name: descriptor.name,
      unit: descriptor.unit,
      valueType: descriptor.valueType,
      dataPointType,
      points: dataPoints.map((point) => ({ attributes: point.attributes, value: point.value })),
    })),
  }));
}

test('every other reader gets the same as without them', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        instruments: fc.array(instrument, { minLength: 1, maxLength: 6 }),
        temporalities: fc.array(fc.constantFrom(CUMULATIVE, DELTA), { minLength: 2, maxLength: 2 }),
        exponential: fc.boolean(),
        view: fc.boolean(),
        events: fc.array(event, { maxLength: 60 }),
      }),
      async ({ instruments, temporalities, exponential, view, events }) => {
        const setUp = () => {
          const readers = [
            new MemoryReader(),
            new MemoryReader(temporalities[0]),
            new MemoryReader(temporalities[1], {
              type: exponential ? AggregationType.EXPONENTIAL_HISTOGRAM : AggregationType.DEFAULT,
            }),
          ];
          const views =
            view && !exponential ? [{ instrumentName: '*', aggregationCardinalityLimit: 100 }] : [];
          return { readers, sdk: new MeterProvider({ readers, views }) };
        };
        const [fine, plain] = [setUp(), setUp()];
        const { refine, fold } = createFineHistograms();
        const fineHistograms = makeInstruments(refine(fine.sdk), instruments);
        const plainHistograms = makeInstruments(plain.sdk, instruments);

        const collect = async (index: number): Promise<void> => {
          const [refined, expected] = await Promise.all(
            [fine, plain].map(async ({ readers }) => (await readers[index]?.collect())?.resourceMetrics),
          );
          assert.ok(refined !== undefined && expected !== undefined);
          // The first reader reads the fine buckets; folded once it has read them, they are the same as well.
          fold(refined);
          assert.deepEqual(content(refined), content(expected));
        };
        for (const each of events) {
          if (typeof each === 'number') {
            await collect(each);
            continue;
          }
          const which = each.which % instruments.length;
          const recorded =
            typeof each.value === 'number'
              ? each.value
              : (instruments[which]?.boundaries?.[each.value.index] ?? 0);
          fineHistograms[which]?.record(recorded, { key: each.key });
          plainHistograms[which]?.record(recorded, { key: each.key });
        }
        for (const index of [0, 1, 2, 0, 1, 2]) await collect(index);
      },
    ),
    { numRuns: 300 },
  );
});

test('the reader that needs them reads the fine boundaries, and other instruments are the SDK’s own', async () => {
  const reader = new MemoryReader();
  const { refine, fold } = createFineHistograms();
  const meter = refine(new MeterProvider({ readers: [reader] })).getMeter('app');
  const advice = { explicitBucketBoundaries: [1, 0.123] };
  meter.createHistogram('db.query', { unit: 's', advice }).record(1);
  meter.createHistogram('db.rows').record(1);
  meter.createCounter('orders').add(2);
  meter.createUpDownCounter('stock').add(-3);
  meter.createObservableGauge('load').addCallback((observation) => observation.observe(0.5));
  const [query, rows] = await reader.points();
  assert.deepEqual(query?.boundaries, fineBoundaries([0.123, 1], 's'));
  assert.ok((rows?.boundaries?.length ?? 0) > 100);
  const { resourceMetrics } = await reader.collect();
  fold(resourceMetrics);
  const all = resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics);
  const values = all.slice(2).map(({ descriptor, dataPoints }) => [descriptor.name, dataPoints[0]?.value]);
  assert.deepEqual(values, Object.entries({ orders: 2, stock: -3, load: 0.5 }));
});
