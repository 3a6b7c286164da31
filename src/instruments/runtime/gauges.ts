import type { GaugeAggregation } from '../../config/types.ts';

/**
 * How the gauges that `startRuntimeMetrics` makes aggregate over the processes of a group. A delay or a utilization
 * is that of the worst process: an average would hide the one that is blocked.
 */
export const GAUGES: ReadonlyMap<string, GaugeAggregation> = new Map([
  ['nodejs.eventloop.utilization', 'max'],
  ['nodejs.eventloop.delay.min', 'min'],
  ['nodejs.eventloop.delay.max', 'max'],
  ['nodejs.eventloop.delay.mean', 'max'],
  ['nodejs.eventloop.delay.stddev', 'max'],
  ['nodejs.eventloop.delay.p50', 'max'],
  ['nodejs.eventloop.delay.p90', 'max'],
  ['nodejs.eventloop.delay.p99', 'max'],
  // Each process and each worker thread has a heap of its own, so the sum is what the service takes.
  ['v8js.memory.heap.used', 'sum'],
  ['v8js.memory.heap.space.available_size', 'sum'],
  ['v8js.memory.heap.space.physical_size', 'sum'],
  ['v8js.resource.active', 'sum'],
]);
