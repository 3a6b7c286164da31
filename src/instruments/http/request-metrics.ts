import { type Attributes, type Meter, ValueType } from '@opentelemetry/api';
import type { Config } from '../../config/config.ts';
import type { Guard } from '../../guest/guard.ts';
import type { Log } from '../../guest/log.ts';
import type { Bounds } from '../../views/admission/bounds.ts';
import { createHttpAdmission } from '../../views/admission/collapsing.ts';
import { createAttributeFilter } from '../../views/attribute-filter.ts';
import { type Bind, type BoundSeries, binder, forgetAll } from '../bound-series.ts';
import { createHistogram } from '../histogram.ts';
import {
  ATTRIBUTES,
  createKnownMethods,
  createTakeValue,
  type Exchange,
  tagAttributes,
} from './attributes.ts';
import { createDetailMetrics, type DetailSeries } from './detail-metrics.ts';
import { createStreamMetrics } from './stream-metrics.ts';
import { createUnroutedNotice } from './unrouted.ts';

const DURATION = 'http.server.request.duration';
const CPU = 'http.server.request.cpu.duration';
const ACTIVE = 'http.server.active_requests';
const METHOD = 'http.request.method';

/** Requests in progress with one method and scheme: a plain integer, read when metrics are collected. */
export interface ActiveRequests {
  /** `_OTHER` if it is not known. */
  readonly method: string;
  readonly attributes: Attributes;
  count: number;
}

/** The requests of one series. */
interface RequestSeries {
  readonly duration: BoundSeries;
  /** Undefined if it is not configured. */
  readonly cpu: BoundSeries | undefined;
  /** Undefined if none of them is configured. */
  readonly details: DetailSeries | undefined;
}

export interface RequestMetricsOptions {
  readonly meter: Meter;
  readonly config: Config;
  readonly bounds: Bounds;
  readonly log: Log;
  readonly guard: Guard;
  /** The frameworks that are bundled into the app and therefore not patched. */
  readonly findBundled: () => Promise<readonly string[]>;
}

/**
 * `http.server.request.duration` (histogram, seconds), `http.server.request.cpu.duration` (the same, if
 * configured) and `http.server.active_requests` (up-down counter), all bounded for the life of the process. What is a
 * stream is counted by `stream-metrics.ts` instead.
 * https://opentelemetry.io/docs/specs/semconv/http/http-metrics/
 */
export function createRequestMetrics(options: RequestMetricsOptions) {
  const { meter, config, bounds, log, guard, findBundled } = options;
  const histogram = (name: string, description: string): Bind =>
    binder(createHistogram(meter, name, { description, unit: 's' }, config.buckets));
  const duration = histogram(DURATION, 'Duration of HTTP server requests.');
  const cpu = config.cpu ? histogram(CPU, 'How long HTTP server requests kept the thread busy.') : undefined;
  const attributes = [...ATTRIBUTES, ...tagAttributes(config.tags)];
  const keep = createAttributeFilter(config.attributes, (name) =>
    attributes.some((attribute) => attribute.name === name && attribute.required),
  );
  const kept = attributes.map(({ name }) => name).filter(keep);
  const isDetailed = config.queue || config.firstByte || config.bodySize;
  const details = isDetailed ? createDetailMetrics(meter, config) : undefined;
  const admission = createHttpAdmission({
    instrument: DURATION,
    attributes: kept,
    bounds,
    register: (attributes): RequestSeries => ({
      duration: duration(attributes),
      cpu: cpu?.(attributes),
      details: details?.(attributes),
    }),
    end: {
      forget: ({ duration, cpu, details }, reader) =>
        forgetAll([duration, cpu, ...(details?.all ?? [])], reader),
    },
  });
  const noteRoute = keep('http.route') ? createUnroutedNotice(log, findBundled) : undefined;
  const known = createKnownMethods(config.knownMethods);
  const takeValue = createTakeValue(known, config.tags);
  const values: (string | number | undefined)[] = kept.map(() => undefined);

  const streams = createStreamMetrics({
    meter,
    config,
    bounds,
    guard,
    attributes: kept,
    keep,
  });

  const slots = { http: new Map<string, ActiveRequests>(), https: new Map<string, ActiveRequests>() };
  const activeRequests = meter.createObservableUpDownCounter(ACTIVE, {
    description: 'Number of active HTTP server requests.',
    unit: '{request}',
    valueType: ValueType.INT,
  });
  const observe = guard(
    'observable',
    (observation: { observe(value: number, attributes: Attributes): void }) => {
      for (const slot of [...slots.http.values(), ...slots.https.values()]) {
        observation.observe(slot.count, slot.attributes);
      }
    },
  );
  activeRequests.addCallback(observe);

  return {
    /** @param given the method as it arrived */
    active(given: string, scheme: 'http' | 'https'): ActiveRequests {
      // Only known methods have a slot, and most requests have one of these.
      const same = slots[scheme].get(given);
      if (same !== undefined) return same;
      const method = known(given);
      let slot = slots[scheme].get(method);
      if (slot === undefined) {
        const attributes: Attributes = {};
        if (keep(METHOD)) attributes[METHOD] = method;
        if (keep('url.scheme')) attributes['url.scheme'] = scheme;
        slot = { method, attributes, count: 0 };
        slots[scheme].set(method, slot);
      }
      return slot;
    },
    /** @param seconds from when the request's head was read to the end of the response */
    record(seconds: number, exchange: Exchange): void {
      noteRoute?.(exchange.route, exchange.status);
      for (let i = 0; i < kept.length; i++) values[i] = takeValue(kept[i] ?? '', exchange);
      const { streamKind, details } = exchange;
      if (streamKind !== undefined) {
        streams.record(seconds, values, streamKind);
        if (details === undefined && exchange.busySeconds === undefined) return;
      }
      const series = admission.admit(values);
      if (streamKind === undefined) series.duration.record(seconds);
      if (details !== undefined) series.details?.record(details);
      if (exchange.busySeconds !== undefined) series.cpu?.record(exchange.busySeconds);
    },
    watchStreams: streams.watch,
    stop() {
      activeRequests.removeCallback(observe);
      streams.stop();
    },
  };
}

export type RequestMetrics = ReturnType<typeof createRequestMetrics>;
