import { type Attributes, type Meter, ValueType } from '@opentelemetry/api';
import type { Config } from '../../config/config.ts';
import type { Guard } from '../../guest/guard.ts';
import type { Bounds } from '../../views/admission/bounds.ts';
import { createHttpAdmission, type HttpAdmission, type Value } from '../../views/admission/collapsing.ts';
import { BOUND_END, type BoundSeries, binder } from '../bound-series.ts';
import { forgetObserved } from '../forgetting.ts';
import { createHistogram } from '../histogram.ts';
import type { OpenStream, StreamKind } from './attributes.ts';

const DURATION = 'http.server.stream.duration';
const ACTIVE = 'http.server.active_streams';
const KIND = 'http.stream.kind';

/** In seconds: from a page that is left at once to a day. */
const BOUNDARIES = [1, 5, 15, 60, 300, 900, 3600, 14_400, 86_400];

export interface StreamMetricsOptions {
  readonly meter: Meter;
  readonly config: Config;
  readonly bounds: Bounds;
  readonly guard: Guard;
  /** The attributes of a request that are kept, in the order of the values that are recorded. */
  readonly attributes: readonly string[];
  readonly keep: (attribute: string) => boolean;
}

/**
 * `http.server.stream.duration` (histogram, seconds) and `http.server.active_streams` (up-down counter) of event streams
 * and of connections that were handed over: how long they last is up to both sides, and no latency. A process that serves
 * none has neither.
 */
export function createStreamMetrics(options: StreamMetricsOptions) {
  const { meter, config, bounds, guard, attributes, keep } = options;
  const counts = new Map<Attributes, number>();
  const active = meter.createObservableUpDownCounter(ACTIVE, {
    description: 'Number of event streams and upgraded connections that are open.',
    unit: '{stream}',
    valueType: ValueType.INT,
  });
  const openSeries = createHttpAdmission<Attributes>({
    instrument: ACTIVE,
    attributes: ['http.route', KIND],
    bounds,
    register: (open) => open,
    end: {
      forget: () => true,
      removed(open) {
        counts.delete(open);
        forgetObserved(active, open);
      },
    },
  });
  let series: HttpAdmission<BoundSeries> | undefined;
  let streams: () => Iterable<OpenStream> = () => [];
  const observe = guard(
    'observable',
    (observation: { observe(value: number, attributes: Attributes): void }) => {
      for (const seen of counts.keys()) counts.set(seen, 0);
      for (const { route, kind } of streams()) {
        const admitted = openSeries.admit([keep('http.route') ? route : undefined, kind]);
        counts.set(admitted, (counts.get(admitted) ?? 0) + 1);
      }
      for (const [each, count] of counts) observation.observe(count, each);
    },
  );
  active.addCallback(observe);

  const create = (): HttpAdmission<BoundSeries> => {
    const duration = createHistogram(
      meter,
      DURATION,
      {
        description: 'Duration of event streams and upgraded connections.',
        unit: 's',
        boundaries: BOUNDARIES,
      },
      config.buckets,
    );
    return createHttpAdmission({
      instrument: DURATION,
      attributes: [...attributes, KIND],
      bounds,
      register: binder(duration),
      end: BOUND_END,
    });
  };

  return {
    /** @param values of the attributes */
    record(seconds: number, values: readonly Value[], kind: StreamKind): void {
      series ??= create();
      series.admit([...values, kind]).record(seconds);
    },
    /** @param source gives the streams that are open */
    watch(source: () => Iterable<OpenStream>): void {
      streams = source;
    },
    stop: () => active.removeCallback(observe),
  };
}
