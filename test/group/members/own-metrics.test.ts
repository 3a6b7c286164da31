import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { createOwnMetrics } from '../../../src/group/members/own-metrics.ts';
import { takeDescription } from '../../../src/group/state/description.ts';
import { createStateWriter } from '../../../src/group/state/writer.ts';
import { createRecorder, ownReader, readableState } from '../recorded.ts';

test('a collection that ends after one that began later is ignored', async () => {
  const { meter, collect } = createRecorder();
  const ticks = meter.createCounter('ticks');
  const pending: ((metrics: ResourceMetrics) => void)[] = [];
  const { update } = createOwnMetrics({
    own: ownReader(() => new Promise((resolve) => pending.push(resolve))),
    labels: {},
    resourceAttributes: {},
  });
  const writer = createStateWriter();
  ticks.add(1);
  const slow = update(writer, true);
  const earlier = await collect();
  ticks.add(1);
  const fast = update(writer, false);
  const later = await collect();
  pending[1]?.(later);
  await fast;
  pending[0]?.(earlier);
  await slow;
  assert.deepEqual(readableState(takeDescription(writer.state).state), { ticks: { '{}': 2 } });
});
