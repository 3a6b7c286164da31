import { type DataPoint, type Histogram, InstrumentType, type MetricData } from '@opentelemetry/sdk-metrics';
import type { Frame } from './dialects/dialect.ts';
import { frameOf, type NameOptions } from './names.ts';

/** How much of a series has been sent: of its value, or of its buckets and the sum of their values. */
export interface Sent {
  readonly frame: Frame | undefined;
  /** The number of the collection that had it last, and its histogram there. */
  collection: number;
  histogram: Histogram | undefined;
  /** The series has ended: all of it has been sent, and if it comes back it begins anew. */
  ended: boolean;
  /** A counter's value in the last collection, and its total from before its last reset. */
  seen: number;
  before: number;
  value: number;
  count: number;
  sum: number;
  /** The sum is that of the recorded values, not of the samples sent for them. */
  exact: boolean;
  counts: number[];
}

type Attributes = DataPoint<unknown>['attributes'];

/** What has been sent of the series of one metric, which are found first by the object that the SDK mostly reuses. */
export interface SentSeries {
  of(metric: MetricData, attributes: Attributes): Sent;
  /** The same, and notes that the series is in a collection. */
  in(collection: number, metric: MetricData, attributes: Attributes): Sent;
  /** Forgets the series that have ended: those of synchronous instruments are in every collection until then. */
  forgetEnded(collection: number): void;
}

/** @param lasting whether to remember series across collections */
export function createSentSeries(
  options: NameOptions,
  { descriptor }: MetricData,
  lasting: boolean,
): SentSeries {
  const byObject = new WeakMap<Attributes, Sent>();
  const byValue = new Map<string, Sent>();
  const isSynchronous = SYNCHRONOUS.includes(Reflect.get(descriptor, 'type'));

  const find = (metric: MetricData, attributes: Attributes): Sent => {
    let sent = byObject.get(attributes);
    if (sent?.ended === false) return sent;
    const key = JSON.stringify(Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1)));
    sent = byValue.get(key);
    if (sent === undefined) {
      sent = nothingSent(frameOf(metric, attributes, options));
      if (lasting) byValue.set(key, sent);
    }
    byObject.set(attributes, sent);
    return sent;
  };

  return {
    of: find,
    in(collection, metric, attributes) {
      const sent = find(metric, attributes);
      sent.collection = collection;
      return sent;
    },
    forgetEnded(collection) {
      if (!isSynchronous) return;
      for (const [key, sent] of byValue) {
        if (sent.collection === collection) continue;
        sent.ended = true;
        byValue.delete(key);
      }
    },
  };
}

const SYNCHRONOUS: readonly unknown[] = [InstrumentType.COUNTER, InstrumentType.HISTOGRAM];

function nothingSent(frame: Frame | undefined): Sent {
  return {
    frame,
    collection: 0,
    histogram: undefined,
    ended: false,
    seen: 0,
    before: 0,
    value: 0,
    count: 0,
    sum: 0,
    exact: true,
    counts: [],
  };
}
