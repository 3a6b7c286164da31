import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Attributes, createNoopMeter, type Meter, type MetricOptions } from '@opentelemetry/api';
import type { TagDeclaration } from '../../../src/config/types.ts';
import { createGuard } from '../../../src/guest/guard.ts';
import { createLog, type Log } from '../../../src/guest/log.ts';
import {
  type AppInstrument,
  type AppInstruments,
  createAppInstruments,
} from '../../../src/instruments/in-request/app-instruments.ts';
import { RequestContext, type RequestContexts } from '../../../src/instruments/in-request/context.ts';
import { createNamedRoutes } from '../../../src/instruments/in-request/named-routes.ts';
import { createRecorder, type InRequestRecorder } from '../../../src/instruments/in-request/recorder.ts';
import { createTags } from '../../../src/instruments/in-request/tags.ts';
import { createBounds } from '../../../src/views/admission/bounds.ts';
import { DEFAULT_CONFIG } from '../../config/default-config.ts';

export type Recorded = readonly [instrument: string, value: number, attributes: Attributes];

/** A meter that says what is made of it. */
export function toldMeter() {
  const created: [kind: string, name: string, options: MetricOptions | undefined][] = [];
  const added: Recorded[] = [];
  const noop = createNoopMeter();
  const meter: Meter = {
    ...noop,
    createCounter(name, options) {
      created.push(['counter', name, options]);
      return {
        add: (value, attributes) => void added.push([name, value, { ...attributes }]),
      };
    },
    createHistogram(name, options) {
      created.push(['histogram', name, options]);
      return noop.createHistogram(name, options);
    },
  };
  return { meter, created, added };
}

/** The instruments of a meter, made as the app names them. */
export function instrumentsOf(meter: Meter, log: Log): AppInstruments {
  return createAppInstruments({
    meter,
    config: DEFAULT_CONFIG,
    bounds: createBounds({ limit: DEFAULT_CONFIG.cardinalityLimit, warn: (message) => log.warn(message) }),
    log,
    onInstrument: () => {},
  });
}

/** The same instruments, and what they are told. */
function told(inner: AppInstruments): { instruments: AppInstruments; recorded: Recorded[] } {
  const recorded: Recorded[] = [];
  const outer = new Map<AppInstrument, AppInstrument>();
  const noted = <Found extends AppInstrument | undefined>(name: string, instrument: Found): Found => {
    if (instrument === undefined) return instrument;
    const known = outer.get(instrument) ?? {
      ...instrument,
      record(value, attributes) {
        recorded.push([name, value, { ...attributes }]);
        instrument.record(value, attributes);
      },
    };
    outer.set(instrument, known);
    return known as Found;
  };
  return {
    recorded,
    instruments: {
      counter: (name) => noted(name, inner.counter(name)),
      histogram: (name, unit) => noted(name, inner.histogram(name, unit)),
      busyTime: (name) => noted(`${name}.cpu`, inner.busyTime(name)),
    },
  };
}

/** A log whose lines are kept. */
export function keptLog() {
  const lines: string[] = [];
  return { log: createLog('debug', (line) => void lines.push(line.trimEnd())), lines };
}

export interface MeasuredRequests {
  readonly created: ReturnType<typeof toldMeter>['created'];
  readonly recorded: readonly Recorded[];
  readonly recorder: InRequestRecorder;
  readonly lines: readonly string[];
  /** Which request the code belongs to that runs now. */
  current: RequestContext | undefined;
  /** Milliseconds. */
  now: number;
  request(): RequestContext;
}

export interface MeasuredOptions {
  readonly tags?: readonly TagDeclaration[];
  /** The route as far as it is known of a request that is still being handled. */
  readonly routeSoFar?: string;
  /** Of every request; undefined if it is none. */
  readonly streamKind?: string;
  /** False: requests are not told apart. */
  readonly tracked?: boolean;
}

/** A recorder over a meter that keeps what it is told, and requests that are told apart by hand. */
export function measuredRequests(options: MeasuredOptions = {}): MeasuredRequests {
  const { meter, created } = toldMeter();
  const { log, lines } = keptLog();
  const { instruments, recorded } = told(instrumentsOf(meter, log));
  const contexts: RequestContexts = {
    enter: () => measured.request(),
    adopt: () => measured.request(),
    adopted: () => undefined,
    enterStream: () => measured.request(),
    follow: () => {},
    continue: () => {},
    current: () => measured.current,
    busySeconds: () => undefined,
    run: (_part, work) => work(),
    stop: () => {},
  };
  const measured: MeasuredRequests = {
    created,
    recorded,
    lines,
    current: undefined,
    now: 0,
    request: () =>
      new RequestContext({
        request: {} as IncomingMessage,
        response: {} as ServerResponse,
        incomingUrl: '/',
        tags: undefined,
        kindSoFar: () => options.streamKind,
      }),
    recorder: createRecorder({
      instruments,
      tags: createTags(options.tags ?? [], log),
      namedRoutes: createNamedRoutes(log),
      contexts: () => (options.tracked === false ? undefined : contexts),
      routeOf: () => options.routeSoFar,
      measuresBusy: false,
      now: () => measured.now,
      guard: createGuard(log),
      log,
    }),
  };
  return measured;
}
