import type { Meter, MeterOptions, MeterProvider } from '@opentelemetry/api';
import { type Recorder, slot } from './api/slot.ts';
import type { Config, ConfigResult } from './config/config.ts';
import { formatProblems, isDisabled, readConfig, tellThreadsOfProcess } from './config/read.ts';
import type { Options } from './config/types.ts';
import { type ApiGlobal, installApiGlobal } from './guest/api-global.ts';
import { createFirstConnections } from './guest/first-connections.ts';
import { Gradual } from './guest/gradual.ts';
import { createGuard } from './guest/guard.ts';
import {
  type Arrival,
  type Listening,
  onceBound,
  onListen,
  onRequest,
  type Protocol,
} from './guest/listening.ts';
import { load } from './guest/load.ts';
import { createLoadedModules } from './guest/loaded-modules.ts';
import { createLog } from './guest/log.ts';
import { atOnce, type Steps } from './guest/slices.ts';
import { writeStderr } from './guest/stderr.ts';
import { routeSources } from './instruments/routes/index.ts';
import { createSources } from './instruments/routes/sources.ts';
import { mayComeLater, PARTS } from './pipeline/parts.ts';
import type { Pipeline } from './pipeline/pipeline.ts';

/** routemeter in one process or worker thread, whichever copy of the package was loaded first. */
export interface Session {
  /** Waits until there is something to measure. */
  preload(): void;
  start(options: Options): void;
  stop(): Promise<void>;
}

/** Milliseconds between two checks whether other processes can serve what is recorded before the event loop turns. */
const LOOK_MILLIS = 50;

const SESSION = Symbol.for('routemeter.session.v1');

/** The one session of this process: a second preload, or a copy bundled into the app, shares it. */
export function session(): Session {
  const existing = Reflect.get(globalThis, SESSION) as Session | undefined;
  if (existing !== undefined) return existing;
  const created = createSession();
  Object.defineProperty(globalThis, SESSION, { value: created });
  return created;
}

/**
 * - `idle`: nothing of ours is in place
 * - `waiting`: no server yet, no instrument yet; nothing is open
 * - `running`: measuring and exporting
 * - `off`: disabled, misconfigured, or stepped aside for the app's own OpenTelemetry
 */
type Phase = 'idle' | 'waiting' | 'running' | 'off';

function createSession(): Session {
  const log = createLog('info', writeStderr);
  const guard = createGuard(log);
  const modules = createLoadedModules(guard, log);
  const sources = createSources(routeSources);
  let phase: Phase = 'idle';
  let options: Options = {};
  let result: ConfigResult | undefined;
  let pipeline: Pipeline | undefined;
  let apiGlobal: ApiGlobal | undefined;
  let stopListening: (() => void) | undefined;
  let stopAwaitingRequest: (() => void) | undefined;
  let appHasOwnProvider = false;
  let sourcesInstalled = false;
  let activating = false;
  /** What is left of a start. */
  let starting: Gradual | undefined;
  const early = createFirstConnections(guard, (socket, server) => {
    starting?.finish();
    pipeline?.beginConnection(socket, server);
  });

  const configuration = (): ConfigResult => {
    result ??= readConfig(options);
    log.level = result.ok ? result.config.logLevel : result.logLevel;
    return result;
  };

  /** Builds the pipeline without opening, printing or timing anything. */
  const build = (): Pipeline | undefined => {
    starting?.finish();
    if (pipeline !== undefined) return pipeline;
    const read = configuration();
    if (!read.ok || phase === 'off') return undefined;
    pipeline = atOnce(compose(read.config));
    return pipeline;
  };

  const compose = (config: Config): Steps<Pipeline> => {
    const { createPipeline } = load<typeof import('./pipeline/compose.ts')>('./pipeline/compose');
    return createPipeline({
      config,
      log,
      guard,
      sources,
      look: modules.look,
      findBundled: modules.findBundled,
      onInstrument,
      onRecord,
      onClosed: shut,
    });
  };

  // The app may be about to set its own MeterProvider: open only after this turn of the event loop.
  const onInstrument = guard('meter', (): void => {
    if (phase !== 'waiting' || activating) return;
    activating = true;
    setImmediate(activate);
    // A process that calls process.exit before that still has to log that it measures nothing.
    if (configuration().ok) return;
    // A listener that is added during the exit is not called.
    if (Reflect.get(process, '_exiting') === true) onEarlyExit(Number(process.exitCode ?? 0));
    else process.once('exit', onEarlyExit);
  });

  let looked = Number.NEGATIVE_INFINITY;
  /** Joins a running group at once: the app may compute for long now, or never turn its event loop. */
  const onRecord = guard('listen', (): void => {
    if (phase !== 'waiting' || performance.now() - looked < LOOK_MILLIS) return;
    looked = performance.now();
    if (pipeline?.canJoinAtOnce()) activate(undefined, undefined, true);
  });

  const activate = guard('listen', (listening?: Listening, arrival?: Arrival, now?: boolean): void => {
    activating = false;
    if (starting !== undefined) {
      if (listening !== undefined) early.add(listening.server);
      if (listening === undefined || !mayWait(listening)) starting.finish();
    } else if (phase === 'waiting') {
      const outcome = reject();
      if (outcome === 'fatal') process.exit(1);
      if (outcome !== undefined) return;
      begin(listening, arrival, now === true);
    }
    if (arrival !== undefined) pipeline?.beginRequest(arrival.message);
  });

  const mayWait = ({ port }: Listening): boolean => {
    const read = configuration();
    return pipeline === undefined && read.ok && mayComeLater(read.config, port);
  };

  /** Starts now; or else, if nothing needs it before, step by step as soon as the server is bound. */
  const begin = (listening: Listening | undefined, arrival: Arrival | undefined, now: boolean): void => {
    const waits = listening !== undefined && mayWait(listening);
    if (listening !== undefined) early.add(listening.server);
    const open = (built: Pipeline): void => {
      const opening = guard('listen', () => built.open(listening?.server ?? arrival?.server));
      if (now) opening();
      else if (listening?.server.listening) setImmediate(opening);
      else onceBound(listening, opening);
    };
    starting = new Gradual(startSteps(waits, listening?.protocol ?? arrival?.protocol, open));
    if (!waits) {
      starting.finish();
      return;
    }
    const turn = guard('listen', () => {
      if (starting?.next()) setImmediate(turn);
    });
    onceBound(listening, turn);
  };

  const startSteps = function* (
    loadsFirst: boolean,
    protocol: Protocol,
    open: (built: Pipeline) => void,
  ): Steps {
    try {
      for (const part of loadsFirst ? PARTS : []) {
        load<unknown>(part);
        yield;
      }
      const read = configuration();
      if (!read.ok) return;
      pipeline ??= yield* compose(read.config);
      yield;
      phase = 'running';
      if (appHasOwnProvider) pipeline.stepAside();
      // Stepping aside may have closed it.
      if (phase !== 'running') return;
      for (const warning of read.warnings) log.warn(warning);
      yield* pipeline.start(protocol, early.servers);
      useRecorder();
      open(pipeline);
    } finally {
      starting = undefined;
      early.end();
      stopAwaitingRequest?.();
    }
  };

  /** Logs what is wrong with the configuration and gives up; undefined if nothing is wrong. */
  const reject = (): 'fatal' | 'unmeasured' | undefined => {
    process.off('exit', onEarlyExit);
    const read = configuration();
    if (read.ok) return undefined;
    shut();
    log.error(formatProblems(read.problems, read.strict));
    return read.strict ? 'fatal' : 'unmeasured';
  };

  const onEarlyExit = guard('exit', (code: number): void => {
    if (phase === 'waiting' && reject() === 'fatal' && code === 0) process.exitCode = 1;
  });

  const stopWatching = (): void => {
    stopListening?.();
    stopAwaitingRequest?.();
  };

  const shut = (): void => {
    phase = 'off';
    starting?.cancel();
    pipeline = undefined;
    offerRecorder(false);
    stopWatching();
    apiGlobal?.retire();
  };

  const onReplaced = guard('api.register', (): void => {
    appHasOwnProvider = true;
    starting?.finish();
    if (phase === 'running') pipeline?.stepAside();
  });

  /** Stands in for the SDK's provider until an instrument is made. */
  const provider: MeterProvider = {
    getMeter(name: string, version?: string, meterOptions?: MeterOptions): Meter {
      const built = guard('meter', build)();
      if (built !== undefined) return built.appMeters.getMeter(name, version, meterOptions);
      return load<typeof import('./guest/noop-meter.ts')>('./guest/noop-meter').createUnmeasuredMeter(
        onInstrument,
      );
    },
  };

  const built = guard('in-request', (): Recorder | undefined => {
    const found = build();
    if (found === undefined) onInstrument();
    return found?.recorder;
  });
  /** Stands in for the pipeline's recorder until that is running. */
  const recorder: Recorder = {
    count: (name, value, attributes) => built()?.count(name, value, attributes),
    observe: (name, value, options) => built()?.observe(name, value, options),
    tag: () => {},
    route: () => {},
    ignore: () => {},
    begin: (name) => built()?.begin(name),
  };

  const useRecorder = guard('in-request', (): void => {
    const shared = slot();
    if (phase !== 'running' || pipeline === undefined || !shared.imported) return;
    pipeline.trackRequests();
    shared.recorder = pipeline.recorder;
  });

  const offerRecorder = (offered: boolean): void => {
    const shared = slot();
    shared.recorder = offered ? recorder : undefined;
    shared.onImport = offered ? () => void useRecorder() : undefined;
    shared.answerMetrics = offered ? (request) => pipeline?.answerMetrics?.(request) : undefined;
  };

  const watch = (): void => {
    phase = 'waiting';
    offerRecorder(true);
    apiGlobal = installApiGlobal(provider, onReplaced);
    appHasOwnProvider = apiGlobal === undefined;
    stopListening = onListen(guard, (listening) => {
      if (listening.protocol !== undefined) activate(listening);
      if (listening.port !== undefined) pipeline?.releasePort(listening.port, listening.server);
    });
    stopAwaitingRequest = onRequest(guard, (arrival) => activate(undefined, arrival));
    if (!sourcesInstalled) sources.install(guard, modules.patch, modules.onPackage);
    sourcesInstalled = true;
  };

  return {
    preload() {
      if (phase !== 'idle') return;
      if (isDisabled()) {
        phase = 'off';
        return;
      }
      watch();
      tellThreadsOfProcess();
    },
    start(given) {
      starting?.finish();
      if (phase === 'running') {
        log.warn('start() has no effect: already measuring in this process');
        return;
      }
      if (isDisabled()) return;
      if (pipeline === undefined) {
        options = given;
        result = undefined;
      } else if (Object.keys(given).length > 0) {
        log.warn('the options of start() have no effect: the app had already created an instrument');
      }
      if (phase !== 'waiting') watch();
      activate();
    },
    async stop() {
      starting?.finish();
      stopWatching();
      apiGlobal?.retire();
      offerRecorder(false);
      const stopping = pipeline;
      pipeline = undefined;
      result = undefined;
      options = {};
      phase = 'idle';
      await stopping?.stop();
    },
  };
}
