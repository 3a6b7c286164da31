import type { Attributes } from '@opentelemetry/api';

/**
 * The value of an attribute for everything that has none of its own.
 * https://opentelemetry.io/docs/specs/semconv/registry/attributes/error/#error-type
 */
export const OTHER = '_OTHER';

/**
 * The series of measurements for which there is no other.
 * https://opentelemetry.io/docs/specs/otel/metrics/sdk/#overflow-attribute
 */
export const OVERFLOW: Attributes = Object.freeze({ 'otel.metric.overflow': true });

/** That of one instrument: an object of its own, as each series is. */
export const newOverflow = (): Attributes => Object.freeze({ ...OVERFLOW });

export const isOverflow = (attributes: Attributes): boolean => attributes['otel.metric.overflow'] === true;
