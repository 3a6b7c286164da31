import assert from 'node:assert/strict';
import { describe, mock, test } from 'node:test';
import { type Attributes, createNoopMeter, type Meter, ROOT_CONTEXT, ValueType } from '@opentelemetry/api';
import {
  AggregationTemporality,
  AggregationType,
  createAllowListAttributesProcessor,
  MeterProvider,
  type MetricData,
  type ViewOptions,
} from '@opentelemetry/sdk-metrics';
import { createNotifyingProvider } from '../../src/instruments/app/notifying.ts';
import { type BoundSeries, binder } from '../../src/instruments/bound-series.ts';
import { createFineHistograms } from '../../src/views/fine-boundaries.ts';
import { createMadeInstruments } from '../../src/views/made-instruments.ts';
import fc from '../property.ts';
import { MemoryReader } from '../views/memory-reader.ts';

const A: Attributes = Object.freeze({ route: '/a', status: 200 });
const B: Attributes = Object.freeze({ route: '/b', status: 200 });

/** Every kind of instrument that is bound. */
const KINDS = {
  histogram: (meter: Meter) => meter.createHistogram('bound', { unit: 's' }),
  'histogram of whole numbers': (meter: Meter) =>
    meter.createHistogram('bound', { unit: 's', valueType: ValueType.INT }),
  counter: (meter: Meter) => meter.createCounter('bound'),
  'counter of whole numbers': (meter: Meter) => meter.createCounter('bound', { valueType: ValueType.INT }),
  'up-down counter': (meter: Meter) => meter.createUpDownCounter('bound'),
  gauge: (meter: Meter) => meter.createGauge('bound'),
} as const;

/** Views under which attributes stay as they are; several views, or none with several readers, are several storages. */
const VIEWS: Readonly<Record<string, readonly ViewOptions[]>> = {
  'no view': [],
  'a view of all': [{ instrumentName: '*' }],
  'a view with boundaries': [
    {
      instrumentName: 'bound',
      aggregation: { type: AggregationType.EXPLICIT_BUCKET_HISTOGRAM, options: { boundaries: [1, 10] } },
    },
  ],
  'an exponential view': [
    { instrumentName: 'bound', aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM } },
  ],
  'two views': [{ instrumentName: '*' }, { instrumentName: 'bound', name: 'twice' }],
};

/** Views under which every measurement takes the public road. */
const CHANGING: typeof VIEWS = {
  'a view that leaves out attributes': [
    { instrumentName: '*', attributesProcessors: [createAllowListAttributesProcessor(['route'])] },
  ],
  'one view of two that does': [
    { instrumentName: '*' },
    {
      instrumentName: 'bound',
      name: 'twice',
      attributesProcessors: [createAllowListAttributesProcessor(['status'])],
    },
  ],
  'a view that depends on the context': [
    {
      instrumentName: '*',
      attributesProcessors: [
        { process: (incoming, context) => (context === undefined ? incoming : { ...incoming, more: true }) },
      ],
    },
  ],
  'a view that drops the instrument': [{ instrumentName: '*', aggregation: { type: AggregationType.DROP } }],
};

type Kind = keyof typeof KINDS;

function recording(kind: Kind, views: readonly ViewOptions[], readers = [new MemoryReader()]) {
  const provider = new MeterProvider({ readers, views: [...views] });
  const instrument = KINDS[kind](provider.getMeter('test'));
  let publicly = 0;
  const method = 'add' in instrument ? 'add' : 'record';
  const write = Reflect.get(instrument, method).bind(instrument) as (...given: unknown[]) => void;
  Object.assign(instrument, {
    [method](...given: unknown[]) {
      publicly++;
      write(...given);
    },
  });
  return {
    instrument,
    readers,
    /** How many measurements have taken the public road. */
    publicly: () => publicly,
    write: write as (value: number, attributes: Attributes) => void,
  };
}

const collected = async (reader: MemoryReader): Promise<readonly MetricData[]> =>
  (await reader.collect()).resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics);

const counts = async (reader: MemoryReader): Promise<number[]> =>
  (await reader.points()).map(({ value }) => value);

describe('in the SDK that we use, a bound series finds its accumulation', () => {
  for (const kind of Object.keys(KINDS) as Kind[]) {
    for (const [name, views] of Object.entries(VIEWS)) {
      test(`${kind}, ${name}`, async () => {
        const { instrument, readers, publicly } = recording(kind, views, [
          new MemoryReader(),
          new MemoryReader(AggregationTemporality.DELTA),
        ]);
        const series = [A, B].map(binder(instrument));
        for (const reader of readers) {
          for (const each of series) for (let i = 0; i < 3; i++) each.record(1);
          await reader.collect();
        }
        for (const each of series) each.record(1);
        assert.equal(publicly(), 0, 'the SDK has another shape');
      });
    }
  }
});

describe('a measurement takes the public road', () => {
  for (const kind of Object.keys(KINDS) as Kind[]) {
    for (const [name, views] of Object.entries(CHANGING)) {
      test(`${kind}, with ${name}`, () => {
        const { instrument, publicly } = recording(kind, views);
        const series = binder(instrument)(A);
        for (let i = 0; i < 3; i++) series.record(1);
        assert.equal(publicly(), 3);
      });
    }
  }

  const SHAPES: readonly (readonly string[])[] = [
    ['_writableMetricStorage'],
    ['_descriptor'],
    ['_writableMetricStorage', '_deltaMetricStorage'],
    ['_writableMetricStorage', '_deltaMetricStorage', '_activeCollectionStorage'],
    ['_writableMetricStorage', '_deltaMetricStorage', '_aggregator'],
    ['_writableMetricStorage', '_deltaMetricStorage', '_cardinalityLimit'],
    ['_writableMetricStorage', '_deltaMetricStorage', '_activeCollectionStorage', '_hash'],
    ['_writableMetricStorage', '_deltaMetricStorage', '_activeCollectionStorage', 'get'],
    ['_writableMetricStorage', '_deltaMetricStorage', '_activeCollectionStorage', 'set'],
  ];
  for (const path of SHAPES) {
    test(`if the SDK has another ${path.join('.')}`, () => {
      const { instrument } = recording('histogram', VIEWS['a view of all'] ?? []);
      let owner: unknown = instrument;
      for (const name of path.slice(0, -1)) owner = Reflect.get(owner as object, name);
      Object.defineProperty(owner, path.at(-1) ?? '', { value: undefined });
      const written: unknown[] = [];
      Object.assign(instrument, { record: (...given: unknown[]) => written.push(given) });
      binder(instrument)(A).record(1, ROOT_CONTEXT);
      assert.deepEqual(written, [[1, A, ROOT_CONTEXT]]);
    });
  }

  test('if the instrument is not one of the SDK', () => {
    binder(createNoopMeter().createHistogram('noop'))(A).record(1);
  });

  const REFUSED: Readonly<Record<Kind, readonly number[]>> = {
    histogram: [-1, Number.NaN],
    'histogram of whole numbers': [-1, Number.NaN, 1.5, Number.POSITIVE_INFINITY],
    counter: [-1, Number.NaN],
    'counter of whole numbers': [-1, Number.NaN, 1.5, Number.POSITIVE_INFINITY],
    'up-down counter': [Number.NaN],
    gauge: [Number.NaN],
  };
  for (const kind of Object.keys(REFUSED) as Kind[]) {
    test(`if the value is one that a ${kind} may refuse or correct`, () => {
      const { instrument, publicly } = recording(kind, []);
      const series = binder(instrument)(A);
      const tried = [-1, Number.NaN, 1.5, Number.POSITIVE_INFINITY];
      assert.deepEqual(
        tried.filter((value) => {
          const before = publicly();
          series.record(value);
          return publicly() > before;
        }),
        REFUSED[kind],
      );
    });
  }

  test('if there is no place for the series, and is counted in the overflow series', async () => {
    const { instrument, readers, publicly } = recording('counter', [
      { instrumentName: '*', aggregationCardinalityLimit: 2 },
    ]);
    const [a, b] = [A, B].map(binder(instrument));
    for (let i = 0; i < 3; i++) {
      a?.record(1);
      b?.record(1);
    }
    assert.equal(publicly(), 3);
    assert.deepEqual(await readers[0]?.points(), [
      { name: 'bound', attributes: A, value: 3, boundaries: undefined },
      { name: 'bound', attributes: { 'otel.metric.overflow': true }, value: 3, boundaries: undefined },
    ]);
  });
});

describe('a bound series', () => {
  test('is the same as one that was bound earlier, or is recorded to by its attributes', async () => {
    const { instrument, readers, write } = recording('counter', []);
    const bind = binder(instrument);
    bind(A).record(1);
    write(1, { ...A });
    bind({ ...A }).record(1);
    assert.deepEqual(await counts(readers[0] ?? new MemoryReader()), [3]);
  });

  test('that is not recorded to does not appear', async () => {
    const { instrument, readers } = recording('histogram', []);
    const series = binder(instrument)(A);
    assert.deepEqual(await counts(readers[0] ?? new MemoryReader()), []);
    series.record(1);
    assert.deepEqual(await counts(readers[0] ?? new MemoryReader()), [1]);
  });

  test('of an instrument that notifies does so after each measurement', () => {
    const seen: number[] = [];
    let notified = 0;
    const provider = createNotifyingProvider(new MeterProvider({ readers: [new MemoryReader()] }), () =>
      seen.push(++notified),
    );
    for (const kind of Object.keys(KINDS) as Kind[]) {
      const series = binder(KINDS[kind](provider.getMeter(kind)))(A);
      series.record(1);
      series.record(-1);
    }
    assert.equal(seen.length, 2 * Object.keys(KINDS).length);
  });
});

interface Setting {
  readonly kind: Kind;
  readonly views: readonly ViewOptions[];
  readonly readers: readonly {
    readonly temporality: AggregationTemporality;
    readonly type: AggregationType;
  }[];
  readonly limit: number;
  readonly fine: boolean;
}

/** An SDK with everything that is laid over it, and what each of its readers has collected. */
function createSide({ kind, views, readers, limit, fine }: Setting) {
  const all = readers.map(({ temporality, type }) => {
    const reader = new MemoryReader(temporality, { type } as { type: AggregationType.DEFAULT });
    reader.selectCardinalityLimit = () => limit;
    return reader;
  });
  const sdk = new MeterProvider({
    readers: all,
    views: views.map((view) => ({ ...view, aggregationCardinalityLimit: limit })),
  });
  const refined = fine ? createFineHistograms().refine(sdk) : sdk;
  const noted = createMadeInstruments().note(refined);
  let notified = 0;
  const provider = createNotifyingProvider(noted, () => {
    notified++;
  });
  const seen: MetricData[][] = all.map(() => []);
  const pending: Promise<void>[] = [];
  return {
    instrument: KINDS[kind](provider.getMeter('test')),
    seen,
    notified: () => notified,
    /** Begins a collection, which ends while others go on. */
    collect(index: number): void {
      const reader = all[index % all.length];
      const place = seen[index % all.length];
      if (reader === undefined || place === undefined) return;
      pending.push(
        collected(reader).then((metrics) => {
          // As it is now: the SDK goes on counting in its own arrays.
          place.push(...structuredClone(metrics));
        }),
      );
    },
    settled: () => Promise.all(pending),
  };
}

const event = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      series: fc.nat({ max: 5 }),
      value: fc.oneof(
        { weight: 8, arbitrary: fc.nat({ max: 20 }) },
        fc.constantFrom(0.3, 1e9, 0, -0, -1, Number.NaN, Number.POSITIVE_INFINITY),
      ),
      publicly: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ collect: fc.nat({ max: 2 }) }) },
  { weight: 2, arbitrary: fc.record({ microtasks: fc.nat({ max: 12 }) }) },
);

const setting: fc.Arbitrary<Setting> = fc.record({
  kind: fc.constantFrom(...(Object.keys(KINDS) as Kind[])),
  views: fc.constantFrom(...Object.values(VIEWS), ...Object.values(CHANGING)),
  readers: fc.array(
    fc.record({
      temporality: fc.constantFrom(AggregationTemporality.CUMULATIVE, AggregationTemporality.DELTA),
      type: fc.constantFrom(AggregationType.DEFAULT, AggregationType.EXPONENTIAL_HISTOGRAM),
    }),
    { minLength: 1, maxLength: 3 },
  ),
  limit: fc.constantFrom(2, 4, 2000),
  fine: fc.boolean(),
});

/** https://opentelemetry.io/docs/specs/otel/metrics/sdk/#bound-instruments */
test('one record is one count: a bound series records as the instrument does with its attributes', async (t) => {
  mock.timers.enable({ apis: ['Date'], now: 1e12 });
  t.after(() => mock.timers.reset());
  await fc.assert(
    fc.asyncProperty(setting, fc.array(event, { maxLength: 60 }), async (given, events) => {
      const bound = createSide(given);
      const unbound = createSide(given);
      const bind = binder(bound.instrument);
      const attributes = Array.from({ length: 6 }, (_, i): Attributes => ({ status: i % 3, route: `/${i}` }));
      const series: readonly BoundSeries[] = attributes.map(bind);
      const write = ({ instrument }: typeof bound, value: number, to: number): void =>
        'add' in instrument
          ? instrument.add(value, attributes[to])
          : instrument.record(value, attributes[to]);

      let records = 0;
      for (const each of events) {
        mock.timers.tick(1);
        if ('collect' in each) for (const side of [bound, unbound]) side.collect(each.collect);
        else if ('microtasks' in each) for (let i = 0; i < each.microtasks; i++) await null;
        else {
          if (each.publicly) write(bound, each.value, each.series);
          else series[each.series]?.record(each.value);
          write(unbound, each.value, each.series);
          records++;
        }
      }
      for (const side of [bound, unbound]) {
        await side.settled();
        for (const index of given.readers.keys()) side.collect(index);
        await side.settled();
      }
      assert.deepEqual(bound.seen, unbound.seen);
      assert.deepEqual([bound.notified(), unbound.notified()], [records, records]);
    }),
    { numRuns: 400 },
  );
});
