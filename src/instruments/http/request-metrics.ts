import { type Attributes, type Histogram, type Meter, ValueType } from '@opentelemetry/api';
import type { Config } from '../../config/config.ts';
import type { Guard } from '../../guest/guard.ts';
import type { Log } from '../../guest/log.ts';
import { createHttpAdmission } from '../../views/admission/collapsing.ts';
import { createAttributeFilter } from '../../views/attribute-filter.ts';
import { createHistogram } from '../histogram.ts';
import { ATTRIBUTES, createKnownMethods, type Exchange, tagAttributes } from './attributes.ts';
import { createDetailMetrics, FIRST_BYTE, QUEUE, REQUEST_SIZE, RESPONSE_SIZE } from './detail-metrics.ts';
import { createSeriesNumbers } from './series.ts';
import { createStreamMetrics } from './stream-metrics.ts';
import { createUnroutedNotice } from './unrouted.ts';

const DURATION = 'http.server.request.duration';
const CPU = 'http.server.request.cpu.duration';
const ACTIVE = 'http.server.active_requests';
const METHOD = 'http.request.method';

/** Requests in progress with one method and scheme: a plain integer, read when metrics are collected. */
export interface ActiveRequests {
  readonly attributes: Attributes;
  count: number;
}

export interface RequestMetricsOptions {
  readonly meter: Meter;
  /** The name of the meter's instrumentation scope. */
  readonly scope: string;
  readonly config: Config;
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
export function createRequestMetrics({
  meter,
  scope,
  config,
  log,
  guard,
  findBundled,
}: RequestMetricsOptions) {
  const histogram = (name: string, description: string): Histogram =>
    createHistogram(meter, name, { description, unit: 's' }, config.buckets);
  const duration = histogram(DURATION, 'Duration of HTTP server requests.');
  const cpu = config.cpu ? histogram(CPU, 'How long HTTP server requests kept the thread busy.') : undefined;
  const attributes = [...ATTRIBUTES, ...tagAttributes(config.tags)];
  const keep = createAttributeFilter(config.attributes, (name) =>
    attributes.some((attribute) => attribute.name === name && attribute.required),
  );
  const kept = attributes.filter(({ name }) => keep(name));
  const numbers = createSeriesNumbers(scope, [DURATION, CPU, QUEUE, FIRST_BYTE, REQUEST_SIZE, RESPONSE_SIZE]);
  const recordDetails = createDetailMetrics(meter, config);
  const admission = createHttpAdmission({
    instrument: DURATION,
    attributes: kept.map(({ name }) => name),
    limit: config.cardinalityLimit,
    warn: (message) => log.warn(message),
    register: numbers.number,
  });
  const noteRoute = keep('http.route') ? createUnroutedNotice(log, findBundled) : undefined;
  const known = createKnownMethods(config.knownMethods);
  const extracts = kept.map(({ name, extract }) =>
    name === METHOD ? (exchange: Exchange) => known(exchange.method) : extract,
  );
  const values: (string | number | undefined)[] = extracts.map(() => undefined);

  const streams = createStreamMetrics({
    meter,
    config,
    log,
    guard,
    attributes: kept.map(({ name }) => name),
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
        slot = { attributes, count: 0 };
        slots[scheme].set(method, slot);
      }
      return slot;
    },
    /** @param seconds from when the request's head was read to the end of the response */
    record(seconds: number, exchange: Exchange): void {
      noteRoute?.(exchange.route, exchange.status);
      for (let i = 0; i < extracts.length; i++) values[i] = extracts[i]?.(exchange);
      const { streamKind, details } = exchange;
      if (streamKind !== undefined) {
        streams.record(seconds, values, streamKind);
        if (details === undefined && exchange.busySeconds === undefined) return;
      }
      const series = admission.admit(values);
      if (streamKind === undefined) duration.record(seconds, series);
      if (details !== undefined) recordDetails(details, series);
      if (exchange.busySeconds !== undefined) cpu?.record(exchange.busySeconds, series);
    },
    /** Must be applied to everything that a reader collects: the SDK holds numbers in place of attributes. */
    restore: numbers.restore,
    watchStreams: streams.watch,
    stop() {
      activeRequests.removeCallback(observe);
      streams.stop();
    },
  };
}

export type RequestMetrics = ReturnType<typeof createRequestMetrics>;
