/**
 * What is inside of `@opentelemetry/instrumentation-runtime-node`, which exports none of it. The `InstrumentationBase`
 * around its collectors would replace `require` in the whole process, for good, to patch modules; it patches none.
 */
import { createRequire } from 'node:module';
import type { Meter } from '@opentelemetry/api';

export interface Collector {
  updateMetricInstruments(meter: Meter): void;
  enable(): void;
  disable(): void;
}

type CollectorClass = new (config: { readonly monitoringPrecision: number }) => Collector;

/** The build puts imports in the place of its calls. */
const inside = createRequire(
  createRequire(import.meta.url).resolve('@opentelemetry/instrumentation-runtime-node'),
);

export const PACKAGE_NAME: string = inside('./version.cjs').PACKAGE_NAME;
export const PACKAGE_VERSION: string = inside('./version.cjs').PACKAGE_VERSION;

export const COLLECTORS: readonly CollectorClass[] = [
  inside('./metrics/eventLoopUtilizationCollector.cjs').EventLoopUtilizationCollector,
  inside('./metrics/eventLoopTimeCollector.cjs').EventLoopTimeCollector,
  inside('./metrics/eventLoopDelayCollector.cjs').EventLoopDelayCollector,
  inside('./metrics/gcCollector.cjs').GCCollector,
  inside('./metrics/heapSpacesSizeAndUsedCollector.cjs').HeapSpacesSizeAndUsedCollector,
  inside('./metrics/activeResourcesCollector.cjs').ActiveResourcesCollector,
];
