/**
 * The event loop, the heap and the garbage collector, by `@opentelemetry/instrumentation-runtime-node`, and CPU time
 * and memory of the process. Names are those of the semantic conventions:
 * https://opentelemetry.io/docs/specs/semconv/runtime/nodejs-metrics/
 * https://opentelemetry.io/docs/specs/semconv/runtime/v8js-metrics/
 * https://opentelemetry.io/docs/specs/semconv/system/process-metrics/
 */

import { createRequire } from 'node:module';
import type { Meter, MeterProvider } from '@opentelemetry/api';
import type { Guard } from '../../guest/guard.ts';

/** The instrumentation's classes, and their files. */
const COLLECTORS = {
  EventLoopUtilizationCollector: 'eventLoopUtilizationCollector',
  EventLoopTimeCollector: 'eventLoopTimeCollector',
  EventLoopDelayCollector: 'eventLoopDelayCollector',
  GCCollector: 'gcCollector',
  HeapSpacesSizeAndUsedCollector: 'heapSpacesSizeAndUsedCollector',
  ActiveResourcesCollector: 'activeResourcesCollector',
} as const;

interface Collector {
  updateMetricInstruments(meter: Meter): void;
  enable(): void;
  disable(): void;
}
type CollectorClass = new (config: { readonly monitoringPrecision: number }) => Collector;

/**
 * Milliseconds between two samples of the event loop's delay. Each wakes an idle process, which takes 0.2 % of a core;
 * the instrumentation's default of 10 ms takes 0.4 %.
 */
const SAMPLE_MILLIS = 20;

/**
 * Requires from within the instrumentation's package, which does not export its collectors. The `InstrumentationBase`
 * around them would replace `require` in the whole process, for good, to patch modules; it patches none.
 */
const inside = createRequire(
  createRequire(import.meta.url).resolve('@opentelemetry/instrumentation-runtime-node'),
);

export interface RuntimeMetricsOptions {
  readonly meters: MeterProvider;
  /** The instrumentation scope of CPU time and memory. */
  readonly scope: { readonly name: string; readonly version: string };
  /** Measured for CPU time and memory; undefined in a worker thread, since its main thread does that. */
  readonly process: Pick<NodeJS.Process, 'cpuUsage' | 'memoryUsage'> | undefined;
  readonly guard: Guard;
}

/**
 * Starts to measure. A group of metrics that this Node.js does not support is left out.
 *
 * @returns a function that ends it
 */
export function startRuntimeMetrics({ meters, scope, process, guard }: RuntimeMetricsOptions): () => void {
  if (process !== undefined) observeProcess(meters.getMeter(scope.name, scope.version), process);
  const { PACKAGE_NAME, PACKAGE_VERSION } = inside('./version.cjs');
  const meter = meters.getMeter(PACKAGE_NAME, PACKAGE_VERSION);
  const startCollector = guard('runtime', ([name, file]: readonly [string, string]): Collector => {
    const Class: CollectorClass = inside(`./metrics/${file}.cjs`)[name];
    const collector = new Class({ monitoringPrecision: SAMPLE_MILLIS });
    collector.updateMetricInstruments(meter);
    collector.enable();
    return collector;
  });
  const collectors = Object.entries(COLLECTORS).map((entry) => startCollector(entry));
  return () => {
    for (const collector of collectors) collector?.disable();
  };
}

function observeProcess(meter: Meter, process: NonNullable<RuntimeMetricsOptions['process']>): void {
  const cpu = meter.createObservableCounter('process.cpu.time', {
    description: 'Total CPU seconds broken down by different CPU modes.',
    unit: 's',
  });
  cpu.addCallback((result) => {
    const { user, system } = process.cpuUsage();
    result.observe(user / 1e6, { 'cpu.mode': 'user' });
    result.observe(system / 1e6, { 'cpu.mode': 'system' });
  });
  const memory = meter.createObservableUpDownCounter('process.memory.usage', {
    description: 'The amount of physical memory in use.',
    unit: 'By',
  });
  memory.addCallback((result) => result.observe(process.memoryUsage.rss()));
}
