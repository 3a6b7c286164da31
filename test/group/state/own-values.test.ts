import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createRecorder } from '../recorded.ts';

describe('what a process has recorded', () => {
  it('changes in its state only where it has changed', async () => {
    const { meter, writer, state } = createRecorder();
    const histogram = meter.createHistogram('histogram', { advice: { explicitBucketBoundaries: [1, 2] } });
    for (const k of [1, 2, 3]) histogram.record(1, { k });
    const before = Float64Array.from((await state()).values);
    writer.takeChanges();
    await state(2);
    assert.deepEqual(writer.takeChanges(), [], 'nothing was recorded');
    histogram.record(2, { k: 2 });
    const after = (await state(3)).values;
    // When it changed, three buckets, and the sum.
    const width = 5;
    const changed = [...after.keys()].filter((i) => after[i] !== before[i]);
    assert.deepEqual(changed, [width + 2, width + 4]);
    const [range, ...others] = writer.takeChanges() ?? [];
    assert.deepEqual([range, others], [{ from: width + 2, to: 2 * width }, []]);
  });

  it('has a histogram of which nothing counts', async () => {
    const { meter, state } = createRecorder();
    meter.createHistogram('histogram', { advice: { explicitBucketBoundaries: [1] } }).record(Number.NaN);
    const { metrics, values } = await state();
    const [series] = metrics[0]?.series ?? [];
    assert.notEqual(series && values[series.offset], 0, 'it is there');
  });
});
