import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type MergeOptions, merge, type Source } from '../../../src/group/state/merge.ts';
import { decodeRetired, encodeRetired, NOTHING_RETIRED } from '../../../src/group/state/retired-totals.ts';
import { atOnce } from '../../../src/group/state/slices.ts';
import type { State } from '../../../src/group/state/state.ts';
import fc from '../../property.ts';
import { createRecorder, readableState, throughFiles } from '../recorded.ts';

const OPTIONS: MergeOptions = { aggregationOf: () => 'sum' };
const source = (state: State, living: boolean): Source => ({ state, living, process: {} });

/** Sums that are rounded when they are added up. */
const value = fc.double({ min: 0, max: 1000, noNaN: true });

test('a total is the same to its last digit in whatever order processes end', async () => {
  const property = fc.asyncProperty(
    fc.array(fc.tuple(value, value), { minLength: 2, maxLength: 8 }),
    fc.infiniteStream(fc.nat()),
    async (processes, draw) => {
      let living: State[] = [];
      for (const [seconds, bytes] of processes) {
        const { meter, state, writer } = createRecorder();
        meter.createCounter('busy').add(seconds, { kind: 'a' });
        meter.createHistogram('size').record(bytes);
        meter.createHistogram('size').record(seconds, { kind: 'a' });
        await state();
        living.push(throughFiles(writer));
      }
      let base = NOTHING_RETIRED;
      const total = () =>
        readableState(
          atOnce(merge([source(base.state, false), ...living.map((state) => source(state, true))], OPTIONS)),
        );
      const first = total();
      while (living.length > 0) {
        const ended = living[(draw.next().value ?? 0) % living.length];
        assert.ok(ended);
        living = living.filter((state) => state !== ended).reverse();
        const state = atOnce(merge([source(base.state, false), source(ended, false)], OPTIONS));
        base = decodeRetired(Buffer.from(encodeRetired({ ...base, state }))) ?? assert.fail('not readable');
        assert.deepEqual(total(), first);
      }
    },
  );
  await fc.assert(property, { numRuns: 300 });
});

test('sums that are not numbers stay the same', async () => {
  const states: State[] = [];
  for (const each of [1, Number.POSITIVE_INFINITY]) {
    const { meter, state, writer } = createRecorder();
    meter.createHistogram('size').record(each);
    await state();
    states.push(throughFiles(writer));
  }
  const sources = states.map((state) => source(state, true));
  const once = atOnce(merge(sources, OPTIONS));
  const twice = atOnce(merge([source(once, true), ...sources], OPTIONS));
  for (const state of [once, twice]) {
    const [metric] = state.metrics;
    const last = (metric?.definition.boundaries?.length ?? 0) + 1;
    assert.equal(state.values[last], Number.POSITIVE_INFINITY);
  }
});
