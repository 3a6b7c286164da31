import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { isMainThread } from 'node:worker_threads';
import type { MetricReader } from '@opentelemetry/sdk-metrics';
import type { ExporterContext } from '../exporters/exporter.ts';
import { createExporter } from '../exporters/index.ts';
import { getBuiltinModule } from '../guest/builtin.ts';
import type { Protocol } from '../guest/listening.ts';
import { load } from '../guest/load.ts';
import { FLUSH_MILLIS, watchProcessEnd } from '../guest/process-end.ts';
import type { Steps } from '../guest/slices.ts';
import { nextTurn } from '../guest/turn.ts';
import { createBackground, leaveOutUnobserved } from '../instruments/app/collections.ts';
import type { Engine } from '../instruments/http/engine.ts';
import { startEngine } from '../instruments/http/engines.ts';
import { createHeaderTags } from '../instruments/http/header-tags.ts';
import { createRequestMetrics } from '../instruments/http/request-metrics.ts';
import { createIgnore } from '../instruments/ignore.ts';
import type { InRequest } from '../instruments/in-request/in-request.ts';
import { observeOverflows } from '../instruments/overflow-metric.ts';
import { createRouteOf } from '../instruments/routes/route-of.ts';
import { GAUGES } from '../instruments/runtime/gauge-aggregations.ts';
import { keepStarts } from '../instruments/starts.ts';
import { createGaugeAggregation } from '../views/gauge-aggregation.ts';
import { createMadeInstruments } from '../views/made-instruments.ts';
import { createAllExporters } from './all-exporters.ts';
import { type Around, aroundCollect } from './around-collect.ts';
import { collectInSlices } from './collect-in-slices.ts';
import { whatIsMeasured } from './measured.ts';
import { createMeters } from './meters.ts';
import { createPendingReader } from './pending.ts';
import type { Pipeline, PipelineOptions } from './pipeline.ts';

/**
 * Composes the pipeline; nothing is opened, printed or timed before `open`. From here to the end of the function: the
 * parts, what happens around a collection, what is measured, and the life of the whole. A `yield` is where the app may
 * come to its turn.
 */
export function* createPipeline(options: PipelineOptions): Steps<Pipeline> {
  const { config, log, guard, onInstrument } = options;
  const closing: (() => void)[] = [];
  let started = false;
  let steppingAside = false;
  let stopped: Promise<void> | undefined;

  const background = createBackground();
  const instruments = createMadeInstruments();
  const context: ExporterContext = {
    config,
    log,
    guard,
    instruments,
    gaugeAggregation: createGaugeAggregation(config.gauges, GAUGES),
    inBackground: background.during,
    pendingOf: (reader) => createPendingReader(reader, around(reader)),
  };
  const each = config.exporters.map((exporter) => createExporter(exporter, context));
  const exporters = createAllExporters(each);
  yield;
  const recorded = (): void => (started ? exporters.recorded() : options.onRecord());
  const meters = createMeters({
    config,
    log,
    guard,
    exporters: each,
    instruments,
    onInstrument,
    onRecord: exporters.arePrompt ? recorded : undefined,
    background: () => background.active,
  });
  yield;
  const manual =
    config.routes.length === 0
      ? undefined
      : load<typeof import('../instruments/routes/manual.ts')>(
          './instruments/routes/manual',
        ).createManualRoutes(config.routes);
  const routes = createRouteOf(options.sources, manual, guard, options.look);
  const ignore = createIgnore(config.ignore);
  let engine: Engine | undefined;
  let inRequest: InRequest | undefined;

  /** What happens around each collection of a reader, in this order. */
  const around = (reader: MetricReader): Around => ({
    before: [
      // Ends requests whose end the engine was not told of; too slow to do whenever pending values are read.
      (collection) => collection && engine?.sweep(),
      (collection) => collection && inRequest?.releaseStreams(),
      // A scrape that comes early has the runtime as well.
      (collection) => collection && !background.active && finishRuntime(),
    ],
    after: [
      // Boundaries as configured, and instruments in the order of their creation.
      (metrics) => exporters.isFine(reader) || meters.fine?.fold(metrics),
      (metrics) => instruments.sort(metrics),
      (metrics) => config.seriesTtlMillis !== undefined && keepStarts(reader, metrics),
      (metrics, collection) => collection && leaveOutUnobserved(metrics, collection),
    ],
  });
  for (const { reader } of each) {
    collectInSlices(reader);
    aroundCollect(reader, around(reader), meters.collections, meters.bounds.lifetimes);
  }

  const useInRequest = (): InRequest => {
    if (inRequest !== undefined) return inRequest;
    const { createInRequest } = load<typeof import('../instruments/in-request/in-request.ts')>(
      './instruments/in-request/in-request',
    );
    const meter = meters.inRequest;
    inRequest = createInRequest({
      meter,
      bounds: meters.bounds,
      onInstrument,
      routes,
      ignore,
      config,
      guard,
      log,
    });
    closing.push(inRequest.stop);
    return inRequest;
  };

  const measureHttp = function* (listening: readonly Server[]): Steps {
    const knows = guard('route', () => routes.knows(undefined));
    const metrics = createRequestMetrics({
      meter: meters.own,
      config,
      bounds: meters.bounds,
      log,
      guard,
      findBundled: async () => (knows() === true ? [] : options.findBundled()),
    });
    yield;
    if (config.cpu) useInRequest().track();
    engine = startEngine(config.httpEngine, {
      metrics,
      routes,
      ignore,
      inRequest: () => inRequest,
      optIn: config,
      headerTags: createHeaderTags(config.tags),
      guard,
      log,
      listening,
      isOwn: exporters.ownsServer,
      isSteppingAside: () => steppingAside,
    });
    metrics.watchStreams(engine.streams);
    closing.push(engine.stop, metrics.stop);
  };

  const measureHttpClient = (): void => {
    const client = load<typeof import('../instruments/http-client/measure.ts')>(
      './instruments/http-client/measure',
    );
    const isOwn = exporters.ownsAgent;
    const { own: meter, bounds } = meters;
    closing.push(client.measureHttpClient({ meter, config, bounds, guard, isOwn }));
  };

  let stopRuntime = (): void => {};
  const createRuntime = guard('runtime', () => {
    const { createRuntimeMetrics } = load<typeof import('../instruments/runtime/runtime-metrics.ts')>(
      './instruments/runtime/runtime-metrics',
    );
    const { provider, retire } = meters.createRuntime();
    const metrics = createRuntimeMetrics({
      meters: provider,
      scope: meters.scope,
      process: isMainThread ? process : undefined,
      fs: getBuiltinModule('node:fs'),
      v8: getBuiltinModule('node:v8'),
      guard,
    });
    stopRuntime = () => {
      metrics.end();
      retire();
    };
    return metrics;
  });

  /** What is still to be done before the runtime is measured, a turn of the event loop each. */
  const runtimeSteps: (() => void)[] = [];
  const finishRuntime = (): void => {
    for (let step = runtimeSteps.shift(); step !== undefined; step = runtimeSteps.shift()) step();
  };
  const measureRuntime = async (): Promise<void> => {
    runtimeSteps.push(() => void runtimeSteps.push(...(createRuntime()?.steps ?? [])));
    while (runtimeSteps.length > 0) {
      await nextTurn();
      runtimeSteps.shift()?.();
    }
  };

  const flush = async (deadlineMillis: number): Promise<void> => {
    inRequest?.release();
    await exporters.flush(deadlineMillis);
  };

  const exit = (): void => {
    inRequest?.release(true);
    exporters.exit();
  };

  let measured: Protocol;
  const start = function* (protocol: Protocol, listening: readonly object[]): Steps {
    if (each.length === 0) {
      log.info('no exporter is configured: nothing is measured');
      return;
    }
    started = true;
    if (config.httpEnabled) yield* measureHttp(listening as readonly Server[]);
    if (config.httpClientEnabled || config.fetchEnabled) measureHttpClient();
    exporters.instrument(meters.own);
    observeOverflows(meters.own, meters.bounds.overflows, guard);
    if (exporters.actAtProcessEnd) {
      const { handOver } = exporters;
      closing.push(watchProcessEnd({ guard, flush, handOver, exit, process, signals: isMainThread }));
    }
    closing.push(exporters.drainUnread(background.during));
    measured = protocol;
  };

  const open = async (server: object | undefined): Promise<void> => {
    if (stopped || !started) return;
    const places = await exporters.open();
    if (places.length === 0 || stopped) return;
    if (config.runtimeEnabled) void measureRuntime();
    const knows = guard('listen', () => routes.knows(server as Server | undefined));
    const what = whatIsMeasured(config.httpEnabled, measured, knows() === true);
    log.info(`measuring ${what} of ${config.serviceName}: ${places.join(', ')}`);
  };

  const stop = (flushMillis: number): Promise<void> => {
    stopped ??= (async () => {
      for (const close of closing.splice(0)) close();
      runtimeSteps.length = 0;
      if (started && flushMillis > 0) await flush(flushMillis);
      // Not earlier: series that callbacks no longer observe would be missing from the last export.
      meters.app.retire();
      if (!started) return;
      stopRuntime();
      await exporters.close();
    })();
    return stopped;
  };

  return {
    answerMetrics: exporters.answerMetrics,
    appMeters: meters.app.provider,
    get recorder() {
      return each.length === 0 ? undefined : useInRequest().recorder;
    },
    trackRequests() {
      if (!started || !config.httpEnabled) return;
      useInRequest().track();
      engine?.adopt();
    },
    start,
    beginConnection(socket, server) {
      engine?.connect?.(socket as Socket, server as Server);
    },
    beginRequest(message) {
      if (message !== undefined) engine?.begin(message);
    },
    canJoinAtOnce: exporters.canJoinAtOnce,
    open(server) {
      open(server).catch(
        guard('listen', (error: unknown) => {
          throw error;
        }),
      );
    },
    releasePort: exporters.releasePort,
    stepAside() {
      steppingAside = true;
      meters.app.retire();
      const close = (): void => {
        void stop(0);
        options.onClosed();
      };
      const { stepAside } = load<typeof import('./step-aside.ts')>('./pipeline/step-aside');
      closing.push(stepAside({ config, log, guard, close }));
    },
    stop: () => stop(FLUSH_MILLIS),
  };
}
