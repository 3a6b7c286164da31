import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import { isMainThread } from 'node:worker_threads';
import type { MeterProvider as ApiMeterProvider } from '@opentelemetry/api';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import type { Recorder } from '../api/slot.ts';
import type { Config } from '../config/config.ts';
import { createExporter } from '../exporters/index.ts';
import type { Guard } from '../guest/guard.ts';
import type { Protocol } from '../guest/listening.ts';
import { load } from '../guest/load.ts';
import type { Log } from '../guest/log.ts';
import { FLUSH_MILLIS, watchProcessEnd } from '../guest/process-end.ts';
import { createBackground } from '../instruments/app/background.ts';
import { isMeasuredHere } from '../instruments/app/duplicates.ts';
import { createAppMeterProvider } from '../instruments/app/meter.ts';
import { createNotifyingProvider } from '../instruments/app/notifying.ts';
import { isPatchedByApp, onAppPatch } from '../instruments/http/app-patch.ts';
import type { Engine, EngineOptions } from '../instruments/http/engine.ts';
import { createIgnore } from '../instruments/http/ignore.ts';
import { startLeanEngine } from '../instruments/http/lean.ts';
import { createRequestMetrics } from '../instruments/http/request-metrics.ts';
import type { InRequest } from '../instruments/in-request/in-request.ts';
import { createManualRoutes } from '../instruments/routes/manual.ts';
import { createRouteOf } from '../instruments/routes/route-of.ts';
import type { RouteSource } from '../instruments/routes/route-source.ts';
import { GAUGES } from '../instruments/runtime/gauges.ts';
import { createResource } from '../resource.ts';
import { createFineHistograms } from '../views/fine-boundaries.ts';
import { createGaugeAggregation } from '../views/gauges.ts';
import { createMadeInstruments } from '../views/made-instruments.ts';
import { createViews } from '../views/views.ts';
import { afterCollect, atCollect, beforeCollect, drainUnreadReaders } from './around-collect.ts';
import { createPendingReader } from './pending.ts';

const OWN = "the app's own instruments";

/** What is said to be measured, by what the process listens for first. */
const MEASURED = {
  http: (perRoute: string) => `HTTP requests${perRoute}`,
  http2: (perRoute: string) => `HTTP/1 requests${perRoute} (not HTTP/2)`,
  none: (perRoute: string) => `${OWN}, and HTTP requests${perRoute} once it listens,`,
} as const;

/** The instrumentation scope of our own instruments. */
const SCOPE = 'routemeter';
/** That of the instruments that the app's code names in the in-request API. */
const APP_SCOPE = 'routemeter/app';
const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };

/** A running composition of instruments, views and exporters. */
export interface Pipeline {
  /** For the instruments that the app makes through the OpenTelemetry API. */
  readonly appMeters: ApiMeterProvider;
  /** For what the app's code counts and times in requests; undefined where nothing leaves the process. */
  readonly recorder: Recorder | undefined;
  /** The app has imported the in-request API. */
  trackRequests(): void;
  /**
   * Starts measuring.
   * @param protocol of the server that is about to listen, or has a request; undefined if the app has made an
   *   instrument instead
   */
  start(protocol: Protocol): void;
  /**
   * Measures a request that Node.js announced before `start`.
   * @param message what was published on `http.server.request.start`; undefined for what is not measured
   */
  beginRequest(message: unknown): void;
  /** Whether others are there already that have this process' measurements as soon as `open` returns. */
  canJoinAtOnce(): boolean;
  /**
   * Opens the exporters and says what is measured and where it goes; nothing if it is closed already.
   * @param server what the process listens by, or has a request to; undefined if the app has made an instrument instead
   */
  open(server: object | undefined): void;
  /** A server, of the app's unless it is an exporter's, is about to listen on that port: it is given up if it is ours. */
  releasePort(port: number, server: object): void;
  /**
   * The app has a MeterProvider of its own: its instruments are no longer ours, and if it measures HTTP itself too,
   * now or later, everything is closed.
   */
  stepAside(): void;
  /** Flushes and closes everything. Never rejects. */
  stop(): Promise<void>;
}

export interface PipelineOptions {
  readonly config: Config;
  readonly log: Log;
  readonly guard: Guard;
  readonly sources: readonly RouteSource[];
  /** The app made an instrument. */
  readonly onInstrument: () => void;
  /** The app has recorded something before `start`; called for each measurement, where anybody may have it at once. */
  readonly onRecord: () => void;
  /** Everything is closed, since the app measures for itself. */
  readonly onClosed: () => void;
}

/** Composes the pipeline. Nothing is opened, printed or timed before `open`. */
export function createPipeline({
  config,
  log,
  guard,
  sources,
  onInstrument,
  onRecord,
  onClosed,
}: PipelineOptions): Pipeline {
  const gaugeAggregation = createGaugeAggregation(config.gauges, GAUGES);
  const background = createBackground();
  const instruments = createMadeInstruments();
  const context = {
    config,
    log,
    guard,
    gaugeAggregation,
    instruments,
    inBackground: background.during,
    pendingOf: createPendingReader,
  };
  const exporters = config.exporters.map((exporter) => createExporter(exporter, context));
  const readers = exporters.map(({ reader }) => reader);
  // Where no view applies, a reader's own limit would act before ours.
  for (const reader of readers) reader.selectCardinalityLimit = () => config.cardinalityLimit + 1;
  const sdk = new MeterProvider({
    resource: createResource(config, version),
    views: createViews(config),
    readers,
  });
  const fine = exporters.some((exporter) => exporter.fine) ? createFineHistograms() : undefined;
  const silent = instruments.note(fine?.refine(sdk) ?? sdk);
  const prompt = exporters.filter((exporter) => exporter.prompt !== undefined);
  let notify = onRecord;
  /** Those of the runtime are nobody's loss. */
  const meters = prompt.length === 0 ? silent : createNotifyingProvider(silent, () => notify());
  for (const exporter of exporters) if (fine && !exporter.fine) afterCollect(exporter.reader, fine.fold);
  for (const reader of readers) afterCollect(reader, instruments.sort);
  const app = createAppMeterProvider({
    sdk: () => meters,
    readers,
    config,
    guard,
    log,
    onInstrument,
    background: () => background.active,
    drop: (scope, instrument) => isMeasuredHere(scope, instrument, config),
  });
  const closing: (() => void)[] = [];
  let started = false;
  let measured: keyof typeof MEASURED = 'none';
  let aside = false;
  let stopRuntime = (): void => {};
  let stopped: Promise<void> | undefined;

  const routes = createRouteOf(
    [...sources, ...(config.routes.length > 0 ? [createManualRoutes(config.routes)] : [])],
    guard,
  );
  const ignore = createIgnore(config.ignore);
  let engine: Engine | undefined;
  let inRequest: InRequest | undefined;
  for (const reader of readers) {
    beforeCollect(reader, () => inRequest?.flush());
    // What it ends is flushed by the above.
    atCollect(reader, () => engine?.sweep());
  }
  const useInRequest = (): InRequest => {
    if (inRequest !== undefined) return inRequest;
    const { createInRequest } = load<typeof import('../instruments/in-request/in-request.ts')>(
      './instruments/in-request/in-request',
    );
    inRequest = createInRequest({
      meter: meters.getMeter(APP_SCOPE, version),
      onInstrument,
      onRecord: () => notify(),
      routes,
      ignore,
      config,
      guard,
      log,
    });
    closing.push(inRequest.stop);
    return inRequest;
  };

  const measureHttp = (): void => {
    const metrics = createRequestMetrics(meters.getMeter(SCOPE, version), SCOPE, config, log, guard);
    for (const { reader } of exporters) afterCollect(reader, metrics.restore);
    const options = {
      metrics,
      routes,
      ignore,
      inRequest: () => inRequest,
      guard,
      isOwn: (server: Server) => exporters.some((exporter) => exporter.ownServer?.server === server),
    };
    if (config.cpu) useInRequest().track();
    engine = startEngine(options);
    closing.push(engine.stop, metrics.stop);
  };

  const startEngine = (options: EngineOptions): Engine => {
    if (config.httpEngine === 'lean') return startLeanEngine(options);
    const warn = (): void =>
      log.warn(
        'the app uses its own @opentelemetry/instrumentation-http: measuring with the lean engine instead',
      );
    if (isPatchedByApp()) {
      warn();
      return startLeanEngine(options);
    }
    const { startOtelEngine } = load<typeof import('../instruments/http/otel.ts')>('./instruments/http/otel');
    const otel = startOtelEngine(options);
    closing.push(
      onAppPatch(guard, () => {
        if (aside) return;
        warn();
        otel.retire();
      }),
    );
    return otel;
  };

  const measureHttpClient = (): void => {
    const client = load<typeof import('../instruments/http-client/measure.ts')>(
      './instruments/http-client/measure',
    );
    const meter = meters.getMeter(SCOPE, version);
    const isOwn = (agent: unknown): boolean =>
      exporters.some((exporter) => exporter.agent !== undefined && exporter.agent === agent);
    closing.push(client.measureHttpClient({ meter, config, log, guard, isOwn }));
  };

  const measureRuntime = guard('runtime', (): void => {
    const { startRuntimeMetrics } = load<typeof import('../instruments/runtime/runtime-metrics.ts')>(
      './instruments/runtime/runtime-metrics',
    );
    // Apart from the app's, which its own MeterProvider may take away.
    const own = createAppMeterProvider({
      sdk: () => silent,
      readers,
      config,
      guard,
      log,
      onInstrument,
      drop: () => false,
      // The instrumentation observes no delay where there were few samples since the last collection.
      keepsUnobserved: true,
    });
    const end = startRuntimeMetrics({
      meters: own.provider,
      scope: { name: SCOPE, version },
      process: isMainThread ? process : undefined,
      guard,
    });
    stopRuntime = () => {
      end();
      own.retire();
    };
  });

  const flush = async (deadlineMillis: number): Promise<void> => {
    inRequest?.release();
    await Promise.all(exporters.map((exporter) => exporter.processEnd?.flush(deadlineMillis)));
  };

  const handOver = (): void => {
    for (const exporter of exporters) exporter.processEnd?.handOver?.();
  };

  const exit = (): void => {
    inRequest?.release(true);
    for (const { processEnd } of exporters) (processEnd?.exit ?? processEnd?.handOver)?.();
  };

  /** "per route" only where a framework is seen that has them, or patterns are configured. */
  const whatIsMeasured = (server: object | undefined): string => {
    if (!config.httpEnabled) return OWN;
    const knows = guard('listen', () => routes.knows(server as Server | undefined));
    return MEASURED[measured](knows() === true ? ' per route' : '');
  };

  const open = async (server: object | undefined): Promise<void> => {
    if (stopped || !started) return;
    const opening = await Promise.all(exporters.map((exporter) => exporter.open()));
    const places = opening.filter((place) => place !== undefined);
    if (places.length === 0 || stopped) return;
    if (config.runtimeEnabled) measureRuntime();
    log.info(`measuring ${whatIsMeasured(server)} of ${config.serviceName}: ${places.join(', ')}`);
  };

  const stop = (flushMillis: number): Promise<void> => {
    stopped ??= (async () => {
      for (const close of closing.splice(0)) close();
      if (started && flushMillis > 0) await flush(flushMillis);
      // Not before: what its callbacks observe no more is forgotten.
      app.retire();
      if (!started) return;
      stopRuntime();
      await Promise.all(exporters.map((exporter) => exporter.close()));
    })();
    return stopped;
  };

  return {
    appMeters: app.provider,
    get recorder() {
      return exporters.length === 0 ? undefined : useInRequest().recorder;
    },
    trackRequests() {
      if (started && config.httpEnabled) useInRequest().track();
    },
    start(protocol) {
      if (exporters.length === 0) {
        log.info('no exporter is configured: nothing is measured');
        return;
      }
      started = true;
      notify = () => {
        for (const exporter of prompt) exporter.prompt?.recorded();
      };
      measured = protocol ?? 'none';
      if (config.httpEnabled) measureHttp();
      if (config.httpClientEnabled || config.fetchEnabled) measureHttpClient();
      for (const exporter of exporters) exporter.instrument?.(meters.getMeter(SCOPE, version));
      if (exporters.some((exporter) => exporter.processEnd !== undefined)) {
        closing.push(watchProcessEnd({ guard, flush, handOver, exit, process, signals: isMainThread }));
      }
      if (exporters.length > 1) closing.push(drainUnreadReaders(exporters));
    },
    beginRequest(message) {
      if (message !== undefined) engine?.begin(message);
    },
    canJoinAtOnce: () => exporters.some((exporter) => exporter.prompt?.canJoinAtOnce()),
    open: (server) => void open(server),
    releasePort(port, server) {
      for (const { ownServer } of exporters) if (ownServer?.server !== server) ownServer?.releasePort(port);
    },
    stepAside() {
      aside = true;
      app.retire();
      const close = (why: string): void => {
        log.info(`the app sets its own OpenTelemetry MeterProvider${why}: stepping aside`);
        void stop(0);
        onClosed();
      };
      if (!config.httpEnabled) return close('');
      if (isPatchedByApp()) return close(' and measures HTTP itself');
      closing.push(onAppPatch(guard, () => close(' and measures HTTP itself')));
      log.info(
        'the app sets its own OpenTelemetry MeterProvider: its instruments go there; ' +
          `only HTTP requests${config.runtimeEnabled ? ' and the runtime' : ''} are measured here`,
      );
    },
    stop: () => stop(FLUSH_MILLIS),
  };
}
