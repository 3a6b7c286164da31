import type { Attributes, Meter } from '@opentelemetry/api';
import type { Config } from '../../config/config.ts';
import { createHistogram } from '../histogram.ts';
import type { Details } from './details.ts';

export const QUEUE = 'http.server.request.queue.duration';
export const FIRST_BYTE = 'http.server.request.time_to_first_byte';
export const REQUEST_SIZE = 'http.server.request.body.size';
export const RESPONSE_SIZE = 'http.server.response.body.size';

/** In bytes, by powers of four from 256 to 64 Mi. */
const SIZES = Array.from({ length: 10 }, (_, i) => 4 ** (i + 4));

/**
 * What is measured of requests only if it is configured: `http.server.request.queue.duration` and
 * `http.server.request.time_to_first_byte` (seconds), `http.server.request.body.size` and `http.server.response.body.size` (bytes).
 * https://opentelemetry.io/docs/specs/semconv/http/http-metrics/#metric-httpserverrequestbodysize
 */
export function createDetailMetrics(meter: Meter, config: Config) {
  const histogram = (name: string, unit: 's' | 'By', description: string) =>
    createHistogram(
      meter,
      name,
      { description, unit, ...(unit === 'By' && { boundaries: SIZES }) },
      config.buckets,
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

  return (details: Details, series: Attributes): void => {
    const { queueSeconds, firstByteSeconds, requestBytes, responseBytes } = details;
    if (queueSeconds !== undefined) queue?.record(queueSeconds, series);
    if (firstByteSeconds !== undefined) firstByte?.record(firstByteSeconds, series);
    if (requestBytes !== undefined) requestSize?.record(requestBytes, series);
    if (responseBytes !== undefined) responseSize?.record(responseBytes, series);
  };
}
