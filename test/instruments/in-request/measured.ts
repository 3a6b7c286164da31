import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Attributes, createNoopMeter, type Meter, type MetricOptions } from '@opentelemetry/api';
import type { TagDeclaration } from '../../../src/config.ts';
import { createGuard } from '../../../src/guard.ts';
import { createAppInstruments } from '../../../src/instruments/in-request/app-instruments.ts';
import { RequestContext, type RequestContexts } from '../../../src/instruments/in-request/context.ts';
import { createRecorder, type InRequestRecorder } from '../../../src/instruments/in-request/recorder.ts';
import { createTags } from '../../../src/instruments/in-request/tags.ts';
import { createLog } from '../../../src/log.ts';

export type Recorded = readonly [instrument: string, value: number, attributes: Attributes];

/** What a meter is told. */
export interface ToldMeter {
  readonly meter: Meter;
  readonly created: readonly (readonly [kind: string, name: string, options: MetricOptions | undefined])[];
  readonly recorded: Recorded[];
}

export function toldMeter(): ToldMeter {
  const created: [string, string, MetricOptions | undefined][] = [];
  const recorded: Recorded[] = [];
  const create =
    (kind: string) =>
    (name: string, options?: MetricOptions): never => {
      created.push([kind, name, options]);
      const note = (value: number, attributes: Attributes) =>
        void recorded.push([name, value, { ...attributes }]);
      return { add: note, record: note } as never;
    };
  const meter: Meter = {
    ...createNoopMeter(),
    createCounter: create('counter'),
    createHistogram: create('histogram'),
  };
  return { meter, created, recorded };
}

/** A log whose lines are kept. */
export function keptLog() {
  const lines: string[] = [];
  return { log: createLog('debug', (line) => void lines.push(line.trimEnd())), lines };
}

export interface MeasuredRequests extends ToldMeter {
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
  /** False: requests are not told apart. */
  readonly tracked?: boolean;
}

/** A recorder over a meter that keeps what it is told, and requests that are told apart by hand. */
export function measuredRequests(options: MeasuredOptions = {}): MeasuredRequests {
  const told = toldMeter();
  const { log, lines } = keptLog();
  const contexts: RequestContexts = {
    enter: () => measured.request(),
    continue: () => {},
    of: () => undefined,
    current: () => measured.current,
    busySeconds: () => undefined,
    run: (_part, work) => work(),
    stop: () => {},
  };
  const measured: MeasuredRequests = {
    ...told,
    lines,
    current: undefined,
    now: 0,
    request: () => new RequestContext({} as IncomingMessage, {} as ServerResponse),
    recorder: createRecorder({
      instruments: createAppInstruments(told.meter, log),
      tags: createTags(options.tags ?? [], log),
      contexts: () => (options.tracked === false ? undefined : contexts),
      routeOf: () => options.routeSoFar,
      cpu: false,
      now: () => measured.now,
      guard: createGuard(log),
      log,
    }),
  };
  return measured;
}
