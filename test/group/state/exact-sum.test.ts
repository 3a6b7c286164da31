import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeRetired, encodeRetired, NOTHING_RETIRED } from '../../../src/group/state/retired-totals.ts';
import type { State } from '../../../src/group/state/state.ts';
import fc from '../../property.ts';
import { createRecorder, living, merged, readableState, retired, throughFiles } from '../recorded.ts';

/** Sums that are rounded when they are added up. */
const value = fc.double({ min: 0, max: 1000, noNaN: true });

test('a total is the same to its last digit in whatever order processes end', async () => {
  const property = fc.asyncProperty(
    fc.array(fc.tuple(value, value), { minLength: 2, maxLength: 8 }),
    fc.infiniteStream(fc.nat()),
    async (processes, draw) => {
      let states: State[] = [];
      for (const [seconds, bytes] of processes) {
        const { meter, state, writer } = createRecorder();
        meter.createCounter('busy').add(seconds, { kind: 'a' });
        meter.createHistogram('size').record(bytes);
        meter.createHistogram('size').record(seconds, { kind: 'a' });
        await state();
        states.push(throughFiles(writer));
      }
      let base = NOTHING_RETIRED;
      const total = () =>
        readableState(merged([retired(base.state), ...states.map((state) => living(state))]));
      const first = total();
      while (states.length > 0) {
        const ended = states[(draw.next().value ?? 0) % states.length];
        assert.ok(ended);
        states = states.filter((state) => state !== ended).reverse();
        const state = merged([retired(base.state), retired(ended)]);
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
  const sources = states.map((state) => living(state));
  const once = merged(sources);
  const twice = merged([living(once), ...sources]);
  for (const state of [once, twice]) {
    const [metric] = state.metrics;
    const last = (metric?.definition.boundaries?.length ?? 0) + 2;
    assert.equal(state.values[last], Number.POSITIVE_INFINITY);
  }
});
