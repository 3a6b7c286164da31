import { MeterProvider, type MetricReader } from '@opentelemetry/sdk-metrics';
import type { Config } from '../src/config/config.ts';
import { createGuard } from '../src/guest/guard.ts';
import { createLog } from '../src/guest/log.ts';
import { createCollections, leaveOutUnobserved } from '../src/instruments/app/collections.ts';
import {
  type AppMeterOptions,
  type AppMeters,
  createAppMeterProvider,
} from '../src/instruments/app/meter.ts';
import { type Around, aroundCollect } from '../src/pipeline/around-collect.ts';
import { createBounds } from '../src/views/admission/bounds.ts';
import { createViews } from '../src/views/views.ts';
import { DEFAULT_CONFIG } from './config/default-config.ts';

/** The app's meters over a real SDK with those readers, and what is said on the way. */
export function appMeters(
  given: Partial<Config>,
  readers: MetricReader[],
  options: Partial<AppMeterOptions> = {},
): AppMeters & { readonly lines: string[] } {
  const config = { ...DEFAULT_CONFIG, ...given };
  const sdk = new MeterProvider({ views: createViews(config), readers });
  const lines: string[] = [];
  const log = createLog('info', (line) => lines.push(line));
  const collections = createCollections();
  const after: Around['after'] = [
    (metrics, collection) => collection && leaveOutUnobserved(metrics, collection),
  ];
  for (const reader of readers) aroundCollect(reader, { before: [], after }, collections);
  const app = createAppMeterProvider({
    sdk: () => sdk,
    collections,
    config,
    bounds: createBounds({ limit: config.cardinalityLimit, warn: (message) => log.warn(message) }),
    guard: createGuard(log),
    log,
    onInstrument: () => {},
    drop: () => false,
    ...options,
  });
  return { ...app, lines };
}
