import assert from 'node:assert/strict';
import { describe, it, mock } from 'node:test';
import { type Attributes, type HrTime, type Meter, ValueType } from '@opentelemetry/api';
import {
  AggregationTemporality,
  AggregationType,
  type DataPoint,
  MeterProvider,
  type MetricReader,
} from '@opentelemetry/sdk-metrics';
import { part } from '../../src/guest/shape.ts';
import { BOUND_END, binder, type Instrument } from '../../src/instruments/bound-series.ts';
import { forgetObserved, forgetSeries } from '../../src/instruments/forgetting.ts';
import { createHttpAdmission } from '../../src/views/admission/collapsing.ts';
import { endingSeries, LIMIT, TTL } from '../ending-series.ts';
import fc from '../property.ts';
import { MemoryReader } from '../views/memory-reader.ts';

interface Seen {
  readonly start: string;
  readonly value: number;
}

/** What a backend makes of what reaches it from one reader. */
class Backend {
  readonly #cumulative: boolean;
  /** By instrument and series, of the last collection that has arrived. */
  #last = new Map<string, Seen>();
  readonly #starts = new Map<string, string>();
  /** By instrument. */
  readonly totals = new Map<string, number>();
  readonly present = new Map<string, Map<string, number>>();

  constructor(cumulative: boolean) {
    this.#cumulative = cumulative;
  }

  take(collected: readonly [instrument: string, point: DataPoint<unknown>][]): void {
    const last = this.#last;
    this.#last = new Map();
    this.present.clear();
    for (const [instrument, { attributes, startTime, value }] of collected) {
      const series = keyOf(instrument, attributes);
      const seen: Seen = { start: textOf(startTime), value: countOf(value) };
      const before = last.get(series);
      assert.ok(!this.#last.has(series), 'a series comes once');
      this.#last.set(series, seen);
      const present = this.present.get(instrument) ?? new Map<string, number>();
      this.present.set(instrument, present.set(series, seen.value));
      let gained = seen.value;
      if (this.#cumulative && before !== undefined) {
        assert.equal(seen.start, before.start, 'a series that begins anew was absent before');
        gained -= before.value;
        assert.ok(INSTRUMENTS[instrument] !== 'sum' || gained >= 0, 'a series that lives does not go down');
      } else if (this.#cumulative) {
        assert.notEqual(seen.start, this.#starts.get(series), 'a series that comes back has a new start');
      }
      this.#starts.set(series, seen.start);
      this.totals.set(instrument, (this.totals.get(instrument) ?? 0) + gained);
    }
  }

  /** A collection does not arrive: what begins anew later has a new start all the same. */
  miss(collected: readonly [instrument: string, point: DataPoint<unknown>][]): void {
    const there = new Set(collected.map(([instrument, { attributes }]) => keyOf(instrument, attributes)));
    for (const series of this.#last.keys()) if (!there.has(series)) this.#last.delete(series);
  }
}

const keyOf = (instrument: string, attributes: Attributes): string =>
  `${instrument} ${JSON.stringify(attributes)}`;
const textOf = ([seconds, nanos]: HrTime): string => `${seconds}.${nanos}`;
const countOf = (value: unknown): number =>
  typeof value === 'number' ? value : Number(Reflect.get(Object(value), 'count'));

const INSTRUMENTS: Readonly<Record<string, 'sum' | 'level' | 'last'>> = {
  counter: 'sum',
  histogram: 'sum',
  http: 'sum',
  open: 'level',
  gauge: 'last',
};

/** Instruments of all kinds over the SDK, whose series end by a clock that is set, and three readers. */
function ended(exponential: boolean) {
  const { CUMULATIVE, DELTA } = AggregationTemporality;
  const histograms = exponential ? AggregationType.EXPONENTIAL_HISTOGRAM : AggregationType.DEFAULT;
  const readers = [
    new MemoryReader(CUMULATIVE),
    new MemoryReader(CUMULATIVE, { type: histograms }),
    new MemoryReader(DELTA),
  ];
  const { sdk, bounds, app, heldUp } = endingSeries(readers, { views: !exponential });
  const pause: { meanwhile: () => void } = { meanwhile: () => {} };
  for (const scope of ['app', 'own']) {
    const pausing = sdk.getMeter(scope).createObservableGauge('pausing');
    pausing.addCallback(async () => pause.meanwhile());
  }
  const meter = app.getMeter('app');
  const counter = meter.createCounter('counter', { valueType: ValueType.INT });
  const histogram = meter.createHistogram('histogram');
  const open = meter.createUpDownCounter('open');
  const gauge = meter.createGauge('gauge');
  const http = createHttpAdmission({
    instrument: 'http',
    attributes: ['k'],
    bounds,
    register: binder(sdk.getMeter('own').createHistogram('http')),
    end: BOUND_END,
  });
  const record: Readonly<Record<string, (value: number, k: number) => void>> = {
    counter: (value, k) => counter.add(value, { k }),
    histogram: (value, k) => histogram.record(value, { k }),
    open: (value, k) => open.add(value, { k }),
    gauge: (value, k) => gauge.record(value, { k }),
    http: (value, k) => http.admit([k]).record(value),
  };
  return { readers, heldUp, record, pause };
}

async function pointsOf(reader: MetricReader): Promise<[instrument: string, point: DataPoint<unknown>][]> {
  const { resourceMetrics } = await reader.collect();
  return resourceMetrics.scopeMetrics.flatMap(({ metrics }) =>
    metrics.flatMap(({ descriptor, dataPoints }) =>
      dataPoints.map((point): [string, DataPoint<unknown>] => [descriptor.name, point]),
    ),
  );
}

interface Measurement {
  readonly instrument: string;
  readonly k: number;
  readonly value: number;
}

type Step =
  | ({ readonly do: 'record' } & Measurement)
  | { readonly do: 'wait'; readonly millis: number }
  | {
      readonly do: 'collect';
      readonly reader: number;
      readonly arrives: boolean;
      /** Is recorded while the collection waits for callbacks. */
      readonly meanwhile: Measurement | undefined;
    };

const measurement = {
  instrument: fc.constantFrom(...Object.keys(INSTRUMENTS)),
  k: fc.nat({ max: 9 }),
  value: fc.integer({ min: 1, max: 9 }),
};

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('record' as const), ...measurement }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      millis: fc.constantFrom(1, TTL / 2, TTL, 3 * TTL),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('collect' as const),
      reader: fc.nat({ max: 2 }),
      arrives: fc.constantFrom(true, true, true, false),
      meanwhile: fc.option(fc.record(measurement), { nil: undefined, freq: 2 }),
    }),
  },
);

describe('whatever is recorded, collected and held up, and however long nothing is', () => {
  for (const exponential of [false, true]) {
    it(`each reader gets every measurement once, ${exponential ? 'also in exponential histograms' : 'within the limit'}`, async () => {
      mock.timers.enable({ apis: ['Date'], now: 1e12 });
      try {
        await fc.assert(
          fc.asyncProperty(fc.array(step, { maxLength: 120, size: 'max' }), async (steps) => {
            const { readers, heldUp, record, pause } = ended(exponential);
            const backends = readers.map((_, i) => new Backend(i < 2));
            const totals = new Map<string, number>();
            const levels = new Map<number, number>();
            const last = new Map<number, number>();
            const measure = ({ instrument, k, value: given }: Measurement): void => {
              // An up-down counter is up at one time and down at the next.
              const level = levels.get(k) ?? 0;
              const value = instrument === 'open' && level > 0 ? -level : given;
              record[instrument]?.(value, k);
              const counts = instrument === 'histogram' || instrument === 'http' ? 1 : value;
              totals.set(instrument, (totals.get(instrument) ?? 0) + counts);
              if (instrument === 'open') levels.set(k, level + value);
              if (instrument === 'gauge') last.set(k, value);
            };
            for (const each of steps) {
              if (each.do === 'wait') mock.timers.tick(each.millis);
              else if (each.do === 'record') measure(each);
              else {
                const { meanwhile } = each;
                const [reader, backend] = [readers[each.reader], backends[each.reader]];
                assert.ok(reader && backend);
                const isDelta = each.reader === 2;
                pause.meanwhile = () => {
                  pause.meanwhile = () => {};
                  if (meanwhile) measure(meanwhile);
                };
                const points = await pointsOf(reader);
                // What a delta has lost on its way is lost.
                const arrives = each.arrives || isDelta;
                if (arrives) heldUp.delete(reader);
                else heldUp.add(reader);
                if (!arrives) {
                  backend.miss(points);
                  continue;
                }
                backend.take(points);
                // It may have come back to what ends in this collection, and is in the next one.
                if (meanwhile) continue;
                for (const [instrument, kind] of Object.entries(INSTRUMENTS)) {
                  const present: ReadonlyMap<string, number> = backend.present.get(instrument) ?? new Map();
                  assert.ok(present.size <= LIMIT, `${present.size} series of ${instrument}`);
                  if (kind === 'sum')
                    assert.equal(backend.totals.get(instrument) ?? 0, totals.get(instrument) ?? 0);
                  if (kind === 'level' && !isDelta) {
                    const sum: number = [...present.values()].reduce((all, value) => all + value, 0);
                    assert.equal(sum, totals.get(instrument) ?? 0);
                  }
                }
                for (const [series, value] of backend.present.get('gauge') ?? []) {
                  const { k } = JSON.parse(series.replace('gauge ', ''));
                  if (k !== undefined) assert.equal(value, last.get(k));
                }
              }
            }
            // Once everything has arrived, what nothing is recorded to ends within two collections of each reader.
            for (const millis of [0, TTL, 0]) {
              mock.timers.tick(millis);
              for (const [i, reader] of readers.entries()) {
                heldUp.delete(reader);
                backends[i]?.take(await pointsOf(reader));
              }
            }
            for (const backend of backends) {
              const alive = [...backend.present.values()].flatMap((present) => [...present.values()]);
              const instruments = [...backend.present.keys()].filter((name) => name !== 'open');
              assert.deepEqual(instruments, []);
              assert.ok(
                alive.every((value) => value !== 0),
                'up-down counters that are 0 end, too',
              );
            }
          }),
        );
      } finally {
        mock.timers.reset();
      }
    });
  }
});

describe('the SDK', () => {
  const attributes: Attributes = Object.freeze({ k: 1 });
  const values = async (reader: MetricReader): Promise<unknown[]> =>
    (await pointsOf(reader)).map(([, { value }]) => countOf(value));

  function measured() {
    const [one, other] = [new MemoryReader(), new MemoryReader()];
    const meter = new MeterProvider({ readers: [one, other] }).getMeter('app');
    return { one, other, meter };
  }

  for (const [kind, make] of Object.entries({
    counter: (meter) => meter.createCounter('it'),
    'up-down counter': (meter) => meter.createUpDownCounter('it'),
    gauge: (meter) => meter.createGauge('it'),
    histogram: (meter) => meter.createHistogram('it'),
  } satisfies Record<string, (meter: Meter) => Instrument>)) {
    it(`forgets a series of a ${kind} for one reader, which begins anew if it comes back`, async () => {
      const { one, other, meter } = measured();
      const series = binder(make(meter))(attributes);
      series.record(kind === 'up-down counter' ? 0 : 1);
      const [first, second] = [await values(one), await values(other)];
      assert.deepEqual(first, second);
      assert.equal(series.forget(one), true);
      assert.equal(series.forget(one), true, 'it may be forgotten twice');
      assert.deepEqual([await values(one), await values(other)], [[], second]);
      series.record(1);
      assert.deepEqual(await values(one), [1]);
    });
  }

  it('remembers what it has not reported to the reader', async () => {
    const { one, other, meter } = measured();
    const series = binder(meter.createCounter('it'))(attributes);
    series.record(1);
    assert.equal(series.forget(one), false, 'recorded');
    await values(other);
    assert.equal(series.forget(one), false, 'collected for another');
    assert.equal(series.forget(other), true);
    assert.deepEqual(await values(one), [1]);
    assert.equal(series.forget(one), true);
  });

  it('remembers an up-down counter that is not 0', async () => {
    const { one, meter } = measured();
    const series = binder(meter.createUpDownCounter('it'))(attributes);
    for (const [value, forgotten] of [
      [2, false],
      [-1, false],
      [-1, true],
    ] as const) {
      series.record(value);
      await values(one);
      assert.equal(series.forget(one), forgotten);
    }
  });

  it('forgets for all readers what is no longer observed', async () => {
    const { one, other, meter } = measured();
    const observable = meter.createObservableUpDownCounter('it');
    const observed = new Set([attributes]);
    observable.addCallback((result) => {
      for (const each of observed) result.observe(0, each);
    });
    assert.deepEqual([await values(one), await values(other)], [[0], [0]]);
    observed.clear();
    forgetObserved(observable, attributes);
    assert.deepEqual([await values(one), await values(other)], [[], []]);
    observed.add(attributes);
    assert.deepEqual([await values(one), await values(other)], [[0], [0]]);
  });

  it('of another shape forgets nothing', async () => {
    const { one, meter } = measured();
    const counter = meter.createCounter('it');
    assert.equal(
      forgetSeries([part(counter, '_writableMetricStorage') as object], attributes, {}),
      undefined,
    );
    assert.equal(forgetSeries([{}], attributes, one), undefined);
    assert.equal(binder({ add: () => {} })(attributes).forget(one), undefined);
    forgetObserved({}, attributes);
  });
});
