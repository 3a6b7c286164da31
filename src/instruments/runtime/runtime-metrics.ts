/**
 * The event loop, the heap and the garbage collector, by `@opentelemetry/instrumentation-runtime-node`, and what is
 * known of the process and of memory outside of the heap. Names are those of the semantic conventions:
 * https://opentelemetry.io/docs/specs/semconv/runtime/nodejs-metrics/
 * https://opentelemetry.io/docs/specs/semconv/runtime/v8js-metrics/
 * https://opentelemetry.io/docs/specs/semconv/system/process-metrics/
 */

import type { MeterProvider } from '@opentelemetry/api';
import type { Guard } from '../../guest/guard.ts';
import { COLLECTORS, type Collector, PACKAGE_NAME, PACKAGE_VERSION } from './collectors.ts';
import { createFileDescriptors, type FileSystem } from './file-descriptors.ts';
import { type ObservedProcess, observeExternalMemory, observeProcess } from './process-metrics.ts';

/**
 * Milliseconds between two samples of the event loop's delay. Each wakes an idle process, which takes 0.2 % of a core;
 * the instrumentation's default of 10 ms takes 0.4 %.
 */
const SAMPLE_MILLIS = 20;

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

export interface RuntimeMetrics {
  /** Each starts to measure something, and never throws. Together they would hold the event loop of a small app. */
  readonly steps: readonly (() => void)[];
  /** Ends what has been started. */
  end(): void;
}

/** Opens and measures nothing before its steps. A group of metrics that this Node.js does not support is left out. */
export function createRuntimeMetrics(options: RuntimeMetricsOptions): RuntimeMetrics {
  const { meters, scope, process, fs, v8, guard } = options;
  const own = meters.getMeter(scope.name, scope.version);
  const meter = meters.getMeter(PACKAGE_NAME, PACKAGE_VERSION);
  const collectors: Collector[] = [];
  const steps = [
    () => {
      if (process !== undefined) observeProcess(own, { process, fileDescriptors: createFileDescriptors(fs) });
      observeExternalMemory(own, () => v8.getHeapStatistics().external_memory);
    },
    ...COLLECTORS.map((Collector) => () => {
      const collector = new Collector({ monitoringPrecision: SAMPLE_MILLIS });
      collector.updateMetricInstruments(meter);
      collector.enable();
      collectors.push(collector);
    }),
  ];
  return {
    steps: steps.map((step) => guard('runtime', step)),
    end() {
      for (const collector of collectors) collector.disable();
    },
  };
}
