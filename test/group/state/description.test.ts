import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeProcess, takeDescription } from '../../../src/group/state/description.ts';
import { createStateWriter } from '../../../src/group/state/writer.ts';
import { atOnce } from '../../../src/guest/slices.ts';
import { createRecorder, living, merged, readableState, retired } from '../recorded.ts';

/** A process with labels, its resource, and so many requests of each route. */
async function processOf(
  labels: Record<string, string>,
  resource: Record<string, string>,
  routes: readonly string[],
) {
  const { meter, collect } = createRecorder();
  const writer = createStateWriter({ labels });
  const requests = meter.createCounter('requests');
  for (const route of routes) requests.add(1, { route });
  const metrics = await collect();
  const scopeMetrics = [describeProcess({ labels, resource }), ...metrics.scopeMetrics];
  atOnce(writer.update({ ...metrics, scopeMetrics }, 1));
  return writer.state;
}

test('what all living members share describes the group, and retired members do not count', async () => {
  const one = await processOf({ v: '1', team: 'a' }, { version: '1', zone: 'z' }, ['/']);
  const two = await processOf({ v: '2', team: 'a' }, { version: '2', zone: 'z' }, ['/']);
  const both = takeDescription(merged([living(one), living(two)]));
  assert.deepEqual(both.common, { labels: { team: 'a' }, resource: { team: 'a', zone: 'z' } });
  assert.deepEqual(readableState(both.state), {
    requests: { '{"route":"/","team":"a","v":"1"}': 1, '{"route":"/","team":"a","v":"2"}': 1 },
  });
  const left = takeDescription(merged([retired(one), living(two)]));
  assert.deepEqual(left.common, {
    labels: { v: '2', team: 'a' },
    resource: { v: '2', team: 'a', version: '2', zone: 'z' },
  });
  assert.deepEqual(readableState(left.state), readableState(both.state));
});

test('what retired members have beyond the limit counts with their labels', async () => {
  const old = await processOf({ v: '1' }, {}, ['/a', '/b', '/c', '/d']);
  const base = merged([retired(old)], 'sum', 3);
  const next = await processOf({ v: '2' }, {}, ['/a', '/b']);
  const whole = takeDescription(merged([retired(base), retired(next)], 'sum', 3));
  assert.deepEqual(readableState(whole.state), {
    requests: {
      '{"route":"/a","v":"1"}': 1,
      '{"route":"/b","v":"1"}': 1,
      '{"otel.metric.overflow":true,"v":"1"}': 2,
      '{"otel.metric.overflow":true,"v":"2"}': 2,
    },
  });
});
