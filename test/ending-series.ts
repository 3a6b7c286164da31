import assert from 'node:assert/strict';
import type { MeterProvider as MeterProviderApi } from '@opentelemetry/api';
import { MeterProvider, type MetricReader } from '@opentelemetry/sdk-metrics';
import { createGuard } from '../src/guest/guard.ts';
import { createLog } from '../src/guest/log.ts';
import { createCollections } from '../src/instruments/app/collections.ts';
import { createAppMeterProvider } from '../src/instruments/app/meter.ts';
import { keepStarts, showReturned } from '../src/instruments/starts.ts';
import { type Around, aroundCollect } from '../src/pipeline/around-collect.ts';
import { collectInSlices } from '../src/pipeline/collect-in-slices.ts';
import { type Bounds, createBounds } from '../src/views/admission/bounds.ts';
import { createLifetimes } from '../src/views/admission/lifetimes.ts';
import { createViews } from '../src/views/views.ts';
import { DEFAULT_CONFIG } from './config/default-config.ts';

/** Milliseconds by `Date.now`, which tests set. */
export const TTL = 1000;
/** Series of an instrument. */
export const LIMIT = 6;

export interface EndingSeries {
  readonly sdk: MeterProvider;
  readonly bounds: Bounds;
  /** For the instruments of an app. */
  readonly app: MeterProviderApi;
  /** Readers of which the last collection has not arrived. */
  readonly heldUp: Set<object>;
  /** Whether nobody sees what is collected. */
  readonly unseen: { value: boolean };
}

/** The SDK with those readers, whose series end. @param views false: each reader aggregates by itself */
export function endingSeries(
  readers: MetricReader[],
  { views = true, limit = LIMIT, ttlMillis = TTL } = {},
): EndingSeries {
  const log = createLog('none', () => {});
  const config = { ...DEFAULT_CONFIG, cardinalityLimit: limit };
  const heldUp = new Set<object>();
  const unseen = { value: false };
  const lifetimes = createLifetimes({
    ttlMillis,
    readers,
    isDelivered: (reader) => !heldUp.has(reader),
    isUnseen: () => unseen.value,
    onOver: showReturned,
    onUnforgettable: () => assert.fail('the SDK has another shape'),
    now: () => Date.now(),
  });
  const bounds = createBounds({ limit, warn: () => {}, lifetimes });
  for (const reader of readers) reader.selectCardinalityLimit = () => limit + 1;
  const sdk = new MeterProvider({ views: views ? createViews(config) : [], readers });
  const collections = createCollections();
  for (const reader of readers) {
    const after: Around['after'] = [(metrics) => keepStarts(reader, metrics)];
    collectInSlices(reader, { series: 1, millis: 0 });
    aroundCollect(reader, { before: [], after }, collections, lifetimes);
  }
  const { provider } = createAppMeterProvider({
    sdk: () => sdk,
    collections,
    config,
    bounds,
    guard: createGuard(log),
    log,
    onInstrument: () => {},
    drop: () => false,
  });
  return { sdk, bounds, app: provider, heldUp, unseen };
}
