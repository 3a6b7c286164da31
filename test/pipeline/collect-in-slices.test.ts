import assert from 'node:assert/strict';
import { describe, it, mock } from 'node:test';
import {
  AggregationTemporality,
  AggregationType,
  type CollectionResult,
  MeterProvider,
} from '@opentelemetry/sdk-metrics';
import { part } from '../../src/guest/shape.ts';
import { nextTurn } from '../../src/guest/turn.ts';
import { collectInSlices } from '../../src/pipeline/collect-in-slices.ts';
import { createPendingReader } from '../../src/pipeline/pending.ts';
import fc from '../property.ts';
import { MemoryReader } from '../views/memory-reader.ts';

/** A slice for each series. */
const FINEST = { series: 1, millis: 0 };
const { CUMULATIVE, DELTA } = AggregationTemporality;

/** What the readers of the SDK are, and whether a view makes them share what is recorded. */
interface Setup {
  readonly view: boolean;
  readonly exponential: boolean;
  readonly temporalities: readonly AggregationTemporality[];
}

const SETUPS: Readonly<Record<string, Setup>> = {
  'one reader': { view: true, exponential: false, temporalities: [CUMULATIVE] },
  'readers that share what is recorded': {
    view: true,
    exponential: false,
    temporalities: [CUMULATIVE, CUMULATIVE, DELTA],
  },
  'readers that each have their own': {
    view: false,
    exponential: true,
    temporalities: [CUMULATIVE, CUMULATIVE, DELTA],
  },
};

/** Instruments of all kinds with a few series each, in two scopes, and what is recorded to them. */
function measured({ view, exponential, temporalities }: Setup) {
  const histograms = exponential ? AggregationType.EXPONENTIAL_HISTOGRAM : AggregationType.DEFAULT;
  const readers = temporalities.map((temporality) => new MemoryReader(temporality, { type: histograms }));
  const views = view
    ? [
        { instrumentName: 'dropped', aggregation: { type: AggregationType.DROP } as const },
        { instrumentName: '*', aggregationCardinalityLimit: 100 },
      ]
    : [];
  const provider = new MeterProvider({ readers, views });
  const [own, app] = [provider.getMeter('own'), provider.getMeter('app')];
  const counter = own.createCounter('counter', { description: 'd', unit: 'u' });
  const open = own.createUpDownCounter('open');
  const histogram = app.createHistogram('histogram');
  const gauge = app.createGauge('gauge');
  const dropped = app.createCounter('dropped');
  const observed = new Map<number, number>();
  let calls = 0;
  app.createObservableCounter('observed').addCallback((result) => {
    calls += 1;
    for (const [k, value] of observed) result.observe(value, { k });
  });
  const record: Readonly<Record<string, (value: number, k: number) => void>> = {
    counter: (value, k) => counter.add(value, { k }),
    open: (value, k) => open.add(value % 2 === 0 ? value : -value, { k }),
    histogram: (value, k) => histogram.record(value, { k }),
    gauge: (value, k) => gauge.record(value, { k }),
    dropped: (value, k) => dropped.add(value, { k }),
    observed: (value, k) => observed.set(k, (observed.get(k) ?? 0) + value),
  };
  return { readers, record, provider, calls: () => calls };
}

type Step =
  | { readonly do: 'record'; readonly instrument: string; readonly k: number; readonly value: number }
  | { readonly do: 'wait'; readonly millis: number }
  | { readonly do: 'collect' | 'read'; readonly reader: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('record' as const),
      instrument: fc.constantFrom('counter', 'open', 'histogram', 'gauge', 'dropped', 'observed'),
      k: fc.nat({ max: 5 }),
      value: fc.integer({ min: 1, max: 9 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('wait' as const), millis: fc.integer({ min: 1, max: 9 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom('collect' as const, 'read' as const),
      reader: fc.nat({ max: 2 }),
    }),
  },
);
const steps = fc.array(step, { maxLength: 80, size: 'max' });

/** The numbers of a collection by instrument and series: a sum, a last value, or a histogram's counts. */
function numbersOf({ resourceMetrics }: CollectionResult): Map<string, number> {
  const numbers = new Map<string, number>();
  for (const { descriptor, dataPoints } of resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics)) {
    for (const { attributes, value } of dataPoints) {
      const series = `${descriptor.name} ${JSON.stringify(attributes)}`;
      assert.ok(!numbers.has(series), `${series} is there once`);
      numbers.set(series, typeof value === 'number' ? value : value.count);
      const counts: unknown = part(value, 'buckets', 'counts');
      if (Array.isArray(counts)) {
        const sum = counts.reduce((all, count) => all + count, 0);
        assert.equal(sum, part(value, 'count'), 'a histogram is whole');
      }
    }
  }
  return numbers;
}

describe('a collection in slices', () => {
  for (const [name, setup] of Object.entries(SETUPS)) {
    it(`is what the SDK collects, with ${name}`, async () => {
      mock.timers.enable({ apis: ['Date'], now: 1e12 });
      try {
        await fc.assert(
          fc.asyncProperty(steps, async (program) => {
            const [sliced, plain] = [measured(setup), measured(setup)];
            for (const reader of sliced.readers) collectInSlices(reader, FINEST);
            for (const each of program) {
              if (each.do === 'wait') mock.timers.tick(each.millis);
              else if (each.do === 'record') {
                for (const { record } of [sliced, plain]) record[each.instrument]?.(each.value, each.k);
              } else {
                const [one, other] = [sliced, plain].map(({ readers }) =>
                  readers[each.reader % readers.length]?.collect(),
                );
                assert.deepEqual(await one, await other);
              }
            }
            assert.equal(sliced.calls(), plain.calls());
          }),
        );
      } finally {
        mock.timers.reset();
      }
    });

    it(`loses nothing of what happens between two slices, with ${name}`, async () => {
      await fc.assert(
        fc.asyncProperty(steps, fc.nat({ max: 2 }), async (program, ahead) => {
          const { readers, record } = measured(setup);
          const pending = readers.map((reader) => createPendingReader(reader, { before: [], after: [] }));
          const recorded = new Map<string, number>();
          /** Of each reader, what it has been told last, or all that it has been told if it gets deltas. */
          const told = readers.map(() => new Map<string, number>());
          const running: Promise<void>[] = [];
          const collect = async (at: number): Promise<void> => {
            const [reader, totals] = [readers[at], told[at]];
            if (reader === undefined || totals === undefined) return;
            const before = new Map(recorded);
            const numbers = numbersOf(await reader.collect());
            if (setup.temporalities[at] === DELTA) {
              for (const [series, value] of numbers) totals.set(series, (totals.get(series) ?? 0) + value);
              return;
            }
            for (const [series, least] of before) {
              if (series.startsWith('open')) continue;
              assert.ok((numbers.get(series) ?? 0) >= least, `${series} is in it`);
              assert.ok((numbers.get(series) ?? 0) <= (recorded.get(series) ?? 0), `${series} is in it once`);
            }
            for (const [series, value] of numbers) totals.set(series, value);
          };
          for (const reader of readers) collectInSlices(reader, FINEST);
          for (const [i, each] of program.entries()) {
            if (each.do === 'wait') await nextTurn();
            else if (each.do === 'record') {
              const { instrument, k, value } = each;
              if (instrument === 'gauge') continue;
              record[instrument]?.(value, k);
              if (instrument === 'dropped' && setup.view) continue;
              // What is observed counts once it has been observed.
              if (instrument === 'observed') continue;
              const added =
                instrument === 'histogram' ? 1 : value % 2 !== 0 && instrument === 'open' ? -value : value;
              const series = `${instrument} ${JSON.stringify({ k })}`;
              recorded.set(series, (recorded.get(series) ?? 0) + added);
            } else {
              const at = each.reader % readers.length;
              if (each.do === 'collect') running.push(collect(at));
              // Everything is taken at once, as where a process ends. Deltas are not read so.
              else if (setup.temporalities[at] === CUMULATIVE) pending[at]?.read(i % 2 === 0);
            }
            if (i % (ahead + 1) === 0) await nextTurn();
          }
          await Promise.all(running);
          for (const at of readers.keys()) await collect(at);
          for (const totals of told) {
            const counted = [...totals].filter(([series]) => recorded.has(series));
            assert.deepEqual(new Map(counted.sort()), new Map([...recorded].sort()));
          }
        }),
      );
    });
  }

  it('lets the event loop go on', async () => {
    const { readers, record } = measured({ view: true, exponential: false, temporalities: [CUMULATIVE] });
    const [reader] = readers;
    assert.ok(reader);
    collectInSlices(reader, FINEST);
    for (let k = 0; k < 50; k++) record.histogram?.(1, k);
    let turns = 0;
    let over = false;
    const collected = reader.collect().finally(() => {
      over = true;
    });
    while (!over) {
      await nextTurn();
      turns += 1;
    }
    await collected;
    assert.ok(turns > 50, `${turns} turns`);
  });

  it('has what callbacks have thrown, and everything else', async () => {
    const { readers, record, provider } = measured({
      view: true,
      exponential: false,
      temporalities: [CUMULATIVE],
    });
    const [reader] = readers;
    assert.ok(reader);
    collectInSlices(reader, FINEST);
    const error = new Error('no');
    provider
      .getMeter('app')
      .createObservableGauge('failing')
      .addCallback(() => {
        throw error;
      });
    record.counter?.(2, 1);
    const collected = await reader.collect();
    assert.deepEqual(collected.errors, [error]);
    assert.deepEqual(numbersOf(collected), new Map([['counter {"k":1}', 2]]));
  });
});

describe('where the SDK has another shape, it collects', () => {
  const hide: Readonly<Record<string, (provider: MeterProvider, counter: object) => void>> = {
    'of a meter': (provider) => {
      const meters = part(provider, '_sharedState', 'meterSharedStates');
      assert.ok(meters instanceof Map);
      for (const meter of meters.values()) meter._instrumentationScope = undefined;
    },
    'of a storage': (_, counter) => {
      const delta = part(counter, '_writableMetricStorage', '_deltaMetricStorage');
      const active = part(delta, '_activeCollectionStorage');
      assert.ok(delta instanceof Object && active instanceof Object);
      const hidden = new Proxy(active, {
        get(target, name) {
          const value: unknown = name === '_valueMap' ? undefined : Reflect.get(target, name, target);
          return typeof value === 'function' ? value.bind(target) : value;
        },
      });
      Reflect.set(delta, '_activeCollectionStorage', hidden);
    },
  };

  for (const [what, change] of Object.entries(hide)) {
    it(what, async () => {
      const reader = new MemoryReader();
      const provider = new MeterProvider({ readers: [reader] });
      const counter = provider.getMeter('app').createCounter('counter');
      for (const k of [1, 2]) counter.add(k, { k });
      change(provider, counter);
      collectInSlices(reader, FINEST);
      assert.deepEqual(
        numbersOf(await reader.collect()),
        new Map([
          ['counter {"k":1}', 1],
          ['counter {"k":2}', 2],
        ]),
      );
    });
  }
});
