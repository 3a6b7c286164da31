import type { Attributes, Meter } from '@opentelemetry/api';
import type { Config } from '../../config/config.ts';
import { type Bind, type BoundSeries, binder } from '../bound-series.ts';
import { createHistogram } from '../histogram.ts';
import type { Details } from './details.ts';

const QUEUE = 'http.server.request.queue.duration';
const FIRST_BYTE = 'http.server.request.time_to_first_byte';
const REQUEST_SIZE = 'http.server.request.body.size';
const RESPONSE_SIZE = 'http.server.response.body.size';

/** The details of the requests of one series. */
export interface DetailSeries {
  record(details: Details): void;
  /** Those of the instruments; undefined for each that is not configured. */
  readonly all: readonly (BoundSeries | undefined)[];
}

/** In bytes, by powers of four from 256 to 64 Mi. */
const SIZES = Array.from({ length: 10 }, (_, i) => 4 ** (i + 4));

/**
 * What is measured of requests only if it is configured: `http.server.request.queue.duration` and
 * `http.server.request.time_to_first_byte` (seconds), `http.server.request.body.size` and `http.server.response.body.size` (bytes).
 * https://opentelemetry.io/docs/specs/semconv/http/http-metrics/#metric-httpserverrequestbodysize
 *
 * @returns a function that makes a series of each of them
 */
export function createDetailMetrics(meter: Meter, config: Config): (attributes: Attributes) => DetailSeries {
  const histogram = (name: string, unit: 's' | 'By', description: string): Bind =>
    binder(
      createHistogram(
        meter,
        name,
        { description, unit, ...(unit === 'By' && { boundaries: SIZES }) },
        config.buckets,
      ),
    );
  const queue = config.queue
    ? histogram(QUEUE, 's', 'How long HTTP server requests waited before the app saw them.')
    : undefined;
  const firstByte = config.firstByte
    ? histogram(
        FIRST_BYTE,
        's',
        'Time from the head of HTTP server requests to the first byte of the answer.',
      )
    : undefined;
  const requestSize = config.bodySize
    ? histogram(REQUEST_SIZE, 'By', 'Size of HTTP server request bodies.')
    : undefined;
  const responseSize = config.bodySize
    ? histogram(RESPONSE_SIZE, 'By', 'Size of HTTP server response bodies.')
    : undefined;

  return (attributes) => {
    const series = {
      queue: queue?.(attributes),
      firstByte: firstByte?.(attributes),
      requestSize: requestSize?.(attributes),
      responseSize: responseSize?.(attributes),
    };
    return {
      all: Object.values(series),
      record({ queueSeconds, firstByteSeconds, requestBytes, responseBytes }) {
        if (queueSeconds !== undefined) series.queue?.record(queueSeconds);
        if (firstByteSeconds !== undefined) series.firstByte?.record(firstByteSeconds);
        if (requestBytes !== undefined) series.requestSize?.record(requestBytes);
        if (responseBytes !== undefined) series.responseSize?.record(responseBytes);
      },
    };
  };
}
