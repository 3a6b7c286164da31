import type { Attributes } from '@opentelemetry/api';
import type { Outcome, Recorder, Section } from '../../api/slot.ts';
import type { Guard } from '../../guest/guard.ts';
import type { Log } from '../../guest/log.ts';
import { isRecord } from '../../guest/shape.ts';
import { printed } from '../../guest/text.ts';
import { MOST } from '../app/measurable.ts';
import type { AppInstrument, AppInstruments } from './app-instruments.ts';
import { type BusySection, createBusySection } from './busy-section.ts';
import type { RequestContext, RequestContexts } from './context.ts';
import type { NamedRoutes } from './named-routes.ts';
import type { Tags } from './tags.ts';
import { createThrownTypes } from './thrown-type.ts';

export interface RecorderOptions {
  readonly instruments: AppInstruments;
  readonly tags: Tags;
  readonly namedRoutes: NamedRoutes;
  /** Undefined without per-request tracking. */
  readonly contexts: () => RequestContexts | undefined;
  /** The route of an open request, as far as it is known. */
  readonly routeOf: (context: RequestContext) => string | undefined;
  /** Whether busy time is measured. */
  readonly measuresBusy: boolean;
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
  readonly guard: Guard;
  readonly log: Log;
}

/** The recorder behind the in-request API. */
export interface InRequestRecorder extends Recorder {
  /** The request is over: records what it has held back, and later measurements at once. */
  finish(context: RequestContext, route: string | undefined): void;
  /** Records what open streams hold back, with the routes and tags that are known so far. */
  releaseStreams(): void;
  /**
   * Records what open requests hold back, with the routes that are known so far.
   *
   * @param ends whether the process ends: from then on everything is recorded at once
   */
  release(ends?: boolean): void;
}

/** Measurements that a request holds back at most; then they are recorded with the route that is known so far. */
const MOST_HELD = 1000;
/** The same for a stream, of which there may be tens of thousands. */
const MOST_HELD_BY_STREAM = 100;
/** How to set attributes instead. */
const ATTRIBUTES =
  'use tag() for labels that ROUTEMETER_TAGS declares, or an instrument of @opentelemetry/api';

/**
 * Holds back what the code of a request counts and times until the request is over and its route is known, and then
 * records it with that route and the request's tags. What the code of a stream does is recorded at each collection.
 */
export function createRecorder(options: RecorderOptions): InRequestRecorder {
  const { instruments, tags, namedRoutes, contexts, routeOf, measuresBusy, now, guard, log } = options;
  const errorTypeOfThrown = createThrownTypes(log);

  const attributesOf = (context: RequestContext | undefined, errorType: string | undefined): Attributes => {
    const attributes: Attributes = {};
    if (context?.route !== undefined) attributes['http.route'] = context.route;
    if (errorType !== undefined) attributes['error.type'] = errorType;
    if (context?.tags !== undefined) tags.addTo(attributes, context);
    return attributes;
  };

  /** The requests that hold something back, in no order. A set would cost 0.7 µs more per request. */
  const holding: RequestContext[] = [];

  let ending = false;

  const hold = (context: RequestContext): void => {
    context.place = holding.length;
    holding.push(context);
  };

  const letGo = (context: RequestContext): void => {
    const last = holding.pop();
    if (last !== undefined && last !== context) {
      last.place = context.place;
      holding[context.place] = last;
    }
    context.place = -1;
  };

  const release = (context: RequestContext): void => {
    const { held } = context;
    if (held === undefined || held.length === 0) return;
    const attributes = attributesOf(context, undefined);
    for (const { instrument, value, errorType } of held) {
      instrument.record(value, errorType === undefined ? attributes : attributesOf(context, errorType));
    }
    // Emptying the array takes longer than making another.
    context.held = [];
    letGo(context);
  };

  const measure = (
    context: RequestContext | undefined,
    instrument: AppInstrument,
    value: number,
    errorType?: string,
  ): void => {
    const held = context?.held;
    if (context === undefined || held === undefined || ending) {
      instrument.record(value, attributesOf(context, errorType));
      return;
    }
    const same = instrument.kind === 'counter' && held.find((each) => each.instrument === instrument);
    if (same) same.value += value;
    else {
      if (context.place < 0) hold(context);
      held.push({ instrument, value, errorType });
    }
    const isFull = held.length >= MOST_HELD || (held.length === MOST_HELD_BY_STREAM && isStream(context));
    if (isFull) releaseEarly(context);
  };

  const releaseEarly = (context: RequestContext): void => {
    context.route = routeOf(context);
    release(context);
  };

  const isMeasurable = (name: string, value: number): boolean => {
    if (typeof value === 'number' && value >= 0 && value <= MOST) return true;
    const what = `${printed(name)} is not measured: ${printed(value)} is not a number from 0 to ${MOST}`;
    if (isRecord(value)) log.once('in-request.attributes', 'warn', `${what}; ${ATTRIBUTES}`);
    else log.once('in-request.value', 'warn', what);
    return false;
  };

  /** Warns of attributes given as other libraries take them; the measurement counts even so. */
  const tellOfAttributes = (name: string, attributes: unknown): void => {
    if (!isRecord(attributes)) return;
    log.once(
      'in-request.attributes',
      'warn',
      `${printed(name)} is measured without ${printed(attributes)}: ${ATTRIBUTES}`,
    );
  };

  const request = (): RequestContext | undefined => contexts()?.current()?.request;

  const end = guard('in-request', (section: TimedSection, outcome: Outcome): void => {
    const { name, context, busy } = section;
    const errorType = outcome.failed ? errorTypeOfThrown(outcome.error) : undefined;
    measure(context, section.duration, (now() - section.start) / 1000, errorType);
    const seconds = busy?.end();
    if (seconds !== undefined) measure(context, instruments.busyTime(name), seconds, errorType);
  });

  const begin = (name: string): Section | undefined => {
    const duration = instruments.histogram(name, 's');
    if (duration === undefined) return undefined;
    const tracking = contexts();
    const within = tracking?.current();
    const busy = measuresBusy && tracking !== undefined ? createBusySection(tracking, within) : undefined;
    return new TimedSection(end, name, duration, within?.request, busy, now());
  };

  return {
    count: guard('in-request', (name, value, attributes) => {
      const counter = isMeasurable(name, value) ? instruments.counter(name) : undefined;
      if (counter === undefined) return;
      measure(request(), counter, value);
      if (attributes !== undefined) tellOfAttributes(name, attributes);
    }),
    observe: guard('in-request', (name, value, options) => {
      const histogram = isMeasurable(name, value) ? instruments.histogram(name, options?.unit) : undefined;
      if (histogram === undefined) return;
      measure(request(), histogram, value);
      for (const key in options) if (key !== 'unit') tellOfAttributes(name, options);
    }),
    tag: guard('in-request', (key, value) => {
      const context = request();
      if (context?.held !== undefined) tags.set(context, key, value);
    }),
    route: guard('in-request', (pattern) => {
      const context = request() ?? contexts()?.adopted();
      if (context?.held !== undefined) namedRoutes.set(context, pattern);
    }),
    ignore: guard('in-request', () => {
      const context = request() ?? contexts()?.adopted();
      if (context?.held !== undefined) context.ignored = true;
    }),
    begin: guard('in-request', begin),
    releaseStreams() {
      for (const context of holding.filter(isStream)) releaseEarly(context);
    },
    release(ends = false) {
      ending ||= ends;
      for (const context of [...holding]) releaseEarly(context);
    },
    finish(context, route) {
      context.route = route;
      release(context);
      context.held = undefined;
      context.handled = undefined;
    },
  };
}

const isStream = ({ handled }: RequestContext): boolean => handled?.kindSoFar() !== undefined;

class TimedSection implements Section {
  readonly name: string;
  readonly duration: AppInstrument;
  readonly context: RequestContext | undefined;
  readonly busy: BusySection | undefined;
  /** Milliseconds. */
  readonly start: number;
  readonly #finish: (section: TimedSection, outcome: Outcome) => void;
  #ended = false;

  constructor(
    finish: (section: TimedSection, outcome: Outcome) => void,
    name: string,
    duration: AppInstrument,
    context: RequestContext | undefined,
    busy: BusySection | undefined,
    start: number,
  ) {
    this.#finish = finish;
    this.name = name;
    this.duration = duration;
    this.context = context;
    this.busy = busy;
    this.start = start;
  }

  run<Result>(work: () => Result): Result {
    return this.busy === undefined ? work() : this.busy.run(work);
  }

  end(outcome: Outcome): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#finish(this, outcome);
  }
}
