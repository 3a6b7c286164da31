import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Meter } from '@opentelemetry/api';
import type { GaugeAggregation } from '../../../src/config/types.ts';
import type { Source } from '../../../src/group/state/merge.ts';
import type { State } from '../../../src/group/state/state.ts';
import fc from '../../property.ts';
import {
  createRecorder,
  living,
  merged,
  readable,
  readableState,
  retired,
  throughFiles,
} from '../recorded.ts';

const added = (...given: Parameters<typeof merged>) => readableState(merged(...given));

/** One measurement; values that add up exactly in any order. */
const measurement = fc.record({
  instrument: fc.constantFrom('requests', 'jobs', 'duration', 'size'),
  process: fc.nat(3),
  route: fc.constantFrom('/', '/users/:id', 'é "quoted", \\ and\nlines'),
  status: fc.option(fc.constantFrom<string | number>(200, '200', 404), { nil: undefined }),
  value: fc.nat(10_000).map((n) => n / 64),
});

function record(
  meter: Meter,
  { instrument, route, status, value }: typeof measurement extends fc.Arbitrary<infer M> ? M : never,
) {
  const attributes = { route, ...(status !== undefined && { status }) };
  if (instrument === 'requests') meter.createCounter(instrument).add(value, attributes);
  else if (instrument === 'jobs') meter.createUpDownCounter(instrument).add(value - 80, attributes);
  else
    meter.createHistogram(instrument, instrument === 'size' ? { unit: 'By' } : {}).record(value, attributes);
}

test('several processes add up to exactly what one process would have had', async () => {
  const property = fc.asyncProperty(fc.array(measurement, { maxLength: 60 }), async (measurements) => {
    const one = createRecorder();
    const several = [createRecorder(), createRecorder(), createRecorder(), createRecorder()];
    for (const each of measurements) {
      record(one.meter, each);
      const own = several[each.process];
      if (own) record(own.meter, each);
    }
    const states: Source[] = [];
    for (const { state, writer } of several) {
      await state();
      states.push(living(throughFiles(writer)));
    }
    assert.deepEqual(added(states), readable(await one.collect()));
  });
  await fc.assert(property, { numRuns: 100 });
});

test('a process whose totals are taken over in pieces still counts once', async () => {
  const property = fc.asyncProperty(
    fc.array(
      measurement.filter(({ instrument }) => instrument !== 'jobs'),
      { maxLength: 40 },
    ),
    fc.array(fc.nat(40), { maxLength: 4 }),
    async (measurements, breaks) => {
      const { meter, state, writer, collect } = createRecorder();
      let base: State = { metrics: [], values: new Float64Array(0) };
      for (const [i, each] of measurements.entries()) {
        record(meter, each);
        if (!breaks.includes(i)) continue;
        await state();
        base = merged([retired(base), retired(throughFiles(writer))]);
        writer.rebase();
      }
      await state();
      assert.deepEqual(added([retired(base), living(throughFiles(writer))]), readable(await collect()));
    },
  );
  await fc.assert(property, { numRuns: 100 });
});

const GAUGES: readonly (readonly [GaugeAggregation, Record<string, number>])[] = [
  ['sum', { '{}': 9 }],
  ['max', { '{}': 5 }],
  ['min', { '{}': 1 }],
  ['newest', { '{}': 1 }],
  ['process', { '{"process.pid":1}': 3, '{"process.pid":2}': 1, '{"process.pid":3}': 5 }],
];
for (const [rule, expected] of GAUGES) {
  test(`gauges of three processes, ${rule}`, async () => {
    const sources: Source[] = [];
    for (const [pid, value, seconds] of [
      [1, 3, 10],
      [2, 1, 30],
      [3, 5, 20],
    ] as const) {
      const { meter, state, writer } = createRecorder();
      meter.createGauge('queue').record(value);
      await state(seconds);
      sources.push(living(throughFiles(writer), pid));
    }
    assert.deepEqual(added(sources, rule), { queue: expected });
  });
}

test('the newest value is the one that changed last, not the one that was read last', async () => {
  const [first, second] = [createRecorder(), createRecorder()];
  const gauge = first.meter.createGauge('version');
  gauge.record(1);
  second.meter.createGauge('version').record(2);
  await first.state(10);
  await second.state(20);
  await first.state(30);
  const sources = [living(first.writer.state), living(second.writer.state)];
  assert.deepEqual(added(sources, 'newest'), { version: { '{}': 2 } });
  gauge.record(3);
  await first.state(40);
  assert.deepEqual(added(sources, 'newest'), { version: { '{}': 3 } });
});

test('gauges and up-down counters of the retired do not count, counters and histograms do', async () => {
  const { meter, state } = createRecorder();
  meter.createGauge('gauge').record(1);
  meter.createUpDownCounter('active').add(1);
  meter.createCounter('requests').add(1);
  meter.createHistogram('duration', { advice: { explicitBucketBoundaries: [1] } }).record(0.5);
  assert.deepEqual(added([retired(await state())]), {
    requests: { '{}': 1 },
    duration: { '{}': { buckets: { boundaries: [1], counts: [1, 0] }, count: 1, sum: 0.5 } },
  });
});

test('an observable counter that restarts continues from where it was', async () => {
  const { meter, state } = createRecorder();
  let value = 5;
  meter.createObservableCounter('ticks').addCallback((result) => result.observe(value));
  const seen: unknown[] = [];
  for (value of [5, 7, 2, 3, 1]) seen.push(added([living(await state())]).ticks);
  assert.deepEqual(
    seen,
    [5, 7, 9, 10, 11].map((total) => ({ '{}': total })),
  );
});

/** Boundaries of each process; then the boundaries of all, and counts, of the retired and of the living. */
const BOUNDARIES: readonly (readonly [what: string, processes: string[], retired: string, living: string])[] =
  [
    ['the same', ['1 2', '1 2'], '1 2: 2 2 2', '1 2: 2 2 2'],
    ['a finer and a coarser', ['1 2 4', '2'], '1 2 4: 1 2 1 2', '2: 3 3'],
    ['none in common', ['1', '2'], '1 2: 1 1 2', ': 4'],
    ['none at all', ['', '2'], '2: 1 2', ': 3'],
  ];
for (const [what, processes, ofTheRetired, ofTheLiving] of BOUNDARIES) {
  test(`histograms whose boundaries are ${what}: each count at its own bound, and only bounds that all living members share are served`, async () => {
    const states = await Promise.all(
      processes.map((text) => {
        const { meter, state } = createRecorder();
        const boundaries = text.split(' ').filter(Boolean).map(Number);
        const advice = { explicitBucketBoundaries: boundaries };
        const histogram = meter.createHistogram('size', { advice });
        for (const bound of [...boundaries, (boundaries.at(-1) ?? 0) + 1]) histogram.record(bound);
        return state();
      }),
    );
    const bucketsOf = (sources: readonly Source[]): string => {
      const { boundaries, counts } = Object(added(sources).size?.['{}']).buckets;
      return `${boundaries.join(' ')}: ${counts.join(' ')}`;
    };
    assert.equal(bucketsOf(states.map(retired)), ofTheRetired);
    assert.equal(bucketsOf(states.map((state) => living(state))), ofTheLiving);
  });
}

test('boundaries that only the retired had are not served', async () => {
  const [old, current] = [createRecorder(), createRecorder()];
  const advice = (...explicitBucketBoundaries: number[]) => ({ advice: { explicitBucketBoundaries } });
  old.meter.createHistogram('duration', advice(0.1, 0.5, 1)).record(0.4);
  current.meter.createHistogram('duration', advice(0.1, 1, 2)).record(0.4);
  const { buckets } = Object(
    added([retired(await old.state()), living(await current.state())]).duration?.['{}'],
  );
  assert.deepEqual(buckets, { boundaries: [0.1, 1, 2], counts: [0, 2, 0, 0] });
});

test('what the retired leave is bounded: more series than the limit add up in the overflow series', async () => {
  const { meter, state } = createRecorder();
  const counter = meter.createCounter('requests');
  for (let pid = 1; pid <= 9; pid++) counter.add(pid, { pid });
  assert.deepEqual(added([retired(await state())], 'sum', 4).requests, {
    '{"pid":1}': 1,
    '{"pid":2}': 2,
    '{"pid":3}': 3,
    '{"otel.metric.overflow":true}': 39,
  });
});

test('of two gauges of one name in a process the first counts, as in a scrape of that process alone', async () => {
  for (const first of ['createGauge', 'createObservableGauge'] as const) {
    const { meter, state, writer } = createRecorder();
    const observe = () =>
      meter.createObservableGauge('depth').addCallback((result) => {
        result.observe(10, { queue: 'a' });
        result.observe(20, { queue: 'b' });
      });
    if (first === 'createObservableGauge') observe();
    meter.createGauge('depth').record(1, { queue: 'a' });
    if (first === 'createGauge') observe();
    await state();
    const own = throughFiles(writer);
    const a = first === 'createGauge' ? 1 : 10;
    assert.deepEqual(added([living(own)]), { depth: { '{"queue":"a"}': a, '{"queue":"b"}': 20 } });
    assert.deepEqual(added([living(own, 1), living(own, 2)]), {
      depth: { '{"queue":"a"}': 2 * a, '{"queue":"b"}': 40 },
    });
  }
});
