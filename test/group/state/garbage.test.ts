import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, type TestContext, test } from 'node:test';
import { createStateReader } from '../../../src/group/state/reader.ts';
import { atOnce } from '../../../src/guest/slices.ts';
import fc from '../../property.ts';
import { exponentialMetrics, filesOf, served } from '../member-files.ts';
import { createRecorder, living, merged, readableState } from '../recorded.ts';

describe('garbage', () => {
  /** All kinds, exponential histograms among them. */
  const recorded = async (t: TestContext) => {
    const all = filesOf(t);
    all.requests.add(1, { route: '/é' });
    all.meter.createUpDownCounter('active').add(1);
    all.meter.createGauge('queue').record(1, { shard: 1 });
    all.meter.createHistogram('duration').record(1);
    await all.write();
    atOnce(all.writer.update(exponentialMetrics(), 1));
    all.files.write(all.writer);
    return all;
  };

  /** Reads the files, and adds up what they have. */
  const readAll = (path: string): void => {
    const reader = createStateReader(fs, path);
    try {
      const state = reader.read();
      readableState(merged([living(state), living(state)], 'process'));
    } finally {
      reader.close();
    }
  };

  test('in the keys neither throws nor hangs', async (t) => {
    const { path } = await recorded(t);
    const keys = fs.readFileSync(`${path}.keys`);
    const garbage = fc.oneof(fc.uint8Array({ maxLength: 30 }), fc.constantFrom(Buffer.from('\n[0,[]]\n')));
    const property = fc.property(fc.nat(keys.length), fc.nat(30), garbage, (place, taken, other) => {
      const changed = Buffer.concat([keys.subarray(0, place), other, keys.subarray(place + taken)]);
      fs.writeFileSync(`${path}.keys`, changed);
      readAll(path);
    });
    fc.assert(property, { numRuns: 200 });
  });

  test('in the values neither throws nor hangs', async (t) => {
    const { path } = await recorded(t);
    const values = new Float64Array(fs.readFileSync(`${path}.values`).buffer.slice(0));
    const double = fc.oneof(
      fc.double(),
      fc.integer(),
      fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e300, -1e300, 2 ** 52),
    );
    const change = fc.tuple(fc.nat(values.length), double);
    const property = fc.property(fc.array(change, { minLength: 1, maxLength: 8 }), (changes) => {
      const changed = Float64Array.from(values);
      for (const [place, double] of changes) changed[place] = double;
      fs.writeFileSync(`${path}.values`, changed);
      readAll(path);
    });
    fc.assert(property, { numRuns: 200 });
  });

  test('instead of an exponential histogram counts as an empty one, and others count', async () => {
    const { writer } = createRecorder();
    atOnce(writer.update(exponentialMetrics(), 1));
    const { metrics, values } = writer.state;
    const sound = living(writer.state);
    const whole = served(writer.state);
    const HEAD = 7;
    for (let place = 0; place < HEAD; place++) {
      if (place === 2) continue;
      for (const double of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0.5, 1e300]) {
        if (place === 1 && Number.isFinite(double)) continue;
        const changed = Float64Array.from(values);
        // After the time.
        changed[1 + place] = double;
        const broken = living({ metrics, values: changed });
        assert.deepEqual(readableState(merged([broken, sound, broken])), whole, `${double} at ${place}`);
      }
    }
  });
});
