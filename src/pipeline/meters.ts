import type { MeterProvider as MeterProviderApi } from '@opentelemetry/api';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import type { Config } from '../config/config.ts';
import type { Exporter } from '../exporters/exporter.ts';
import type { Guard } from '../guest/guard.ts';
import { load } from '../guest/load.ts';
import type { Log } from '../guest/log.ts';
import { createCollections } from '../instruments/app/collections.ts';
import { isMeasuredHere } from '../instruments/app/duplicates.ts';
import { type AppMeterOptions, type AppMeters, createAppMeterProvider } from '../instruments/app/meter.ts';
import { createNotifyingProvider } from '../instruments/app/notifying.ts';
import { showReturned } from '../instruments/starts.ts';
import { createResource } from '../resource.ts';
import { createBounds } from '../views/admission/bounds.ts';
import { createLifetimes } from '../views/admission/lifetimes.ts';
import type { MadeInstruments } from '../views/made-instruments.ts';
import { createViews } from '../views/views.ts';
import { version } from './version.ts';

/** The instrumentation scope of our own instruments. */
export const SCOPE = 'routemeter';
/** The scope of the instruments that the app's code names in the in-request API. */
const APP_SCOPE = 'routemeter/app';

export interface MetersOptions {
  readonly config: Config;
  readonly log: Log;
  readonly guard: Guard;
  readonly exporters: readonly Exporter[];
  readonly instruments: MadeInstruments;
  /** The app made an instrument. */
  readonly onInstrument: () => void;
  /** Called after each measurement; undefined where no exporter needs to know. */
  readonly onRecord: (() => void) | undefined;
  /** Whether the collection that is being started is one that nobody asked for. */
  readonly background: () => boolean;
}

/**
 * The meters over the SDK's. From the outside in: an instrument bounds and filters (the app's only), notifies, is noted
 * in the order of creation, is refined, and records in the SDK.
 */
export function createMeters(options: MetersOptions) {
  const { config, log, guard, exporters, instruments, onInstrument, onRecord, background } = options;
  const readers = exporters.map(({ reader }) => reader);
  // An instrument without a view would otherwise meet the reader's own limit before ours.
  for (const reader of readers) reader.selectCardinalityLimit = () => config.cardinalityLimit + 1;
  const sdk = new MeterProvider({
    resource: createResource(config, version),
    views: createViews(config),
    readers,
  });
  const fine = exporters.some((exporter) => exporter.fine)
    ? load<typeof import('../views/fine-boundaries.ts')>('./views/fine-boundaries').createFineHistograms()
    : undefined;
  const silent = instruments.note(fine?.refine(sdk) ?? sdk);
  const notifying = onRecord === undefined ? silent : createNotifyingProvider(silent, onRecord);
  const collections = createCollections();
  const lifetimes =
    config.seriesTtlMillis === undefined
      ? undefined
      : createLifetimes({
          ttlMillis: config.seriesTtlMillis,
          readers,
          isDelivered: (reader) =>
            exporters.find((exporter) => exporter.reader === reader)?.delivered !== false,
          isUnseen: background,
          onOver: showReturned,
          onUnforgettable: () =>
            log.once(
              'series.ttl',
              'warn',
              'series do not end: the OpenTelemetry SDK has a form in which routemeter cannot end them; ' +
                'ROUTEMETER_SERIES_TTL has no effect',
            ),
          now: () => performance.now(),
        });
  const bounds = createBounds({
    limit: config.cardinalityLimit,
    warn: (message) => log.warn(message),
    lifetimes,
  });
  const createApp = (
    provider: MeterProviderApi,
    differences: Pick<AppMeterOptions, 'drop' | 'keepsUnobserved' | 'background'>,
  ): AppMeters =>
    createAppMeterProvider({
      sdk: () => provider,
      collections,
      config,
      bounds,
      guard,
      log,
      onInstrument,
      ...differences,
    });
  return {
    /** For our own instruments. */
    own: notifying.getMeter(SCOPE, version),
    /** For the instruments that the app's code names in the in-request API. */
    inRequest: notifying.getMeter(APP_SCOPE, version),
    /** For the instruments that the app makes through the OpenTelemetry API. */
    app: createApp(notifying, {
      background,
      drop: (scope, instrument) => isMeasuredHere(scope, instrument, config),
    }),
    /**
     * For Node's runtime metrics: the app's own MeterProvider does not replace them, and they notify no exporter. Their
     * instrumentation observes no delay if there were only few samples since the last collection.
     */
    createRuntime: () => createApp(silent, { drop: () => false, keepsUnobserved: true }),
    scope: { name: SCOPE, version },
    collections,
    bounds,
    /** Undefined if no exporter needs fine boundaries. */
    fine,
  };
}
