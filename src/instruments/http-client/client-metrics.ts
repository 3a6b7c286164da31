import type { Meter } from '@opentelemetry/api';
import type { Config } from '../../config/config.ts';
import type { Bounds } from '../../views/admission/bounds.ts';
import { createHttpAdmission } from '../../views/admission/collapsing.ts';
import { createAttributeFilter } from '../../views/attribute-filter.ts';
import { BOUND_END, binder } from '../bound-series.ts';
import { createHistogram } from '../histogram.ts';
import { ATTRIBUTES, type Call } from './attributes.ts';

const DURATION = 'http.client.request.duration';

/** @param seconds from the app's request until the response has been read or the request has failed */
export type RecordCall = (seconds: number, call: Call) => void;

/**
 * `http.client.request.duration` (histogram, seconds). The number of series is bounded for the life of the process:
 * beyond that, a crawler's host names share one series.
 * https://opentelemetry.io/docs/specs/semconv/http/http-metrics/#metric-httpclientrequestduration
 */
export function createClientMetrics(
  meter: Meter,
  config: Pick<Config, 'attributes' | 'buckets'>,
  bounds: Bounds,
): RecordCall {
  const duration = createHistogram(
    meter,
    DURATION,
    { description: 'Duration of HTTP client requests.', unit: 's' },
    config.buckets,
  );
  const keep = createAttributeFilter(config.attributes, (name) =>
    ATTRIBUTES.some((attribute) => attribute.name === name && attribute.required),
  );
  const kept = ATTRIBUTES.filter(({ name }) => keep(name));
  const admission = createHttpAdmission({
    instrument: DURATION,
    attributes: kept.map(({ name }) => name),
    bounds,
    register: binder(duration),
    end: BOUND_END,
  });
  return (seconds, call) => admission.admit(kept.map(({ extract }) => extract(call))).record(seconds);
}
