/**
 * The event loop, the heap and the garbage collector, by `@opentelemetry/instrumentation-runtime-node`, and what is
 * known of the process and of memory outside of the heap. Names are those of the semantic conventions:
 * https://opentelemetry.io/docs/specs/semconv/runtime/nodejs-metrics/
 * https://opentelemetry.io/docs/specs/semconv/runtime/v8js-metrics/
 * https://opentelemetry.io/docs/specs/semconv/system/process-metrics/
 */

import { createRequire } from 'node:module';
import type { Meter, MeterProvider } from '@opentelemetry/api';
import type { Guard } from '../../guest/guard.ts';
import { createFileDescriptors, type FileSystem } from './file-descriptors.ts';
import { type ObservedProcess, observeExternalMemory, observeProcess } from './process-metrics.ts';

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
  /** The instrumentation scope of what the instrumentation does not measure. */
  readonly scope: { readonly name: string; readonly version: string };
  /** Undefined in a worker thread, since its main thread measures the process. */
  readonly process: ObservedProcess['process'] | undefined;
  readonly fs: FileSystem;
  readonly v8: Pick<typeof import('node:v8'), 'getHeapStatistics'>;
  readonly guard: Guard;
}

/**
 * Starts to measure. A group of metrics that this Node.js does not support is left out.
 *
 * @returns a function that ends it
 */
export function startRuntimeMetrics(options: RuntimeMetricsOptions): () => void {
  const { meters, scope, process, fs, v8, guard } = options;
  const own = meters.getMeter(scope.name, scope.version);
  if (process !== undefined) observeProcess(own, { process, fileDescriptors: createFileDescriptors(fs) });
  observeExternalMemory(own, () => v8.getHeapStatistics().external_memory);
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
