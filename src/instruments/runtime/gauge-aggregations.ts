import type { GaugeAggregation } from '../../config/types.ts';

/**
 * How the gauges of `createRuntimeMetrics`, and the start time that only scrapes have, aggregate over the processes of a
 * group. A delay or a utilization is that of the worst process: an average would hide one that is blocked.
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
  // Each process and worker thread has its own heap: the sum is the memory of the service.
  ['v8js.memory.heap.used', 'sum'],
  ['v8js.memory.heap.space.available_size', 'sum'],
  ['v8js.memory.heap.space.physical_size', 'sum'],
  ['v8js.resource.active', 'sum'],
  // Those of the process that was started last, so that either shows that one has been started again.
  ['process.uptime', 'min'],
  ['process.start_time', 'max'],
  // How many processes have this version.
  ['nodejs.version.info', 'sum'],
]);
